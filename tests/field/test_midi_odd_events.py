"""One event that makes no sense costs itself, not the song; whom it matters to hears a warning."""

import pytest
from field import midi_files as files

from svcfx.midi import key_lane, parse

PIANO = files.named(b"Piano")
UNUSED = {
    "eight sharps": files.meta(0x59, b"\x08\x00"),
    "mode 255": files.meta(0x59, b"\xfe\xff"),
    "a key signature of one byte": files.meta(0x59, b"\x02"),
    "a controller of 255": b"\x00\xb0\x07\xff",
    "a velocity of 200": b"\x00\x90\x3c\xc8",
    "a program of 130": b"\x00\xc0\x82",
    "a bend of 255": b"\x00\xe0\x00\xff",
    "a real-time clock": b"\x00\xf8",
    "active sensing": b"\x00\xfe",
    "a song select": b"\x00\xf3\x01",
    "a tuning request": b"\x00\xf6",
}
LEGAL = {
    "a split sysex": b"\x00\xf0\x03\x43\x12\x00\x60\xf7\x02\x43\xf7",
    "an escape that holds a song select": b"\x00\xf7\x02\xf3\x01",
    "an escape that holds an end of track": b"\x00\xf7\x03\xff\x2f\x00",
    "a sysex of high bytes": b"\x00\xf0\x04\xff\xfe\x80\xf7",
    "a meta event of an unknown kind": files.meta(0x4B, b"\xff\xff"),
    "a sequencer's own event": files.meta(0x7F, bytes(range(200))),
    "lyrics in an unknown encoding": files.meta(0x05, b"\xb5\xf7"),
}


def with_piano(event: bytes) -> bytes:
    return files.song(
        files.CONDUCTOR, files.KEY, files.chunk(PIANO + event + files.held(64, ticks=files.TICKS))
    )


@pytest.mark.parametrize("case", UNUSED)
def test_an_odd_event_that_nobody_uses_is_a_note(tmp_path, case):
    plain = parse(with_piano(b""), "song.mid")
    song = parse(with_piano(UNUSED[case]), "song.mid")
    assert key_lane(song) == key_lane(plain)
    assert song.track("Piano").notes == plain.track("Piano").notes
    assert "'song.mid', track 3, byte 9" in song.remarks[0].text  # behind the name, 4 + 5 bytes
    found = files.notes(tmp_path, with_piano(UNUSED[case]))
    assert files.warnings(found) == []
    assert any("left out" in note.text for note in found)


@pytest.mark.parametrize("case", LEGAL)
def test_what_is_legal_is_read_without_a_word(case):
    song = parse(with_piano(LEGAL[case]), "song.mid")
    assert song.remarks == ()
    assert len(song.track("Piano").notes) == 1


def test_a_lost_event_in_a_track_that_is_used_is_a_warning(tmp_path):
    key = files.chunk(files.named(b"key") + files.held(60) + b"\x00\x90\x3e\xc8" + files.held(64))
    (said,) = files.warnings(files.notes(tmp_path, files.song(files.CONDUCTOR, key)))
    assert "a note with a data byte of 200" in said


@pytest.mark.parametrize(
    ("event", "words"),
    [(files.tempo(0), "a tempo of 0"), (files.meta(0x58, b"\x00\x02\x18\x08"), "time signature 0/4")],
)
def test_a_lost_tempo_or_meter_is_always_a_warning(tmp_path, event, words):
    (said,) = files.warnings(files.notes(tmp_path, with_piano(event)))
    assert words in said


def test_a_lost_signature_is_a_warning_where_signatures_say_the_key(tmp_path):
    conductor = files.chunk(files.tempo() + files.meta(0x59, b"\x00\x00") + files.meta(0x59, b"\x08\x00"))
    data = files.song(conductor, files.KEY)
    (said,) = files.warnings(files.notes(tmp_path, data, 'key_from = "signatures"'))
    assert "8 sharps" in said


def test_a_time_signature_of_two_bytes_is_read():
    conductor = files.chunk(files.tempo() + files.meta(0x58, b"\x03\x02"))
    song = parse(files.song(conductor, files.KEY), "song.mid")
    assert song.tempo_map.seconds_of_bar(2) == pytest.approx(3 * 60 / 90, abs=1e-4)  # three quarters at 90
    assert song.remarks == ()
