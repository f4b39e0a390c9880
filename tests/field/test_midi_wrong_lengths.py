"""Lengths that are wrong: the track's own events say where it ends, or the refusal fits what is there."""

import struct

import pytest
from field import midi_files as files

from svcfx.errors import MidiError
from svcfx.midi import key_lane, parse

PLAIN = files.song(files.CONDUCTOR, files.KEY)
TEMPO, CHANGES = files.named(b"Tempo") + files.tempo(), files.named(b"key") + files.held(60, 62)
WHOLE = {"first": len(TEMPO) + 4, "last": len(CHANGES) + 4}


def file(
    first: int | None = None, last: int | None = None, between: bytes = b"", behind: bytes = b""
) -> bytes:
    tracks = files.chunk(TEMPO, length=first) + between + files.chunk(CHANGES, length=last)
    return files.header(2) + tracks + behind


READ = {
    "three bytes short, first": file(first=WHOLE["first"] - 3),
    "three bytes short, last": file(last=WHOLE["last"] - 3),
    "a byte short": file(first=WHOLE["first"] - 1),
    "four bytes short": file(last=WHOLE["last"] - 4),
    "three bytes long": file(first=WHOLE["first"] + 3),
    "long beyond the file": file(last=WHOLE["last"] + 1000),
    "never filled in": file(first=0, last=0),
    "all ones": file(first=2**32 - 1),
    "garbage between": file(between=b"\x85\x00\x00"),
    "zeros between": file(between=bytes(5)),
    "garbage behind": file(behind=b"\r\n\x1a"),
    "a foreign chunk between": file(between=b"XFIH" + struct.pack(">I", 3) + b"abc"),
    "bytes before the header": b"\xef\xbb\xbf" + PLAIN,
}


@pytest.mark.parametrize("case", READ)
def test_a_track_is_read_to_its_end_whatever_its_length_says(case):
    song, plain = parse(READ[case], "song.mid"), parse(PLAIN, "song.mid")
    assert (song.tracks, song.tempo_map) == (plain.tracks, plain.tempo_map)
    assert key_lane(song) == key_lane(plain)


@pytest.mark.parametrize("case", ["three bytes short, first", "three bytes short, last", "garbage between"])
def test_a_wrong_length_is_told(case):
    (remark,) = parse(READ[case], "song.mid").remarks
    assert "length of" in remark.text or "3 bytes that belong to no track" in remark.text


def riff(data: bytes, *before: bytes, size: int | None = None) -> bytes:
    stored = b"data" + struct.pack("<I", len(data) if size is None else size) + data + b"\0" * (len(data) % 2)
    body = b"RMID" + b"".join(before) + stored
    return b"RIFF" + struct.pack("<I", len(body)) + body


INFO = b"LIST" + struct.pack("<I", 15) + b"INFOINAM" + struct.pack("<I", 3) + b"abc" + b"\0"


@pytest.mark.parametrize("data", [riff(PLAIN), riff(PLAIN, INFO), riff(PLAIN, size=0)])
def test_a_riff_file_is_unwrapped(data):
    assert parse(data, "song.rmi").tracks == parse(PLAIN, "song.mid").tracks


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + bytes(16), "a RIFF file of kind 'WAVE' without MIDI data"),
        (file()[:-2], f"should have {WHOLE['last']} bytes, {WHOLE['last'] - 2} are there"),
        (file(last=2**32 - 1)[:-3], "none of them ends the track"),
        (file(first=WHOLE["first"] - 3)[:-30], "holds 1 tracks, its header says 2"),
    ],
)
def test_what_is_not_all_there_is_refused_in_words_that_fit(data, words):
    with pytest.raises(MidiError, match=words) as caught:
        parse(data, "song.mid")
    assert "song.mid" in caught.value.message


def test_a_time_of_five_bytes_is_read_when_its_value_needs_no_more():
    padded = files.chunk(files.named(b"key") + b"\x80\x80\x80\x80" + files.held(60, 62))
    assert key_lane(parse(files.song(files.CONDUCTOR, padded), "song.mid")) == key_lane(
        parse(PLAIN, "song.mid")
    )


def test_a_time_below_zero_is_refused_by_file_track_and_byte():
    delta = b"\x8f\xff\xff\xff\x00"  # 2^32 - 128
    track = files.chunk(files.named(b"key") + delta + files.held(60)[1:])
    with pytest.raises(MidiError, match=r"'song\.mid', track 2, byte 7: a time of 4,294,967,168 \(-128"):
        parse(files.song(files.CONDUCTOR, track), "song.mid")
