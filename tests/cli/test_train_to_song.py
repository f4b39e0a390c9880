"""From recordings to a song: a small voice that learned to sing, in both precisions."""

import needs
import numpy as np
import pytest
from training.prepare.sung import melody, write
from training.vits import made
from voices import checkpoints

import svcfx
from svcfx.chain.analysis import analyse
from svcfx.chain.nets import precision
from svcfx.training.vits import recipe
from svcfx.voices import encoder

pytestmark = [pytest.mark.slow, needs.TRAIN]

RATE = 44100


@pytest.fixture(name="run")
def _run(svcfx):
    return svcfx


def test_a_trained_voice_sings_the_melody_and_half_the_bits_do_not_change_its_pitch(
    run, tmp_path, monkeypatch, home
):
    monkeypatch.setattr(recipe, "_SMALL", made.TINY)
    monkeypatch.setattr(recipe, "_NARROW", {"full": 1, "small": 128})
    monkeypatch.setattr(precision, "has_bf16", lambda device: True)
    source = _trained(run, tmp_path)
    whole, half = (_sung(source, name) for name in ("fp32", "bf16"))
    exact, rough = (analyse(audio, RATE, "swift", octave_repair=True).f0_hz for audio in (whole, half))
    assert not np.array_equal(half, whole)
    both = (exact > 0) & (rough > 0)  # after so few steps it hums where it should sing, and hisses elsewhere
    assert both.sum() > 30
    assert np.median(np.abs(1200.0 * np.log2(rough[both] / exact[both]))) < 3


def _trained(run, folder):
    """A voice called "me" that has seen ten seconds of a melody 60 times; returns another melody."""
    encoder.put(checkpoints.write_encoder(folder / "encoder"), "the tests")
    for seed in (1, 2):
        write(folder / f"takes/{seed}.wav", melody(5.0, seed=seed))
    steps = (
        ("prepare", folder / "takes", "--singer", "me", "--encoder", "vec256l9", "--jobs", 1),
        ("run", "dataset", "-o", "voices/me", "--family", "sovits40", "--size", "small", "--batch", 2,
         "--steps", 60, "--check-every", 60, "--rate", 2e-3, "-q"),
    )  # fmt: skip
    for step in steps:
        done = run("train", *step)
        assert done.exit_code == 0, done.output
    return melody(3.0, seed=3, pauses=False)


def _sung(source, name):
    node = svcfx.VoiceConversion(voice="me", precision=name)
    return node(source, RATE)
