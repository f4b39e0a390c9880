"""Meta events that svcfx uses: tempo, meter, key signature, marker, cue, SMPTE start and the names of tracks.

Source: Standard MIDI Files 1.0 (RP-001), MIDI Association, "Meta-Events".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from svcfx.midi import names
from svcfx.midi.events import Event
from svcfx.midi.remarks import About, Remark
from svcfx.midi.tempo import TempoChange, TimeSignature

TRACK_NAME, INSTRUMENT = 0x03, 0x04
NAMES = (TRACK_NAME, INSTRUMENT)
_MARKER, _CUE, _TEMPO, _SMPTE, _METER, _KEY = 0x06, 0x07, 0x51, 0x54, 0x58, 0x59
USED = frozenset({*NAMES, _MARKER, _CUE, _TEMPO, _SMPTE, _METER, _KEY})
ABOUT: Mapping[int, About] = {_TEMPO: "time", _SMPTE: "time", _METER: "time", _KEY: "signatures"}

_MOST_BYTES = 1024
_RATES = (24.0, 25.0, 29.97, 30.0)
_REEL_SECONDS = 3600.0


class SmpteStart(NamedTuple):
    """Where on a tape tick 0 lies (FF 54); `frames` may hold a fraction, `rate` is frames a second."""

    hours: int
    minutes: int
    seconds: int
    frames: float
    rate: float

    @property
    def seconds_of_hour(self) -> float:
        """Seconds since the last full hour."""
        return self.minutes * 60 + self.seconds + self.frames / self.rate

    def __str__(self) -> str:
        return f"{self.hours:02}:{self.minutes:02}:{self.seconds:02}:{int(self.frames):02}"


@dataclass(slots=True)
class Metas:
    """What the meta events of one file say; ticks are absolute. `data` are the file's bytes."""

    data: bytes
    tempos: list[TempoChange] = field(default_factory=list)
    meters: list[TimeSignature] = field(default_factory=list)
    keys: list[tuple[int, int, bool]] = field(default_factory=list)
    markers: list[tuple[int, str]] = field(default_factory=list)
    cues: list[tuple[int, str]] = field(default_factory=list)
    starts: list[SmpteStart] = field(default_factory=list)

    def raw(self, event: Event) -> bytes:
        """An event's data, at most 1,024 bytes of them."""
        return self.data[event.start : min(event.end, event.start + _MOST_BYTES)]

    def take(self, event: Event) -> str:
        """Keep what an event says; returns why it was left out, or ""."""
        return _TAKERS[event.first](self, event.tick, self.raw(event))


def _take_tempo(found: Metas, tick: int, raw: bytes) -> str:
    if len(raw) < 3:
        return f"a tempo of {len(raw)} bytes, where three are needed"
    microseconds = int.from_bytes(raw[:3], "big")
    if not microseconds:
        return "a tempo of 0 microseconds per quarter note, which stops time"
    found.tempos.append(TempoChange(tick, microseconds))
    return ""


def _take_meter(found: Metas, tick: int, raw: bytes) -> str:
    if len(raw) < 2:
        return f"a time signature of {len(raw)} bytes, where two are needed"
    numerator, power = raw[0], raw[1]
    if numerator == 0 or power > 7:
        written = f"{numerator}/{2**power if power <= 20 else f'2^{power}'}"
        return f"a time signature {written}, where beats from 1 to 255 and notes from 1 to 128 exist"
    found.meters.append(TimeSignature(tick, numerator, 2**power))
    return ""


def _take_key(found: Metas, tick: int, raw: bytes) -> str:
    if len(raw) < 2:
        return f"a key signature of {len(raw)} bytes, where two are needed"
    fifths, mode = int.from_bytes(raw[:1], "big", signed=True), raw[1]
    if not -7 <= fifths <= 7 or mode > 1:
        accidentals = f"{abs(fifths)} {'sharps' if fifths >= 0 else 'flats'}"
        return f"a key signature of {accidentals} and mode {mode}, where 7 and mode 0 or 1 are the most"
    found.keys.append((tick, fifths, mode == 1))
    return ""


def _take_smpte(found: Metas, _tick: int, raw: bytes) -> str:
    if len(raw) < 5:
        return f"an SMPTE start of {len(raw)} bytes, where five are needed"
    start = SmpteStart(raw[0] & 0x1F, raw[1], raw[2], raw[3] + raw[4] / 100, _RATES[raw[0] >> 5 & 3])
    if start.hours > 23 or start.minutes > 59 or start.seconds > 59 or raw[3] >= start.rate or raw[4] > 99:
        return f"an SMPTE start of {start}, which is no time of day"
    found.starts.append(start)
    return ""


def _take_marker(found: Metas, tick: int, raw: bytes) -> str:
    found.markers.append((tick, names.decode(raw)))
    return ""


def _take_cue(found: Metas, tick: int, raw: bytes) -> str:
    found.cues.append((tick, names.decode(raw)))
    return ""


_TAKERS: Mapping[int, Callable[[Metas, int, bytes], str]] = {
    _TEMPO: _take_tempo,
    _METER: _take_meter,
    _KEY: _take_key,
    _SMPTE: _take_smpte,
    _MARKER: _take_marker,
    _CUE: _take_cue,
}


def start_seconds(starts: Sequence[SmpteStart], name: str) -> tuple[float, tuple[Remark, ...]]:
    """Seconds before tick 0, from a file's first SMPTE start, and what is to be said about it.

    A full hour is the number of a reel, not silence: a song commonly begins at 01:00:00:00, and its
    recorder runs a little before that, at 00:59:50:00. So what lies within half an hour before a full hour
    is where the session starts; what lies behind one is a time from the reel's beginning.
    """
    if not starts:
        return 0.0, ()
    first, seconds, said = starts[0], starts[0].seconds_of_hour, []
    if seconds >= _REEL_SECONDS / 2:
        before = f"{_REEL_SECONDS - seconds:,.3f} s before a reel"
        said.append(f"'{name}' starts at SMPTE {first}, {before}, which is taken as the session's start")
        seconds = 0.0
    elif seconds:
        said.append(f"'{name}' starts at an SMPTE offset of {seconds:.3f} s, which is honoured")
        said += [f"'{name}': the SMPTE offset's hour, {first.hours}, is taken as a reel number"] * (
            first.hours > 0
        )
    if len(set(starts)) > 1:
        said.append(f"'{name}': SMPTE offsets behind the first are ignored")
    return seconds, tuple(Remark(text) for text in said)
