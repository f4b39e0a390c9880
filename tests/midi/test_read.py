"""A file becomes a song with nothing lost, or is refused by name."""

import re
import struct

import mido
import pytest

from svcfx.errors import MidiError
from svcfx.midi import parse, read


def test_tempo_and_meter_are_read_from_any_track(write):
    song = write.song(
        [write.named("melody"), *write.note(60, 0)],
        [write.meta("set_tempo", tick=960, tempo=250_000), write.meta("time_signature", numerator=3)],
    )
    assert song.tempo_map.seconds(1920) == pytest.approx(1.0 + 0.5)
    assert song.tempo_map.seconds_of_bar(2) == pytest.approx(1.25)


def test_markers_cues_and_keys_carry_their_seconds(write):
    song = write.song(
        [
            write.meta("marker", tick=960, text="chorus"),
            write.meta("cue_marker", tick=480, text="lights"),
            write.meta("key_signature", tick=1920, key="F#m"),
        ]
    )
    assert (song.markers[0].text, song.markers[0].seconds) == ("chorus", 1.0)
    assert (song.cues[0].text, song.cues[0].seconds) == ("lights", 0.5)
    assert (song.key_signatures[0].name, song.key_signatures[0].seconds) == ("F# minor", 2.0)


@pytest.mark.parametrize(
    ("key", "name"),
    [("Cb", "Cb major"), ("C#", "C# major"), ("Bbm", "Bb minor"), ("A#m", "A# minor"), ("F", "F major")],
)
def test_each_key_signature_has_its_name(write, key, name):
    assert write.song([write.meta("key_signature", key=key)]).key_signatures[0].name == name


def test_a_note_on_with_velocity_zero_ends_the_note(write):
    events = [
        (0, mido.Message("note_on", note=64, velocity=80)),
        (240, mido.Message("note_on", note=64, velocity=0)),
    ]
    (note,) = write.song([write.named("lead"), *events]).track("LEAD").notes
    assert (note.tick, note.end_tick, note.number, note.channel) == (0, 240, 64, 1)


def test_a_note_that_never_ends_lasts_as_long_as_its_track(write):
    events = [(0, mido.Message("note_on", note=64, velocity=80)), write.meta("end_of_track", tick=1920)]
    assert write.song(events).tracks[0].notes[0].end_tick == 1920


def test_a_type_0_file_is_split_by_channel(write):
    song = write.song([*write.note(60, 0, channel=0), *write.note(62, 0, channel=9)], form=0)
    assert [track.name for track in song.tracks] == ["channel 1", "channel 10"]
    assert song.track("channel 10").notes[0].number == 62


def test_a_type_0_file_of_one_channel_keeps_its_name(write):
    assert write.song([write.named("key"), *write.note(60, 0, channel=4)], form=0).has_track("Key")


def test_names_are_utf8_and_harmless_on_a_terminal(write):
    text = "Strophe zwei: für Änne".encode().decode("latin-1") + "\x1b[31m\x00"
    assert write.song([write.named(text)]).tracks[0].name == "Strophe zwei: für Änne[31m"


def test_an_smpte_offset_is_honoured_and_its_hour_is_a_reel(write):
    offset = write.meta("smpte_offset", frame_rate=25, hours=1, minutes=0, seconds=2, frames=5, sub_frames=0)
    song = write.song([offset, write.meta("marker", tick=480, text="A")])
    assert song.markers[0].seconds == pytest.approx(2.2 + 0.5)
    said = [remark.text for remark in song.remarks]
    assert any("2.200 s" in text for text in said)
    assert any("reel" in text for text in said)


def test_chunks_of_other_kinds_are_skipped(write):
    data = write.as_bytes([write.named("key")])
    alien = b"XFIH" + struct.pack(">I", 3) + b"abc"
    assert parse(data[:14] + alien + data[14:], "x.mid").has_track("key")


def header(form: int = 1, tracks: int = 1, division: int = 480) -> bytes:
    return b"MThd" + struct.pack(">IHHH", 6, form, tracks, division)


def track(body: bytes) -> bytes:
    return b"MTrk" + struct.pack(">I", len(body)) + body


END = b"\x00\xff\x2f\x00"
REFUSED = {
    "type 2": (header(form=2) + track(END), "type 2"),
    "type 7": (header(form=7) + track(END), "type 7"),
    "SMPTE division": (header(division=0xE728) + track(END), "SMPTE frames"),
    "division of 0": (header(division=0) + track(END), "0 ticks per quarter"),
    "text": (b"hello, this is text", "is no MIDI file"),
    "empty": (b"", "is no MIDI file"),
    "RIFF": (b"RIFF\x10\x00\x00\x00RMIDdata", "is no MIDI file"),
    "half a header": (b"MThd\x00\x00", "truncated"),
    "no tracks": (header(tracks=0), "holds 0 tracks"),
    "missing track": (header(tracks=2) + track(END), "holds 1 tracks, its header says 2"),
    "cut track": ((header() + track(END))[:-2], "should have 4 bytes, 2 are there"),
    "running status from nothing": (header() + track(b"\x00\x40\x40" + END), "a data byte where an event"),
    "running status after sysex": (header() + track(b"\x00\xf0\x01\xf7\x00\x40\x40" + END), "a data byte"),
    "a number of five bytes": (
        header() + track(b"\x81\x81\x81\x81\x01\xff\x2f\x00"),
        "a time of 270,549,121, where 268,435,455 is the most",
    ),
    "a long meta event": (header() + track(b"\x00\xff\x06\xff\xff\xff\x7f"), "middle of an event"),
    "a number without an end": (header() + track(b"\x80" * 9 + END), "a time of more than 8 bytes"),
    "over 24 hours": (header(division=1) + track(b"\xff\xff\xff\x7f\xff\x2f\x00"), "hours, at most 24"),
    "too many events": (
        header() + track(b"\x00\xc0\x00" + b"\x00\x00" * 100_001 + END),
        "more than 100,000 events",
    ),
}


LEFT_OUT = {
    "realtime status": (b"\x00\xf8", "status 0xf8", "track"),
    "song position": (b"\x00\xf2\x01\x02", "status 0xf2", "track"),
    "data over 127": (b"\x00\x90\x3e\xc8", "a note with a data byte of 200", "track"),
    "pressure over 127": (b"\x00\xd0\xc8", "channel pressure with a data byte of 200", "track"),
    "tempo of 0": (b"\x00\xff\x51\x03\x00\x00\x00", "a tempo of 0", "time"),
    "tempo of two bytes": (b"\x00\xff\x51\x02\x07\xa1", "a tempo of 2 bytes", "time"),
    "time signature 0/4": (b"\x00\xff\x58\x04\x00\x02\x18\x08", "0/4", "time"),
    "time signature 4/2^200": (b"\x00\xff\x58\x04\x04\xc8\x18\x08", r"4/2\^200", "time"),
    "a start at minute 75": (b"\x00\xff\x54\x05\x00\x4b\x00\x00\x00", "no time of day", "time"),
    "eight flats": (b"\x00\xff\x59\x02\xf8\x00", "8 flats", "signatures"),
    "an unknown mode": (b"\x00\xff\x59\x02\x00\x07", "mode 7", "signatures"),
}
PLAIN = b"\x00\xff\x51\x03\x07\xa1\x20\x00\x90\x3c\x40\x83\x60\x80\x3c\x40"


@pytest.mark.parametrize("case", LEFT_OUT)
def test_an_event_that_makes_no_sense_costs_itself_and_a_remark(case):
    event, words, about = LEFT_OUT[case]
    plain = parse(header() + track(PLAIN + END), "song.mid")
    song = parse(header() + track(event + PLAIN + END), "song.mid")
    (remark,) = song.remarks
    assert re.search(words, remark.text)
    assert (remark.about, "'song.mid', track 1, byte 0" in remark.text) == (about, True)
    assert (song.tracks[0].notes, song.tempo_map) == (plain.tracks[0].notes, plain.tempo_map)


def test_many_oddities_are_one_sentence_a_track():
    (remark,) = parse(header() + track(b"\x00\xf8" * 500 + PLAIN + END), "song.mid").remarks
    assert "the first of 500" in remark.text


def test_bodies_of_sysex_are_stepped_over_whatever_they_hold():
    sysex = b"\x00\xf0\x03\x43\x12\x00\x00\xf7\x02\xf3\x01\x00\xf7\x03\xff\x2f\x00"
    song = parse(header() + track(sysex + PLAIN + END), "song.mid")
    assert song.remarks == ()
    assert len(song.tracks[0].notes) == 1


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_by_name(case):
    data, words = REFUSED[case]
    with pytest.raises(MidiError, match=words) as caught:
        parse(data, "song.mid")
    assert "song.mid" in str(caught.value)


def test_a_missing_file_names_its_neighbour(tmp_path):
    (tmp_path / "song.mid").write_bytes(b"")
    with pytest.raises(MidiError, match=r"did you mean 'song\.mid'"):
        read(tmp_path / "sogn.mid")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(MidiError, match="is no file"):
        read(tmp_path)


def test_a_file_over_one_megabyte_is_refused_unread(tmp_path):
    path = tmp_path / "big.mid"
    path.write_bytes(header() + track(b"\x00\xff\x06" + b"\xff\x7f" + bytes(999_999)))
    with pytest.raises(MidiError, match="at most 1,000,000 are read"):
        read(path)


def test_two_tracks_of_one_name_are_not_guessed_between(write):
    with pytest.raises(MidiError, match="has 2 tracks named 'key'"):
        write.song([write.named("key")], [write.named("KEY")]).track("key")


def test_an_unknown_track_names_the_nearest(write):
    with pytest.raises(MidiError, match="did you mean 'strings'"):
        write.song([write.named("strings")]).track("string")
