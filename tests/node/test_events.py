"""A long conversion says what there is to say to whoever called it, and to nobody else."""

import warnings

import numpy as np
import pytest

import svcfx
from svcfx.errors import Cancelled, SvcfxWarning
from svcfx.events import Kept, Note

RATE = 16_000
LONG = (0.1 * np.sin(np.arange(RATE * 30) * 0.08)).astype(np.float32)


@pytest.mark.parametrize("stereo", ["mid", "dual_mono"])
def test_a_conversion_tells_its_share_from_0_to_1_in_order(synthetic_voice, stereo):
    board = svcfx.Board([svcfx.VoiceConversion(synthetic_voice, stereo=stereo)])
    told: list[float] = []
    board.perform(np.stack([LONG, LONG]), RATE, {}, Kept(lambda at: told.append(at.done_fraction)))
    assert told == sorted(told)
    assert len(told) >= 4
    assert all(0.0 < share <= 1.0 for share in told)
    assert told[-1] > 0.9


def test_a_note_goes_to_the_caller_each_time_and_is_no_warning(synthetic_voice):
    board = svcfx.Board([svcfx.VoiceConversion(synthetic_voice)])
    wide = np.stack([LONG[:RATE], -LONG[:RATE]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        heard = [Kept(), Kept()]
        for events in heard:
            board.perform(wide, RATE, {}, events)
    assert [note.code for note in heard[0].notes] == ["mid-dropped"]
    assert heard[0].notes == heard[1].notes
    with pytest.warns(SvcfxWarning, match="below the channels"):
        board(wide, RATE)


def test_events_change_no_sample(synthetic_voice):
    board = svcfx.Board([svcfx.VoiceConversion(synthetic_voice)])
    np.testing.assert_array_equal(board.perform(LONG[:RATE], RATE, {}, Kept()), board(LONG[:RATE], RATE))


@pytest.mark.usefixtures("small_crepe")
def test_a_slow_tracker_is_told_at_each_call_and_is_no_warning(synthetic_voice):
    node = svcfx.VoiceConversion(synthetic_voice, pitch="crepe")
    heard = [Kept(), Kept()]
    for events in heard:
        node.perform(LONG[: RATE // 10], RATE, {}, events)
    assert [note.code for note in heard[0].notes] == ["slow-tracker"]
    assert heard[0].notes == heard[1].notes
    assert not heard[0].notes[0].is_warning


def test_a_conversion_stops_soon_after_it_is_cancelled(synthetic_voice):
    told: list[float] = []
    events = Kept(lambda at: told.append(at.done_fraction), lambda: len(told) >= 2)
    board = svcfx.Board([svcfx.VoiceConversion(synthetic_voice)])
    with pytest.raises(Cancelled):
        board.perform(LONG, RATE, {}, events)
    assert len(told) == 2


def test_the_same_note_is_kept_once():
    events = Kept()
    for _ in range(3):
        events.note(Note("clips", "too loud"))
    assert events.notes == [Note("clips", "too loud")]
