"""Laws of the line that is drawn to notes, on lines that were made off them by known amounts."""

import numpy as np
import pytest

from svcfx.chain.pitch.melody import Melody, at_work, drawn
from svcfx.chain.scales import CHROMATIC, scale
from svcfx.chain.voice import AT_REST
from svcfx.lanes import Lane

FRAME = 0.01
MELODY = [60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60, 55]


def hertz(semitones):
    return 440.0 * 2.0 ** ((np.asarray(semitones) - 69.0) / 12.0)


def cents(f0, reference):
    return 1200.0 * np.log2(f0 / reference)


def curves(**knobs):
    lanes = {
        name: value if isinstance(value, Lane) else Lane.constant(value) for name, value in knobs.items()
    }
    return {**AT_REST, "retune": Lane.constant(1.0), "retune_ms": Lane.constant(0.0), **lanes}


def sung(notes, seconds=0.5, off=0.0, vibrato=0.0, hz=5.5, frame=FRAME):
    """Semitones (T,) of notes in a row, each `off` by cents of its own, with a vibrato in cents."""
    frames = round(seconds / frame)
    line = np.repeat(np.asarray(notes, float) + np.asarray(off) / 100.0, frames)
    return line + vibrato / 100.0 * np.sin(2 * np.pi * hz * np.arange(len(line)) * frame)


def tuned(line, notes=CHROMATIC, frame=FRAME, voiced=None, **knobs):
    """The line (semitones) as it is drawn, in Hz."""
    voiced = np.ones(len(line)) if voiced is None else voiced
    return drawn(hertz(line) * voiced, voiced, Melody(notes, frame), curves(**knobs))


def notes_lane(notes, seconds=0.5):
    return Lane(tuple((i * seconds, float(note)) for i, note in enumerate(notes)), "step")


@pytest.mark.parametrize("frame", [0.01, 512 / 44100], ids=["10 ms", "512 samples"])
@pytest.mark.parametrize("vibrato", [0.0, 50.0])
def test_a_melody_off_by_60_cents_comes_to_the_notes_of_a_track(frame, vibrato):
    off = np.random.default_rng(1).uniform(-60, 60, len(MELODY))
    line = sung(MELODY, off=off, vibrato=vibrato, frame=frame)
    made = tuned(line, frame=frame, target_note=notes_lane(MELODY), keep_vibrato=0.0)
    wanted = np.repeat(hertz(MELODY), round(0.5 / frame))
    assert np.median(np.abs(cents(hertz(line), wanted))) > 20
    assert np.median(np.abs(cents(made, wanted))) < 0.01
    assert np.percentile(np.abs(cents(made, wanted)), 90) < 8


@pytest.mark.parametrize("key", ["", "C major", "A minor"])
def test_a_melody_off_by_40_cents_comes_to_the_notes_of_its_key(key):
    off = np.random.default_rng(2).uniform(-40, 40, len(MELODY))
    made = tuned(sung(MELODY, off=off, vibrato=40.0), scale(key), keep_vibrato=0.0)
    error = np.abs(cents(made, np.repeat(hertz(MELODY), 50)))
    assert np.median(error) < 0.01
    assert np.percentile(error, 90) < 8


def test_a_line_between_two_notes_goes_to_the_one_that_the_key_has():
    assert cents(tuned(sung([61.4], 1.0), scale("C major")), hertz(62)) == pytest.approx(0.0, abs=0.01)
    assert cents(tuned(sung([61.4], 1.0)), hertz(61)) == pytest.approx(0.0, abs=0.01)


def test_at_0_every_bit_stays():
    line = sung(MELODY, off=30.0, vibrato=80.0)
    np.testing.assert_array_equal(tuned(line, retune=0.0, bias_cents=20.0), hertz(line))
    assert not at_work(curves(retune=0.0))
    assert at_work(curves(retune=Lane(((0.0, 0.0), (1.0, 0.5)))))


def test_a_lane_of_retune_leaves_what_lies_under_its_0():
    line = sung(MELODY, off=30.0)
    made = tuned(line, retune=Lane(((0.0, 0.0), (2.0, 1.0)), "step"))
    np.testing.assert_array_equal(made[:200], hertz(line)[:200])
    assert np.median(np.abs(cents(made[200:], hertz(np.repeat(MELODY, 50)[200:])))) < 0.01


def test_half_of_it_leaves_half_of_the_error():
    made = tuned(sung([60], 2.0, off=40.0), retune=0.5)
    assert cents(made, hertz(60)) == pytest.approx(20.0, abs=0.01)


@pytest.mark.parametrize("hz", [4.5, 5.5, 7.0])
@pytest.mark.parametrize("depth", [30.0, 60.0])
def test_vibrato_keeps_its_depth_while_its_middle_comes_to_the_note(hz, depth):
    made = cents(tuned(sung([60], 3.0, off=35.0, vibrato=depth, hz=hz)), hertz(60))[50:-50]
    assert np.std(made) * np.sqrt(2) == pytest.approx(depth, rel=0.05)
    assert abs(np.mean(made)) < 2.0


def test_what_is_slower_than_vibrato_is_detuning():
    made = cents(tuned(sung([60], 6.0, vibrato=40.0, hz=0.5)), hertz(60))
    assert np.abs(made[50:-50]).max() < 6.0


def test_the_line_comes_to_its_note_with_the_time_constant():
    made = cents(tuned(sung([60], 2.0, off=40.0), retune_ms=100.0), hertz(60))
    frames = np.arange(1, len(made) + 1)
    np.testing.assert_allclose(made, 40.0 * np.exp(-frames * 0.1), atol=0.01)


def test_held_notes_drift_where_it_is_human_and_short_ones_do_not():
    glide = sung([60], 3.0) + np.linspace(0.0, 0.4, 300)
    strict, human = (cents(tuned(glide, humanize=h), hertz(60)) for h in (0.0, 1.0))
    assert np.abs(strict[:-30]).max() < 2.0
    assert 5.0 < human[200] < 30.0
    np.testing.assert_allclose(human[:15], strict[:15], atol=1e-9)
    short = cents(tuned(sung(MELODY, 0.15, off=30.0), humanize=1.0), np.repeat(hertz(MELODY), 15))
    assert np.median(np.abs(short)) < 0.01


def test_the_bias_lies_above_the_note():
    assert cents(tuned(sung([60], 1.0, off=-30.0), bias_cents=12.0), hertz(60)) == pytest.approx(
        12.0, abs=0.01
    )


@pytest.mark.parametrize("octave", [-24, -12, 12, 24])
def test_a_track_in_another_octave_draws_to_the_same_notes(octave):
    line = sung(MELODY, off=45.0)
    there, elsewhere = (tuned(line, target_note=notes_lane(np.array(MELODY) + move)) for move in (0, octave))
    np.testing.assert_array_equal(there, elsewhere)


def test_a_leap_of_an_octave_is_sung():
    line = sung([60, 72, 60], off=20.0)
    np.testing.assert_allclose(cents(tuned(line), hertz(line)), -20.0, atol=0.01)


@pytest.mark.parametrize("late", [-0.12, 0.12])
def test_a_singer_who_is_early_or_late_is_not_drawn_to_the_note_before_or_after(late):
    shifted = Lane(tuple((max(t - late, 0.0), v) for t, v in notes_lane(MELODY).points), "step")
    made = tuned(sung(MELODY, off=20.0), target_note=shifted)
    assert np.abs(cents(made, np.repeat(hertz(MELODY), 50))).max() < 0.01


def test_a_vibrato_of_a_semitone_does_not_flip_to_the_next_note():
    made = cents(tuned(sung([60], 3.0, vibrato=90.0), keep_vibrato=0.0), hertz(60))
    assert np.abs(made).max() < 0.01


def test_short_notes_are_notes():
    made = tuned(sung(MELODY * 2, 0.08, off=25.0), keep_vibrato=0.0)
    assert np.median(np.abs(cents(made, np.repeat(hertz(MELODY * 2), 8)))) < 0.01


def test_breaths_stay_and_a_note_after_one_is_found_anew():
    line, voiced = sung(MELODY, off=30.0), np.ones(600)
    voiced[130:160] = 0.0
    filled = np.where(voiced > 0, hertz(line), 123.4)
    made = drawn(filled, voiced, Melody(CHROMATIC, FRAME), curves())
    np.testing.assert_array_equal(made[130:160], 123.4)
    assert np.median(np.abs(cents(made, np.repeat(hertz(MELODY), 50))[voiced > 0])) < 0.01
    silent = np.where(voiced > 0, hertz(line), 0.0)
    assert not drawn(silent, voiced, Melody(CHROMATIC, FRAME), curves())[130:160].any()


@pytest.mark.bytes
@pytest.mark.parametrize("piece", [1, 32, 75, 256])
def test_a_line_in_pieces_is_the_line_as_a_whole(piece):
    line = hertz(sung(MELODY, off=30.0, vibrato=50.0))
    line[200:230] = 0.0
    knobs = curves(retune_ms=30.0, humanize=0.5, keep_vibrato=0.7, target_note=notes_lane(MELODY))
    melody = Melody(CHROMATIC, FRAME)
    made = [melody.push(line[first : first + piece], knobs) for first in range(0, len(line), piece)]
    made.append(melody.flush(knobs))
    np.testing.assert_array_equal(
        np.concatenate(made), drawn(line, (line > 0).astype(float), Melody(CHROMATIC, FRAME), knobs)
    )


def test_nothing_depends_on_more_than_it_says_lies_ahead():
    line = hertz(sung(MELODY, off=30.0, vibrato=50.0))
    ahead = Melody(CHROMATIC, FRAME).frames_ahead
    other = line.copy()
    other[300 + ahead :] = 333.0
    voiced = np.ones(len(line))
    one, two = (drawn(f0, voiced, Melody(CHROMATIC, FRAME), curves()) for f0 in (line, other))
    np.testing.assert_array_equal(one[:300], two[:300])


def test_thirds_of_a_scale_are_sung_above_a_melody_as_it_is_off():
    """C D E F G A B C in C major, each a third up: E F G A B C D E, as far off as before."""
    up = [64, 65, 67, 69, 71, 72, 74, 76]
    line = sung([60, 62, 64, 65, 67, 69, 71, 72], off=25.0)
    made = tuned(line, scale("C major"), retune=0.0, scale_steps=2.0)
    middles = np.tile(np.arange(50), 8) // 10 % 5 > 0  # away from where the notes change
    off = cents(made, np.repeat(hertz(up), 50))
    np.testing.assert_allclose(off[middles & np.roll(middles, -10)], 25.0, atol=0.01)


def test_a_moved_line_can_be_drawn_to_its_notes_too():
    line = sung([60, 62, 64], off=[30.0, -25.0, 10.0])
    made = tuned(line, scale("C major"), scale_steps=-2.0, keep_vibrato=0.0)
    assert np.median(np.abs(cents(made, np.repeat(hertz([57, 59, 60]), 50)))) < 0.01


def test_a_glide_between_notes_of_other_intervals_has_no_zigzag():
    """C glides to D in 80 ms; a third above, E glides to F, and at no time back."""
    glide = np.concatenate([np.full(60, 60.0), np.linspace(60.0, 62.0, 8), np.full(60, 62.0)])
    made = tuned(glide, scale("C major"), retune=0.0, scale_steps=2.0)
    assert np.diff(cents(made, 440.0)).min() > -12.0
    assert cents(made[0], hertz(64)) == pytest.approx(0.0, abs=0.01)
    assert cents(made[-1], hertz(65)) == pytest.approx(0.0, abs=0.01)


def test_a_part_of_its_own_is_sung_at_its_octave_with_the_vibrato_of_the_lead():
    part = [72, 71, 69, 67, 65, 64, 62, 60, 60, 60, 64, 48]
    line = sung(MELODY, vibrato=30.0)
    made = tuned(line, retune=0.0, part_note=notes_lane(part))
    off = cents(made, np.repeat(hertz(part), 50))
    assert np.median(off) == pytest.approx(0.0, abs=8.0)
    assert np.std(off[10:40]) > 15.0


def test_steps_of_no_scale_are_semitones_and_0_of_them_is_every_bit():
    line = sung(MELODY, off=30.0, vibrato=50.0)
    np.testing.assert_allclose(
        cents(tuned(line, retune=0.0, scale_steps=-7.0), hertz(line)), -700.0, atol=1e-6
    )
    lane = Lane(((0.0, 0.0), (5.0, 2.0)), "step")
    np.testing.assert_array_equal(tuned(line, retune=0.0, scale_steps=lane)[:480], hertz(line)[:480])
