"""Songs written by mido in memory, so that each test shows the file it is about."""

import io
from collections.abc import Iterable
from typing import Any

import mido
import pytest

from svcfx.midi import MidiSong, parse

Absolute = tuple[int, Any]
"""An absolute tick and a mido message."""


def as_bytes(*tracks: Iterable[Absolute], ticks: int = 480, form: int = 1) -> bytes:
    """A file whose tracks are given as (absolute tick, message)."""
    file = mido.MidiFile(type=form, ticks_per_beat=ticks)
    for events in tracks:
        track, now = mido.MidiTrack(), 0
        for tick, message in sorted(events, key=lambda event: event[0]):
            track.append(message.copy(time=tick - now))
            now = tick
        file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def meta(kind: str, tick: int = 0, **values: Any) -> Absolute:
    return tick, mido.MetaMessage(kind, **values)


def note(number: int, tick: int, length: int = 480, channel: int = 0) -> list[Absolute]:
    on = mido.Message("note_on", note=number, velocity=90, channel=channel)
    return [(tick, on), (tick + length, mido.Message("note_off", note=number, channel=channel))]


def cc(controller: int, value: int, tick: int = 0, channel: int = 0) -> Absolute:
    return tick, mido.Message("control_change", control=controller, value=value, channel=channel)


def bend(value: int, tick: int = 0) -> Absolute:
    return tick, mido.Message("pitchwheel", pitch=value)


def named(name: str) -> Absolute:
    return meta("track_name", name=name)


class Write:
    """What a test needs to write a song; `song` reads it back as svcfx does."""

    meta = staticmethod(meta)
    note = staticmethod(note)
    cc = staticmethod(cc)
    bend = staticmethod(bend)
    named = staticmethod(named)
    as_bytes = staticmethod(as_bytes)

    @staticmethod
    def song(*tracks: Iterable[Absolute], ticks: int = 480, form: int = 1) -> MidiSong:
        return parse(as_bytes(*tracks, ticks=ticks, form=form), "song.mid")


@pytest.fixture
def write() -> type[Write]:
    return Write
