"""`retune` of a voice: heard in what comes out, nothing at 0, refused where the line is not known ahead."""

import numpy as np
import pytest

import svcfx
from svcfx import Board, Lane
from svcfx.errors import ParamError

RATE = 44_100
NOTES = (57, 60, 59, 62, 64, 60)
SECONDS = 0.6


def song(off_cents, vibrato_cents=0.0):
    """A vowel-like tone (frames,) on `NOTES`, each off by its own cents, with a rest before the last."""
    frames = round(SECONDS * RATE)
    line = np.repeat(np.array(NOTES) + np.array(off_cents) / 100.0, frames)
    t = np.arange(len(line)) / RATE
    hz = 440.0 * 2.0 ** ((line + vibrato_cents / 100.0 * np.sin(2 * np.pi * 5.5 * t) - 69) / 12)
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    sound = 0.1 * sum(np.sin(k * phase) / k for k in range(1, 12))
    sound[5 * frames - RATE // 8 : 5 * frames] = 0.0
    return sound.astype(np.float32)


def off_the_notes(sound, semitones=0.0):
    """Cents (6, 40) by which the middles of the notes are off, as the tracker hears them."""
    found = svcfx.VoiceConversion("vela", pitch="swift").analyse(sound, RATE).f0_hz
    wanted = 440.0 * 2.0 ** ((np.array(NOTES) + semitones - 69) / 12)
    rows = [found[start : start + 30] for start in range(12, len(NOTES) * 60, 60)]
    return 1200 * np.log2(np.maximum(np.stack(rows), 1.0) / wanted[:, None])


@pytest.fixture(scope="module")
def off():
    return np.random.default_rng(4).uniform(-60, 60, len(NOTES))


TRACK = Lane(tuple((SECONDS * i, float(note)) for i, note in enumerate(NOTES)), "step")


@pytest.mark.parametrize("semitones", [0.0, 3.0])
def test_a_voice_sings_the_notes_that_its_singer_missed(clear_node, off, semitones):
    clear_node.transpose_semitones = semitones
    plain, tuned = (
        Board([clear_node])(song(off), RATE, automation={"voice.retune": r, "voice.target_note": TRACK})
        for r in (0.0, 1.0)
    )
    assert np.median(np.abs(off_the_notes(plain, semitones))) > 25
    assert np.median(np.abs(off_the_notes(tuned, semitones))) < 8


def test_a_vibrato_goes_on_about_its_note_or_goes(clear_node, off):
    clear_node.retune, clear_node.scale = 1.0, "C major"
    kept = off_the_notes(clear_node(song(off / 2, 50.0), RATE))
    assert np.std(kept) * np.sqrt(2) == pytest.approx(50.0, rel=0.1)
    clear_node.keep_vibrato = clear_node.retune_ms = 0.0
    assert np.median(np.abs(off_the_notes(clear_node(song(off / 2, 50.0), RATE)))) < 8


@pytest.mark.bytes
def test_at_0_every_bit_stays(node, stem, dry_node_output):
    node.scale, node.bias_cents, node.humanize, node.target_note = "A minor", 30.0, 1.0, 57
    np.testing.assert_array_equal(node(stem, RATE), dry_node_output)


def test_it_is_heard_and_keeps_length(node, stem, dry_node_output):
    node.retune, node.scale = 1.0, "Eb major"
    made = node(stem, RATE)
    assert made.shape == dry_node_output.shape
    assert np.abs(made - dry_node_output).max() > 1e-3


@pytest.mark.bytes
def test_a_stem_is_tuned_in_every_slice(clear_node, off):
    """Fourteen seconds are six slices, each of which waits for the next."""
    clear_node.retune, clear_node.scale = 1.0, "C major"
    once = song(off / 2)
    made = clear_node(np.tile(once, 4), RATE)
    for first in range(0, len(made), len(once)):
        assert np.median(np.abs(off_the_notes(made[first : first + len(once)]))) < 8
    assert np.abs(made[-len(once) // 6 :]).max() > 0.01


def test_a_stream_refuses_it_by_name_and_goes_on_without(node, stem):
    node.retune = 0.5
    with pytest.raises(ParamError, match="retune looks half a second ahead, which a stream cannot"):
        node(stem[:1000], RATE, reset=False)
    node.retune = 0.0
    assert node(stem[:1000], RATE, reset=False).shape[-1] <= 1000


def test_a_level_of_streams_and_a_melody_of_the_singer_s_own_are_refused(node):
    node.retune, node.level = 1.0, "card"
    with pytest.raises(ParamError, match="retune looks half a second ahead; with level = card"):
        node.check_curves({}, 1.0)


def test_a_scale_is_refused_where_it_is_set(node):
    with pytest.raises(ParamError, match="did you mean 'major'"):
        node.scale = "C mayor"
    assert node.scale == ""
    with pytest.raises(ParamError, match=r"retune is 1\.5 ratio, outside 0 to 1"):
        node.retune = 1.5


def test_a_copy_and_a_preset_keep_it(node):
    node.retune, node.scale = 0.75, "D dorian"
    again = svcfx.VoiceConversion.from_dict(node.to_dict())
    assert (again.retune, again.scale) == (0.75, "D dorian")


def test_a_third_above_is_sung_in_the_key(clear_node):
    clear_node.scale, clear_node.scale_steps = "A minor", 2.0
    off = off_the_notes(clear_node(song(np.zeros(6)), RATE))
    assert np.abs(np.median(off, axis=1) - 100 * np.array([3, 4, 3, 3, 3, 4])).max() < 8


def test_a_stream_refuses_steps_too(node, stem):
    node.scale_steps = 2.0
    with pytest.raises(ParamError, match="scale_steps looks half a second ahead"):
        node(stem[:1000], RATE, reset=False)
