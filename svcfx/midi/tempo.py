"""Ticks, seconds, bars and beats of one song.

Seconds follow from tempo alone (microseconds per quarter note), bars and beats from time signatures
alone: a beat is the signature's denominator, a quarter is always a quarter.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from svcfx.errors import MidiError

DEFAULT_MICROSECONDS = 500_000  # 120 quarters a minute until the file says otherwise


class TempoChange(NamedTuple):
    """From `tick` on a quarter note lasts `microseconds`."""

    tick: int
    microseconds: int

    @property
    def bpm(self) -> float:
        """Quarter notes a minute."""
        return 60e6 / self.microseconds


class TimeSignature(NamedTuple):
    """From `tick` on a bar has `numerator` beats, each one `denominator`-th note."""

    tick: int
    numerator: int
    denominator: int


class BarBeat(NamedTuple):
    """A place in the score: `bar` from 1, `beat` from 1.0 (1.5 is half a beat later)."""

    bar: int
    beat: float

    def __str__(self) -> str:
        return f"{self.bar}:{self.beat:.3g}"


_Change = TypeVar("_Change", TempoChange, TimeSignature)


class _Stretch(NamedTuple):
    """Ticks from `tick` on, of one time signature, beginning with bar number `bar`."""

    tick: int
    bar: int
    bar_ticks: float
    beat_ticks: float


@dataclass(frozen=True, slots=True)
class TempoMap:
    """One song's time: `seconds` are those of the recording; tick 0 lies at `offset_seconds` of it.

    Changes are given in tick order; several at one tick leave the last. A time signature inside a bar
    ends that bar early. Where none lies at tick 0, 120 quarters a minute and 4/4 are assumed there.

    >>> waltz = TempoMap(480, (TempoChange(0, 500_000),), (TimeSignature(0, 3, 4),))
    >>> waltz.seconds_of_bar(3), waltz.assumes_tempo
    (3.0, False)
    """

    ticks_per_quarter: int
    tempos: tuple[TempoChange, ...] = ()
    time_signatures: tuple[TimeSignature, ...] = ()
    offset_seconds: float = 0.0
    assumes_tempo: bool = field(init=False, compare=False)
    assumes_meter: bool = field(init=False, compare=False)
    _starts: tuple[float, ...] = field(init=False, repr=False, compare=False)
    _stretches: tuple[_Stretch, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.ticks_per_quarter < 1:
            raise MidiError(f"a tempo map needs ticks per quarter from 1, got {self.ticks_per_quarter}")
        for tempo in self.tempos:
            if tempo.microseconds < 1:
                raise MidiError(f"the tempo at tick {tempo.tick} is 0 microseconds per quarter note")
        object.__setattr__(self, "assumes_tempo", not any(tempo.tick <= 0 for tempo in self.tempos))
        object.__setattr__(self, "assumes_meter", not any(meter.tick <= 0 for meter in self.time_signatures))
        tempos = _last_of_tick((TempoChange(0, DEFAULT_MICROSECONDS), *self.tempos))
        signatures = _last_of_tick((TimeSignature(0, 4, 4), *self.time_signatures))
        object.__setattr__(self, "tempos", tempos)
        object.__setattr__(self, "time_signatures", signatures)
        object.__setattr__(self, "_starts", self._sum_tempos())
        object.__setattr__(self, "_stretches", self._count_bars())

    def _sum_tempos(self) -> tuple[float, ...]:
        # Summed as whole numbers of microseconds times ticks, so that no rounding piles up.
        total, starts = 0, [self.offset_seconds]
        for before, after in zip(self.tempos, self.tempos[1:], strict=False):
            total += (after.tick - before.tick) * before.microseconds
            starts.append(self.offset_seconds + total / (self.ticks_per_quarter * 1_000_000))
        return tuple(starts)

    def _count_bars(self) -> tuple[_Stretch, ...]:
        stretches: list[_Stretch] = []
        for tick, numerator, denominator in self.time_signatures:
            beat = self.ticks_per_quarter * 4 / denominator
            bar = 1
            if stretches:
                last = stretches[-1]
                bar = last.bar + math.ceil((tick - last.tick) / last.bar_ticks - 1e-9)
            stretches.append(_Stretch(tick, bar, numerator * beat, beat))
        return tuple(stretches)

    def seconds(self, tick: float) -> float:
        """Second at which `tick` sounds; ticks before 0 go on at the first tempo."""
        index = max(bisect_right(self.tempos, tick, key=lambda tempo: tempo.tick) - 1, 0)
        tempo = self.tempos[index]
        passed = (tick - tempo.tick) * tempo.microseconds / (self.ticks_per_quarter * 1_000_000)
        return self._starts[index] + passed

    def tick(self, seconds: float) -> float:
        """The tick, with fraction, that sounds at `seconds`: the inverse of `seconds`."""
        index = max(bisect_right(self._starts, seconds) - 1, 0)
        tempo = self.tempos[index]
        passed = (seconds - self._starts[index]) * self.ticks_per_quarter * 1_000_000
        return tempo.tick + passed / tempo.microseconds

    def faster(self, ratio: float) -> "TempoMap":
        """The same bars at `ratio` times the tempo, to a microsecond a quarter."""
        tempos = tuple(TempoChange(at.tick, max(round(at.microseconds / ratio), 1)) for at in self.tempos)
        return replace(self, tempos=tempos)

    def at_tempos_of(self, other: "TempoMap") -> "TempoMap":
        """The same bars at the tempos of another map, each from the beat on where it stands there."""
        scale = self.ticks_per_quarter / other.ticks_per_quarter
        tempos = tuple(TempoChange(round(at.tick * scale), at.microseconds) for at in other.tempos)
        return replace(self, tempos=tempos)

    def bar_beat(self, seconds: float) -> BarBeat:
        """Bar and beat at `seconds`; before bar 1 the bars are 0, -1, ..."""
        tick = self.tick(seconds) + 1e-6  # a bar line reached by arithmetic counts as reached
        index = max(bisect_right(self._stretches, tick, key=lambda stretch: stretch.tick) - 1, 0)
        stretch = self._stretches[index]
        bars, rest = divmod(tick - stretch.tick, stretch.bar_ticks)
        return BarBeat(stretch.bar + int(bars), 1.0 + round(max(rest - 1e-6, 0.0) / stretch.beat_ticks, 6))

    def seconds_of_bar(self, bar: int, beat: float = 1.0) -> float:
        """Second at which `beat` of `bar` begins, both counted from 1; a beat past its bar runs on.

        Raises:
            MidiError: `bar` or `beat` is below 1 or not finite.
        """
        if not (bar >= 1 and beat >= 1 and math.isfinite(bar) and math.isfinite(beat)):
            raise MidiError(f"bar {bar:g}, beat {beat:g} does not exist", hint="bars and beats count from 1")
        index = max(bisect_right(self._stretches, bar, key=lambda stretch: stretch.bar) - 1, 0)
        stretch = self._stretches[index]
        ticks = (bar - stretch.bar) * stretch.bar_ticks + (beat - 1) * stretch.beat_ticks
        return self.seconds(stretch.tick + ticks)


def _last_of_tick(changes: tuple[_Change, ...]) -> tuple[_Change, ...]:
    return tuple({change.tick: change for change in changes}.values())
