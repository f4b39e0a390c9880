"""How a board is played: parts in a row, each a run of native plugins, one of our nodes, or a sum.

All samples here are (channels, frames). One-shot, every part keeps the length and compensates its own
latency; a stream hands on what each part gives.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import numpy as np

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.errors import BoardError
from svcfx.events import Events
from svcfx.node.channels import Part
from svcfx.node.native_run import NativeRun, call_planar
from svcfx.node.protocol import Automatable, Curves, Late, Node, Performer, StreamAutomatable


class RowKeeper(Protocol):
    """Keeps what parts gave, for another time."""

    def found(self, row: "Row", shape: tuple[int, int], sample_rate: float) -> tuple[int, Samples | None]:
        """The first part that has to play, and what it is given of samples of a shape (channels, frames):
        what was kept, or None for the samples themselves."""
        ...

    def took(self, index: int, samples: Samples) -> None:
        """Part `index` of the row gave these."""
        ...


class Unkept:
    """Keeps nothing."""

    def found(self, row: "Row", shape: tuple[int, int], sample_rate: float) -> tuple[int, Samples | None]:
        """All parts play."""
        return 0, None

    def took(self, index: int, samples: Samples) -> None:
        """Let it go."""


UNKEPT = Unkept()


class Single:
    """One node that is called from Python, with the curves that move it."""

    def __init__(self, node: Node, curves: Curves, events: Events | None = None) -> None:
        self.node = node
        self.curves = curves
        self.events = events

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        heard = self.events if isinstance(self.node, Performer) else None
        moved = self.curves or heard is not None
        player = _Moved(self.node, self.curves, heard) if moved else self.node
        given = call_planar(player, samples, sample_rate, buffer_size, reset=True)
        if given.shape != samples.shape:
            raise BoardError(
                f"{type(self.node).__name__} gave shape {given.shape} for {samples.shape}",
                hint="a node in a board keeps channels and frames",
            )
        return given

    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        player = _Moved(self.node, self.curves, None) if self.curves else self.node
        return call_planar(player, samples, sample_rate, buffer_size, reset=False)

    def reset(self) -> None:
        self.node.reset()

    def latency(self, sample_rate: float) -> int:
        if isinstance(self.node, Late):
            return int(self.node.latency_at(sample_rate))
        return int(getattr(self.node, "latency_samples", 0))  # what somebody's own says, at no rate


class _Moved:
    """A node whose call takes its curves along, and who hears what it says."""

    def __init__(self, node: Node, curves: Curves, events: Events | None) -> None:
        self._node = node
        self._curves = curves
        self._events = events

    def process(
        self,
        input_array: Samples,
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
    ) -> Samples:
        node = self._node
        if self._events is not None:
            assert isinstance(node, Performer)
            return node.perform(input_array, sample_rate, self._curves, self._events)
        if not reset:
            assert isinstance(node, StreamAutomatable)
            return node.stream_automated(input_array, sample_rate, self._curves, buffer_size)
        assert isinstance(node, Automatable)
        return node.process_automated(input_array, sample_rate, self._curves, buffer_size=buffer_size)


class Row:
    """Parts in order. With none, audio passes.

    `nodes` are what each part plays, and `curves` what moves them, by id(node).
    """

    def __init__(
        self,
        parts: Sequence[Part],
        nodes: Sequence[tuple[Node, ...]] = (),
        curves: Mapping[int, Curves] = MappingProxyType({}),
    ) -> None:
        self.parts = tuple(parts)
        self.nodes = tuple(nodes)
        self.curves = curves
        self._held: dict[int, Samples] = {}

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        """Length is kept. Latency is padded once, where the first native run begins, so that what
        rings there reaches the late runs behind it, as it does inside one native board."""
        channels, frames = samples.shape
        return self.kept((channels, frames), lambda: samples, sample_rate, buffer_size, UNKEPT)

    def kept(
        self,
        shape: tuple[int, int],
        fetch: Callable[[], Samples],
        sample_rate: float,
        buffer_size: int,
        keeper: "RowKeeper",
    ) -> Samples:
        """As `one_shot`, but what parts gave is shown to `keeper`, which may have had some of it before;
        the samples, of that shape, are fetched if a part has to hear them."""
        frames, late = shape[1], self.padding(sample_rate)
        first, known = keeper.found(self, shape, sample_rate)
        samples = fetch() if known is None else known
        for index in range(first, len(self.parts)):
            if index in late:
                samples = scratch.placed(samples, 0, samples.shape[1] + late[index])
            samples = self.parts[index].one_shot(samples, sample_rate, buffer_size)
            keeper.took(index, samples)
        return samples[:, :frames]

    def ahead(self, index: int, samples: Samples, sample_rate: float) -> Samples:
        """What part `index` hears of samples."""
        late = self.padding(sample_rate)
        for at in range(index + 1):
            if at in late:
                samples = scratch.placed(samples, 0, samples.shape[1] + late[at])
            if at < index:
                samples = self.parts[at].one_shot(samples, sample_rate, 8192)
        return samples

    def padding(self, sample_rate: float) -> dict[int, int]:
        """Frames of silence that are added before a part, by its index."""
        runs = [index for index, part in enumerate(self.parts) if not isinstance(part, Single)]
        if len(runs) < 2:
            return {}
        return {runs[0]: sum(self.parts[later].latency(sample_rate) for later in runs[1:])}

    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        """What comes out for these frames; blocks too short to be told from channels wait for more."""
        for index, part in enumerate(self.parts):
            waiting = self._held.pop(index, None)
            if waiting is not None:
                samples = np.concatenate([waiting, samples], axis=1)
            if 0 < samples.shape[1] <= samples.shape[0] and samples.shape[0] > 1:
                self._held[index] = samples
                return samples[:, :0]
            if samples.shape[1]:
                samples = part.push(samples, sample_rate, buffer_size)
        return samples

    def reset(self) -> None:
        self._held.clear()
        for part in self.parts:
            part.reset()

    def latency(self, sample_rate: float) -> int:
        return sum(part.latency(sample_rate) for part in self.parts)

    def sums_late(self, sample_rate: float) -> bool:
        """Whether a native `Mix` with a late branch is in it: its stream needs another row."""
        runs = [part for part in self.parts if isinstance(part, NativeRun)]
        return any(run.sums_late(sample_rate) for run in runs)


class RowSum:
    """Rows beside each other, added at unity and aligned to the latest, as pedalboard's `Mix` does."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = tuple(rows)
        self._ahead: list[Samples] = []

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        total = scratch.zeros(samples.shape)
        for row in self.rows:
            total += row.one_shot(samples, sample_rate, buffer_size)
        return total

    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        if not self.rows:
            return np.zeros_like(samples)
        if not self._ahead:
            self._ahead = [samples[:, :0]] * len(self.rows)
        given = [row.push(samples, sample_rate, buffer_size) for row in self.rows]
        waiting = [np.concatenate(pair, axis=1) for pair in zip(self._ahead, given, strict=True)]
        ready = min(one.shape[1] for one in waiting)
        self._ahead = [one[:, ready:] for one in waiting]
        total = np.zeros((samples.shape[0], ready), np.float32)
        for one in waiting:
            total += one[:, :ready]
        return total

    def reset(self) -> None:
        self._ahead = []
        for row in self.rows:
            row.reset()

    def latency(self, sample_rate: float) -> int:
        return max((row.latency(sample_rate) for row in self.rows), default=0)
