"""Names of notes differ from program to program, and songs start before their reel."""

import pytest
from field import midi_files as files

from svcfx.midi import parse

DRAWN_C4 = {"Ableton Live": 72, "FL Studio": 48}  # where C3 is note 60, and where C5 is


@pytest.mark.parametrize("program", DRAWN_C4)
def test_a_key_track_an_octave_off_is_a_warning_with_the_three_names_of_note_60(tmp_path, program):
    as_played = DRAWN_C4[program]
    key = files.chunk(files.named(b"key") + files.held(as_played, as_played + 2))
    (said,) = files.warnings(files.notes(tmp_path, files.song(files.CONDUCTOR, key)))
    assert f"{as_played - 60:+} semitones" in said
    assert all(name in said for name in ("note 60", "C3", "C4", "C5"))


@pytest.mark.parametrize("numbers", [(60, 62), (60, 72), (55, 60), (48, 60), (66,), (54,)])
def test_a_key_that_is_near_note_60_at_any_time_is_nothing_to_say(tmp_path, numbers):
    key = files.chunk(files.named(b"key") + files.held(*numbers))
    assert files.warnings(files.notes(tmp_path, files.song(files.CONDUCTOR, key))) == []


def start(hours: int, minutes: int, seconds: int, frames: int = 0) -> bytes:
    """A file whose tick 0 lies there, at 25 frames a second."""
    smpte = files.meta(0x54, bytes([1 << 5 | hours, minutes, seconds, frames, 0]))
    return files.song(files.chunk(files.tempo() + smpte), files.KEY)


@pytest.mark.parametrize("clock", [(0, 59, 50), (0, 58, 0), (9, 59, 59, 24), (1, 0, 0), (0, 0, 0)])
def test_a_start_before_a_reel_is_the_session_s_start(clock):
    assert parse(start(*clock), "song.mid").tempo_map.seconds(0) == 0.0


def test_a_start_behind_a_reel_s_beginning_is_honoured():
    assert parse(start(1, 0, 2, 5), "song.mid").tempo_map.seconds(0) == pytest.approx(2 + 5 / 25)


def test_a_pre_roll_is_told(tmp_path):
    found = files.notes(tmp_path, start(0, 59, 50))
    assert any("00:59:50:00, 10.000 s before a reel" in note.text for note in found)
    assert files.warnings(found) == []


BAR_5 = 16 * 60 / 90


@pytest.mark.parametrize(
    ("midi", "seconds", "first"),
    [
        ("", 5.0, BAR_5),
        ("offset_seconds = -15.0", 20.0, BAR_5 - 15),
        ("offset_seconds = 60.0", 20.0, BAR_5 + 60),
    ],
)
def test_a_key_that_changes_only_outside_the_song_is_a_warning(tmp_path, midi, seconds, first):
    data = files.song(files.CONDUCTOR, files.KEY)
    (said,) = files.warnings(files.notes(tmp_path, data, midi, seconds=seconds))
    assert f"no key change lies inside the song, which ends at {seconds:.3f} s" in said
    assert f"the first is at {first:.3f} s" in said
    assert files.warnings(files.notes(tmp_path, data, seconds=20.0)) == []
