"""What a MIDI file or a session names and does not hold is an error or a warning, never nothing."""

import numpy as np
import pytest
from click.testing import CliRunner
from field import midi_files as files

from svcfx.cli.main import main
from svcfx.errors import MidiError
from svcfx.midi import key_lane, parse

SONG = files.song(files.CONDUCTOR, files.KEY)
BAR_5_SECONDS = 16 * 60 / 90  # sixteen quarters at 90 a minute


def test_a_key_track_that_the_session_names_must_be_there(tmp_path):
    with pytest.raises(MidiError, match="no track named 'Key Changes'") as caught:
        files.notes(tmp_path, SONG, 'key_track = "Key Changes"')
    assert caught.value.hint == "its tracks are Tempo, key"


@pytest.mark.parametrize("written", ["key", "KEY", " Key ", "ｋｅｙ"])
def test_letter_case_and_width_do_not_hide_a_key_track(tmp_path, written):
    plan = files.planned(tmp_path, SONG, f'key_track = "{written}"')
    assert warnings(plan) == []
    assert [part.semitones for part in plan.keys] == [0.0, 2.0]


@pytest.mark.parametrize(
    ("name", "encoding", "title"),
    [
        ("调", "gbk", "GBK"),
        ("転調", "shift_jis", "Shift-JIS"),
        ("тон", "cp1251", "Windows-1251"),
        ("Tonalité", "mac_roman", "Mac Roman"),
        ("전조", "cp949", "EUC-KR"),
    ],
)
def test_a_key_track_in_another_encoding_is_offered(tmp_path, name, encoding, title):
    data = files.song(files.CONDUCTOR, files.chunk(files.named(name.encode(encoding)) + files.held(60, 62)))
    shown = parse(data, "song.mid").tracks[1].name
    with pytest.raises(MidiError, match=f"'{name}' in {title}") as caught:
        files.notes(tmp_path, data, f'key_track = "{name}"')
    assert f"its track '{shown}'" in caught.value.message
    plan = files.planned(tmp_path, data, f'key_track = "{shown}"')  # as the offer says
    assert [part.semitones for part in plan.keys] == [0.0, 2.0]


def test_utf16_with_its_mark_is_read_as_what_it_says(tmp_path):
    data = files.song(files.CONDUCTOR, files.chunk(files.named("key".encode("utf-16")) + files.held(60, 62)))
    assert [part.semitones for part in files.planned(tmp_path, data).keys] == [0.0, 2.0]


def test_asking_for_the_key_track_where_none_is_is_a_warning(tmp_path):
    data = files.song(files.CONDUCTOR, files.chunk(files.named(b"changes") + files.held(60, 62)))
    (said,) = warnings(files.planned(tmp_path, data, 'key_from = "track"'))
    assert "no track named 'key'" in said
    assert "Tempo, changes" in said
    assert warnings(files.planned(tmp_path, data)) == []


@pytest.mark.parametrize(
    ("midi", "words"), [("", "has no notes and no tuning"), ('key_from = "signatures"', "no key signatures")]
)
def test_a_key_source_that_says_no_key_is_a_warning(tmp_path, midi, words):
    (said,) = warnings(
        files.planned(tmp_path, files.song(files.CONDUCTOR, files.chunk(files.named(b"key"))), midi)
    )
    assert words in said


@pytest.mark.parametrize("said", [1, 0])
def test_tracks_behind_the_header_s_count_are_read(said):
    data = files.header(said) + files.CONDUCTOR + files.KEY
    song = parse(data, "song.mid")
    assert [track.name for track in song.tracks] == ["Tempo", "key"]
    assert f"says {said} tracks, 2 are there: all are read" in song.remarks[0].text
    assert key_lane(song).at(np.array([BAR_5_SECONDS + 0.1]))[0] == pytest.approx(2.0)


def test_several_tracks_in_a_type_0_file_keep_their_names():
    song = parse(files.header(1, form=0) + files.CONDUCTOR + files.KEY, "song.mid")
    assert [track.name for track in song.tracks] == ["Tempo", "key"]


def test_a_file_without_a_tempo_says_that_120_is_assumed(tmp_path):
    data = files.song(files.chunk(files.named(b"clip")), files.KEY)
    (said,) = warnings(files.planned(tmp_path, data))
    assert said == "'song.mid' names no tempo: 120 is assumed"
    path = files.session(tmp_path, data)
    strict = CliRunner().invoke(main, ["render", str(path), "--dry-run", "--strict"])
    assert strict.exit_code == 4
    assert "names no tempo" in strict.output
    shown = CliRunner().invoke(main, ["midi", "show", str(tmp_path / "song.mid")]).output
    assert "120 quarters a minute (assumed)" in shown


def test_a_tempo_that_comes_late_is_told_with_the_stretch_it_leaves_open(tmp_path):
    late = files.meta(0x51, files.BPM_90.to_bytes(3, "big"), delta=files.BAR)
    (said,) = warnings(files.planned(tmp_path, files.song(files.chunk(late), files.KEY)))
    assert "for its first 2.000 s" in said  # one bar of 4/4 at 120


def test_a_tempo_behind_set_up_messages_is_the_song_s(tmp_path):
    late = files.meta(0x51, files.BPM_90.to_bytes(3, "big"), delta=10)
    assert warnings(files.planned(tmp_path, files.song(files.chunk(late), files.KEY))) == []


def warnings(plan):
    return files.warnings(plan.notes)
