"""Of a recording in which no single voice can be heard nothing is cloned, and the sentence says why."""

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import AudioFileError, VoiceError
from svcfx.training.cloning import reference

RATE = 22_050


def sung(seconds=6.0, hertz=220.0):
    """A vowel with vibrato and small gaps, shape (frames,)."""
    time = np.arange(round(seconds * RATE)) / RATE
    cycles = hertz * (time + 0.002 * np.sin(2 * np.pi * 5.0 * time))
    wave = sum(np.sin(2 * np.pi * k * cycles) / k for k in range(1, 12))
    return (0.1 * wave * (np.sin(np.pi * time) ** 2 > 0.02)).astype(np.float32)


@pytest.fixture
def written(tmp_path):
    def write(samples):
        path = tmp_path / "me.wav"
        audio.write(path, np.atleast_2d(samples).astype(np.float32), RATE)
        return path

    return write


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        (sung(4.9), "lasts 4.9 s, 5 s are the least"),
        (np.zeros(6 * RATE), "nothing to hear"),
        (np.clip(20.0 * sung(), -0.9, 0.9), "% of the samples .* are clipped"),
        (sung(hertz=220.0) + sung(hertz=277.2) + sung(hertz=329.6), "several voices or notes at once"),
        (0.1 * np.random.default_rng(0).standard_normal(6 * RATE), "s with a pitch, 2 s are the least"),
        (np.stack([sung(), -sung()]), "channels cancel each other"),
    ],
    ids=["short", "silent", "clipped", "chord", "noise", "cancelled"],
)
def test_what_cannot_be_cloned_from_is_refused_in_a_sentence(written, samples, sentence):
    with pytest.raises(VoiceError, match=sentence):
        reference.read(written(samples))


def test_what_is_no_audio_is_refused(tmp_path):
    path = tmp_path / "me.wav"
    path.write_bytes(b"no audio")
    with pytest.raises(AudioFileError):
        reference.read(path)


def test_stereo_is_mixed_and_that_is_said(written):
    one, two = reference.read(written(sung())), reference.read(written(np.stack([sung(), sung()])))
    np.testing.assert_allclose(one.mono, two.mono, atol=1e-6)
    assert one.notes == ()
    assert two.notes == ("its 2 channels were mixed to one",)


def test_a_long_recording_is_heard_for_a_minute(written):
    found = reference.read(written(np.tile(sung(), 11)))
    assert found.seconds == reference.MOST_SECONDS
    assert found.notes == ("the first 60 s of 66 were heard",)


def test_the_range_holds_what_was_heard_and_two_octaves(written):
    low, high = reference.read(written(sung(hertz=220.0))).range_hz
    assert 160.0 < low < 200.0
    assert high == pytest.approx(4.0 * low)
