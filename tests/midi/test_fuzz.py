"""10,000 damaged MIDI files give a lane or a typed error: no traceback, no hang, no flood of memory.

Work is counted in lines of svcfx that run, not in seconds, so a busy machine changes nothing.
"""

import contextlib
import random
import resource
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import svcfx
from svcfx.errors import MidiError
from svcfx.midi import bend_lane, cc_lane, doubts, ignored, key_lane, parse
from svcfx.midi.chunks import MAX_BYTES

FEW_FILES, FILES = 500, 10_000
STEPS_A_FILE, STEPS_A_BYTE = 20_000, 60
GROWTH_MB = 200
LENGTHS = (
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\x00\x00\x00\x01",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
)
META = (0x00, 0x01, 0x03, 0x06, 0x20, 0x21, 0x2F, 0x51, 0x54, 0x58, 0x59, 0x7F)


def seeds(write) -> list[bytes]:
    """Files that between them hold every event svcfx reads, and a few it does not."""
    conductor = [
        write.meta("set_tempo", tempo=500_000),
        write.meta("set_tempo", tick=960, tempo=400_000),
        write.meta("time_signature", numerator=6, denominator=8),
        write.meta("key_signature", key="Ebm"),
        write.meta("key_signature", tick=1920, key="F#"),
        write.meta("marker", tick=5, text="verse"),
        write.meta("cue_marker", tick=6, text="cue"),
        write.meta("smpte_offset", frame_rate=30, hours=1, minutes=0, seconds=1, frames=2, sub_frames=3),
    ]
    tuning = [
        write.cc(*pair) for pair in ((101, 0), (100, 2), (6, 66), (100, 1), (6, 64), (38, 9), (101, 127))
    ]
    key = [write.named("key"), *tuning, *write.note(60, 0), *write.note(62, 960), *write.note(57, 1920)]
    wheel = [write.cc(101, 0), write.cc(100, 0), write.cc(6, 12), write.bend(8191, 4), write.bend(-8192, 900)]
    lead = [write.named("lead"), *wheel, write.cc(74, 9, 30), write.cc(10, 9, 31), write.cc(42, 5, 32)]
    raw = (
        b"\x00\xff\x03\x03key\x00\x90\x3c\x40\x60\x3c\x00\x00\xf0\x03\x01\x02\xf7\x00\xf7\x01\x05"
        b"\x10\xc0\x07\x00\xd0\x07\x00\xa0\x3c\x07\x00\xff\x7f\x02\x00\x01\x81\x40\x90\x3e\x40\x00\xff\x2f\x00"
    )
    return [
        write.as_bytes(conductor, key, lead),
        write.as_bytes([*conductor, *key[1:], *lead[1:]], form=0),
        write.as_bytes([*key, *(write.cc(74, n % 128, n * 7) for n in range(200))], ticks=96),
        b"MThd" + struct.pack(">IHHH", 6, 1, 1, 480) + b"MTrk" + struct.pack(">I", len(raw)) + raw,
    ]


def mutate(chance: random.Random, files: list[bytes]) -> bytes:
    """One file with one to five wounds: bytes, bits, cuts, splices, lengths, stretches of garbage."""
    data = bytearray(chance.choice(files))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
        at = chance.randrange(len(data)) if data else 0
        wound = chance.randrange(10)
        if wound == 0 and data:
            data[at] = chance.randrange(256)
        elif wound == 1 and data:
            data[at] ^= 1 << chance.randrange(8)
        elif wound == 2 and chance.random() < 0.3:
            del data[at:]
        elif wound == 3:
            other = chance.choice(files)
            start = chance.randrange(len(other))
            data[at:at] = other[start : start + chance.randrange(1, 200)]
        elif wound == 4:
            spot = data.find(b"MTrk", chance.randrange(len(data) or 1))
            data[spot + 4 : spot + 8] = chance.choice(LENGTHS) if spot >= 0 else b""
        elif wound == 5:
            data[at:at] = bytes([0, 0xFF, chance.choice(META), chance.randrange(256)])
        elif wound == 6:
            del data[at : at + chance.randrange(1, 20)]
        elif wound >= 8 and data:
            data[at] = chance.randrange(128)
        else:
            data[at:at] = chance.randbytes(chance.randrange(1, 60))
    return _mend(bytes(data)) if chance.random() < 0.5 else bytes(data)


def _mend(data: bytes) -> bytes:
    """Make the last track chunk's length fit again, so that wounds reach deeper than the first check."""
    spot = data.rfind(b"MTrk")
    if spot < 0 or len(data) < spot + 8:
        return data
    return data[: spot + 4] + struct.pack(">I", len(data) - spot - 8) + data[spot + 8 :]


HERE = str(Path(svcfx.__file__).parent)


class TooManySteps(BaseException):
    """A file took more work than its size allows; none of the errors svcfx catches by type."""


@contextlib.contextmanager
def bounded(data: bytes) -> Iterator[None]:
    """Break into whatever runs more lines of svcfx than a file of this size may cost."""
    left = STEPS_A_FILE + STEPS_A_BYTE * len(data)

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left
        if event == "call" and not frame.f_code.co_filename.startswith(HERE):
            return None
        left -= event == "line"
        if left < 0:
            raise TooManySteps(f"{frame.f_code.co_qualname}, line {frame.f_lineno}")
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def use(data: bytes) -> bool:
    """Do with a file all that a session can; whether it was read at all."""
    try:
        song = parse(data, "fuzz.mid")
    except MidiError as error:
        return _refused(error)
    when = np.linspace(-1.0, song.seconds + 1.0, 20)
    lanes = [lambda: key_lane(song), lambda: key_lane(song, "signatures")]
    for name in {track.name for track in song.tracks[:20]}:
        lanes.append(lambda name=name: bend_lane(song, name))
        lanes.extend(lambda name=name, n=n: cc_lane(song, name, n, -1, 1, centre=0) for n in (10, 74))
    for lane in lanes:
        with contextlib.suppress(MidiError):
            assert np.isfinite(lane().at(when)).all()
    ignored(song, [("key", "notes")])
    with contextlib.suppress(MidiError):
        doubts(song)
    song.tempo_map.bar_beat(song.seconds)
    return True


def _refused(error: MidiError) -> bool:
    assert error.message
    assert "\n" not in error.message
    return False


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("count", [FEW_FILES, pytest.param(FILES, marks=pytest.mark.slow)])
def test_damaged_files_give_a_lane_or_a_typed_error(write, count):
    chance, files = random.Random(20), seeds(write)
    assert all(use(file) for file in files)
    before, whole = peak_mb(), 0
    for number in range(count):
        data = mutate(chance, files)
        try:
            with bounded(data):
                whole += use(data)
        except BaseException as error:
            raise AssertionError(f"file {number} ({len(data)} bytes): {data.hex()}") from error
    assert peak_mb() - before < GROWTH_MB
    # Both outcomes must be common, or the wounds are too shallow or too deep to test anything.
    assert count * 0.1 < whole < count * 0.9


def test_what_runs_without_an_end_is_broken_into():
    with pytest.raises(TooManySteps), bounded(b""):
        parse(b"MThd" + struct.pack(">IHHH", 6, 1, 1, 480) + b"MTrk\0\0\0\0" * STEPS_A_FILE, "song.mid")


BIG = 990_000
FLOODS = {
    "a track of running-status controllers": b"\x00\xb0\x4a" + b"\x40\x00\x4a" * (BIG // 3) + b"\x40",
    "a delta time without an end": b"\xff" * BIG,
    "a meta event as long as the file": b"\x00\xff\x06\xbc\xb6\x30" + b"A" * BIG,
    "a hundred thousand tempos": b"\x00\xff\x51\x03\x07\xa1\x20" * 99_999,
    "as many notes as fit": b"\x00\x90" + b"\x3c\x40\x00" * 99_999 + b"\x3c\x40",
    "as many controllers as fit": b"\x00\xb0" + b"\x4a\x40\x01\x4a\x41\x01" * 49_999 + b"\x4a\x40",
    "as many meters as fit": b"\x01\xff\x58\x04\x01\x07\x18\x08" * 99_999,
    "ten thousand times the same name": b"\x00\xff\x03\x02hi" * 9_999,
}


@pytest.mark.slow
@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_of_events_is_bounded(flood):
    body = FLOODS[flood]
    data = b"MThd" + struct.pack(">IHHH", 6, 1, 1, 480) + b"MTrk" + struct.pack(">I", len(body)) + body
    before = peak_mb()
    with bounded(data):
        use(data)
    assert peak_mb() - before < GROWTH_MB


TRACKS = {
    "named key": b"\x00\xff\x03\x03key\x00\xff\x2f\x00",
    "named alike": b"\x00\xff\x03\x04lead\x00\xff\x2f\x00",
    "empty": b"",
    "of a wrong length": None,
    "that lead to the end of the file": b"\x00\xff\x03\xb9\xff\x00",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", TRACKS)
def test_thousands_of_tracks_are_bounded(kind):
    count = 9_000
    body = TRACKS[kind]
    chunk = b"MTrk\0\0\0\1\0\x90" if body is None else b"MTrk" + struct.pack(">I", len(body)) + body
    data = (b"MThd" + struct.pack(">IHHH", 6, 1, count, 480) + chunk * count)[:1_000_000]
    with bounded(data):
        use(data)


def test_too_many_tracks_are_refused_with_the_bound():
    data = b"MThd" + struct.pack(">IHHH", 6, 1, 60_000, 480) + b"MTrk\0\0\0\0" * 60_000
    with pytest.raises(MidiError, match=r"'many\.mid' holds more than 10,000 tracks"):
        parse(data, "many.mid")


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 3 * MAX_BYTES])
def test_too_many_bytes_are_refused_with_the_bound(size):
    with pytest.raises(MidiError, match=r"'big\.mid' has .* bytes, at most 1,000,000 are read"):
        parse(b"MThd" + bytes(size - 4), "big.mid")
