"""MIDI files written byte by byte, with the faults that programs really write, and sessions around them."""

import struct
from pathlib import Path

import numpy as np

from svcfx import audio
from svcfx.events import Note
from svcfx.session import document, plan

RATE, TICKS = 8_000, 480
BAR = 4 * TICKS
BPM_90 = 60_000_000 // 90
END = b"\x00\xff\x2f\x00"


def number(value: int) -> bytes:
    """A variable-length quantity."""
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.insert(0, value & 0x7F | 0x80)
    return bytes(parts)


def meta(kind: int, body: bytes, delta: int = 0) -> bytes:
    return number(delta) + bytes([0xFF, kind]) + number(len(body)) + body


def named(name: bytes) -> bytes:
    return meta(0x03, name)


def tempo(microseconds: int = BPM_90) -> bytes:
    return meta(0x51, microseconds.to_bytes(3, "big"))


def held(*numbers: int, ticks: int = 4 * BAR) -> bytes:
    """Notes one after the other, each held for `ticks`; the second begins at bar 5."""
    return b"".join(
        b"\x00" + bytes([0x90, note, 100]) + number(ticks) + bytes([0x80, note, 64]) for note in numbers
    )


def chunk(events: bytes, *, length: int | None = None, end: bytes = END) -> bytes:
    """A track chunk; `length` is what it says of its own, by default the truth."""
    body = events + end
    return b"MTrk" + struct.pack(">I", len(body) if length is None else length) + body


def header(tracks: int, form: int = 1) -> bytes:
    return b"MThd" + struct.pack(">IHHH", 6, form, tracks, TICKS)


def song(*tracks: bytes) -> bytes:
    """A whole file of track chunks."""
    return header(len(tracks)) + b"".join(tracks)


CONDUCTOR = chunk(named(b"Tempo") + tempo())
KEY = chunk(named(b"key") + held(60, 62))


def notes(folder: Path, data: bytes, midi: str = "", *, seconds: float = 20.0) -> tuple[Note, ...]:
    """What is said about a session of one stem of `seconds` with this MIDI file; `midi` are more lines."""
    return planned(folder, data, midi, seconds=seconds).notes


def planned(folder: Path, data: bytes, midi: str = "", *, seconds: float = 20.0) -> plan.Plan:
    return plan.make(document.load(session(folder, data, midi, seconds=seconds)))


def session(folder: Path, data: bytes, midi: str = "", *, seconds: float = 20.0) -> Path:
    (folder / "song.mid").write_bytes(data)
    audio.write(folder / "tone.wav", np.full((1, round(seconds * RATE)), 0.1, np.float32), RATE)
    path = folder / "session.toml"
    stem = '[[stems]]\nfile = "tone.wav"\nrole = "accompaniment"\n'
    path.write_text(f'svcfx_session = 1\n[midi]\nfile = "song.mid"\n{midi}\n{stem}', encoding="utf-8")
    return path


def warnings(found: tuple[Note, ...]) -> list[str]:
    return [note.text for note in found if note.is_warning]
