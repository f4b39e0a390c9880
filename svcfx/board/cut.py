"""Native plugins whose parameters move, though a native plugin holds one value for a call.

Two copies of a plugin take turns, each with the value of a knot of its curves, and the audio is faded in a
straight line from the one to the other: while a copy is given its next value it is not heard. What is
linear in its parameter is exact so; a filter's zip noise is -98 dBFS where stairs of 64 frames give -65.
A resonant filter rings on after each change, so three take turns, and one settles unheard.
"""

from collections.abc import Mapping

import numpy as np

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.board import swept
from svcfx.board.schedule import Piece, Schedule
from svcfx.board.swept import Swept
from svcfx.errors import BoardError
from svcfx.lanes import Curve
from svcfx.node import choices, frozen, native
from svcfx.node.native import NativePlugin
from svcfx.node.native_latency import latency_of
from svcfx.node.native_run import NativeRun

UNIT = 64
_UNITS = 8  # from knot to knot where copies take turns
_WINDOW = 1 << 17  # frames played at a time
_RINGING = frozenset(("HighShelfFilter", "LowShelfFilter", "PeakFilter", "Phaser"))
_DECIBELS = np.float32(np.log(10.0) / 20.0)


def moved(plugin: NativePlugin, curves: Mapping[str, Curve]) -> "Ramped | Cut | Swept":
    """The part that plays a native plugin while its parameters move."""
    if type(plugin).__name__ == "Gain":
        return Ramped(curves["gain_db"])
    return Swept(plugin, curves) if swept.needs(plugin, curves) else Cut(plugin, curves)


class Ramped:
    """What `Gain` is while its gain moves: every sample has its own."""

    def __init__(self, gain_db: Curve) -> None:
        self._gain_db = gain_db
        self._next = 0

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        self._next = 0
        made = scratch.zeros(samples.shape)
        for start in range(0, samples.shape[1], _WINDOW):
            made[:, start : start + _WINDOW] = self.push(
                samples[:, start : start + _WINDOW], sample_rate, buffer_size
            )
        return made

    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        frames = np.arange(self._next, self._next + samples.shape[1])
        self._next += samples.shape[1]
        decibels = self._gain_db.at(frames / sample_rate).astype(np.float32)
        return np.asarray(samples * np.exp(decibels * _DECIBELS), np.float32)

    def reset(self) -> None:
        self._next = 0

    def latency(self, sample_rate: float) -> int:
        return 0


class Cut:
    """One native plugin and the curves that move it (seconds from the first frame).

    A curve's value is that of the frames which come out: where a plugin is late, it is given them later.
    A VST3, and what cannot be copied, plays alone, in blocks of 64 frames where a curve moves.
    """

    def __init__(self, plugin: NativePlugin, curves: Mapping[str, Curve]) -> None:
        self.plugin = plugin
        self.curves = dict(curves)
        self._runs: list[NativeRun] = []
        self._waiting: Samples | None = None
        self._next = self._out = 0

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        channels, frames = samples.shape
        self.reset()
        late = latency_of(self.plugin, sample_rate)
        unit = _unit(channels)
        whole = -(-(frames + late) // unit) * unit
        made, done = scratch.zeros((channels, frames)), 0
        for start in range(0, whole, _WINDOW):
            part = samples[:, start : start + _WINDOW]
            beyond = min(start + _WINDOW, whole) - start - part.shape[1]
            part = np.pad(part, ((0, 0), (0, beyond))) if beyond else part
            given = self._play(part, sample_rate, buffer_size)
            stop = min(done + given.shape[1], frames)
            made[:, done:stop] = given[:, : stop - done]
            done = stop
        return made[:, :done]

    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        """What comes out for whole units of 64 frames; what is left over waits for more."""
        if self._waiting is None:
            self._waiting = samples[:, :0]
        samples = np.concatenate([self._waiting, samples], axis=1)
        whole = samples.shape[1] - samples.shape[1] % _unit(samples.shape[0])
        self._waiting = samples[:, whole:]
        return self._play(samples[:, :whole], sample_rate, buffer_size)

    def reset(self) -> None:
        for run in self._runs:
            run.reset()
        self._runs, self._waiting = [], None
        self._next = self._out = 0

    def latency(self, sample_rate: float) -> int:
        waits = 0 if self._waiting is None else _unit(self._waiting.shape[0])
        return latency_of(self.plugin, sample_rate) + waits

    def _play(self, samples: Samples, rate: float, buffer_size: int) -> Samples:
        if not samples.shape[1]:
            return samples
        if not self._runs:
            self._begin(samples.shape[0], rate)
        shift = self._next - self._late // self._unit * self._unit
        turns = self._schedule.pieces(shift, shift + samples.shape[1])
        given = [
            self._turn(copy, pieces, shift, samples, rate, buffer_size) for copy, pieces in enumerate(turns)
        ]
        self._next += samples.shape[1]
        return self._faded(given) if len(given) > 1 else given[0]

    def _begin(self, channels: int, rate: float) -> None:
        self._late = latency_of(self.plugin, rate)
        self._copies = [self.plugin, *_copies(self.plugin)]
        self._runs = [NativeRun([copy]) for copy in self._copies]
        self._set = [[np.nan] * len(self.curves) for _ in self._copies]
        self._puts = [
            (choices.put if choices.names_of(self.plugin, name) else setattr, name) for name in self.curves
        ]
        several = len(self._copies) > 1
        self._unit = _unit(channels)
        self._cell = self._unit * (_UNITS if several else 1)
        self._shares = _shares(len(self._copies), self._cell) if several else np.zeros((0, 0), np.float32)
        self._schedule = Schedule(
            tuple(self.curves.values()), rate, channels + 1, self._unit, self._cell, len(self._copies)
        )
        start = -(self._late // self._unit * self._unit)
        turns = self._schedule.pieces(start, start + self._unit)
        for copy, run in enumerate(self._runs):  # begins with its first value, whatever the plugin had before
            *_, values = turns[copy][0]
            self._put(copy, values)
            run.reset()

    def _turn(
        self, copy: int, pieces: list[Piece], shift: int, samples: Samples, rate: float, buffer_size: int
    ) -> Samples:
        """What one copy gives for samples from frame `shift` on, with the values of its knots."""
        given, done = np.empty_like(samples), 0
        push = self._runs[copy].push
        for begin, end, values in pieces:
            self._put(copy, values)
            piece = push(samples[:, begin - shift : end - shift], rate, buffer_size)
            given[:, done : done + piece.shape[1]] = piece
            done += piece.shape[1]
        return given[:, :done]

    def _put(self, copy: int, values: list[float]) -> None:
        for (put, name), value, before in zip(self._puts, values, self._set[copy], strict=True):
            if value != before:
                put(self._copies[copy], name, value)
        self._set[copy] = values

    def _faded(self, given: list[Samples]) -> Samples:
        """All copies, each by its share of the frame; `given` is used up."""
        first, *others = given
        size = first.shape[1]
        start = self._out + self._late % self._unit
        self._out += size
        for begin in range(0, size, _WINDOW):
            place = slice(begin, min(begin + _WINDOW, size))
            turn = (start + begin) % (len(given) * self._cell)
            for other, share in zip(others, self._shares, strict=True):
                part = other[:, place]
                part -= first[:, place]
                part *= share[turn : turn + part.shape[1]]
            for other in others:
                first[:, place] += other[:, place]
        return first


def _shares(copies: int, cell: int) -> Samples:
    """How much is heard of each copy but the first, shape (copies - 1, a window from any frame of a turn).

    Copy `c` is heard alone at the knots `c`, `c + copies`, ..., and fades to both sides as far as the next.
    """
    frames = np.arange(copies * cell + _WINDOW)
    away = [(frames - copy * cell + copies * cell // 2) % (copies * cell) for copy in range(1, copies)]
    from_knot = np.abs(np.asarray(away) - copies * cell // 2) / cell
    return np.maximum(1.0 - from_knot, 0.0).astype(np.float32)


def _unit(channels: int) -> int:
    """64 frames, more where pedalboard would take so few for channels."""
    return UNIT * (1 + 2 * channels // UNIT)


def _copies(plugin: NativePlugin) -> list[NativePlugin]:
    """The plugins that take turns with `plugin`; none where it has to play alone."""
    if native.is_external(plugin):
        return []
    try:
        held = frozen.freeze(plugin)
    except BoardError:  # a class of somebody's own, or a Convolution that does not tell its rate
        return []
    return [frozen.thaw(held) for _ in range(2 if type(plugin).__name__ in _RINGING else 1)]
