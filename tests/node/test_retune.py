"""`Retune` as a node: a vocal comes to its notes, and is its singer's still."""

import copy
import pickle

import numpy as np
import pytest

from svcfx import Board, Lane, Retune, VoiceConversion
from svcfx.errors import ParamError
from svcfx.node import catalog

RATE = 44_100
NOTES = (57, 60, 59, 62)


def vocal(off_cents, vibrato_cents=0.0):
    """A vowel (frames,) of 0.6 s a note, each off by its own cents, and noise before the last note."""
    line = np.repeat(np.array(NOTES) + np.array(off_cents) / 100.0, int(0.6 * RATE))
    t = np.arange(len(line)) / RATE
    hz = 440.0 * 2.0 ** ((line + vibrato_cents / 100.0 * np.sin(2 * np.pi * 5.5 * t) - 69) / 12)
    sound = 0.1 * sum(np.sin(k * 2 * np.pi * np.cumsum(hz) / RATE) / k for k in range(1, 15))
    hiss = slice(int(1.65 * RATE), int(1.8 * RATE))
    sound[hiss] = np.random.default_rng(0).standard_normal(int(1.8 * RATE) - int(1.65 * RATE)) * 0.02
    return sound.astype(np.float32)


def cents(sound):
    """By how much the middles of the notes are off, (4, 30)."""
    found = VoiceConversion("vela").analyse(sound, RATE).f0_hz
    wanted = 440.0 * 2.0 ** ((np.array(NOTES) - 69) / 12)
    return 1200 * np.log2(np.stack([found[s : s + 30] for s in range(12, 240, 60)]) / wanted[:, None])


OFF = (40.0, -45.0, 30.0, -20.0)
TRACK = Lane(tuple((0.6 * i, float(note)) for i, note in enumerate(NOTES)), "step")


def test_a_vocal_off_by_up_to_60_cents_comes_to_its_notes():
    sound = vocal((55.0, -58.0, 60.0, -40.0))
    made = Board([Retune()])(sound, RATE, automation={"retune.target_note": TRACK})
    assert made.shape == sound.shape
    assert np.median(np.abs(cents(sound))) > 40
    assert np.median(np.abs(cents(made))) < 8


def test_it_comes_to_a_scale_and_keeps_its_vibrato():
    made = cents(Retune("A minor")(vocal(OFF, 50.0), RATE))
    assert np.abs(made.mean(1)).max() < 15
    assert np.std(made) * np.sqrt(2) == pytest.approx(50.0, rel=0.12)


@pytest.mark.bytes
def test_at_0_and_where_nothing_has_a_pitch_every_bit_stays():
    sound = vocal(OFF)
    np.testing.assert_array_equal(Retune(retune=0.0)(sound, RATE), sound)
    hiss = slice(int(1.68 * RATE), int(1.76 * RATE))
    np.testing.assert_array_equal(Retune("A minor")(sound, RATE)[hiss], sound[hiss])
    noise = np.random.default_rng(1).standard_normal(RATE).astype(np.float32) * 0.1
    np.testing.assert_array_equal(Retune()(noise, RATE), noise)


def test_a_picture_in_stereo_stays():
    sound = vocal(OFF)
    both = Retune("A minor")(np.stack([sound, 0.25 * sound]), RATE)
    np.testing.assert_allclose(both[1], 0.25 * both[0], atol=1e-6)


def test_it_is_named_in_files_copied_and_pickled():
    node = catalog.make("Retune", {"scale": "Bb major", "retune_ms": 40.0})
    for again in (copy.deepcopy(node), pickle.loads(pickle.dumps(node)), Retune.from_dict(node.to_dict())):
        assert (again.scale, again.retune_ms, again.retune) == ("Bb major", 40.0, 1.0)
    with pytest.raises(ParamError, match="did you mean 'major'"):
        Retune("C mayor")


def test_a_stream_is_refused_by_name():
    with pytest.raises(ParamError, match="Retune looks a second ahead, and a stream may lag no more"):
        Board([Retune()])(vocal(OFF)[:5000], RATE, reset=False)
