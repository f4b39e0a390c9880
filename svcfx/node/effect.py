"""`Effect`: what every node of ours has at its door, as pedalboard's plugins have it, written once.

A node names its knobs (`KNOBS`) and gives `begin`, which starts a stream of it. One that does better with
the whole array before it gives `whole` too; one whose stream lags gives `latency_at`.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.errors import ParamError
from svcfx.events import AsWarnings, Events, go_on
from svcfx.lanes import Curve, Lane
from svcfx.node import arrays
from svcfx.node.knobs import Knobbed
from svcfx.node.ramps import check_curve
from svcfx.params import ParamSpec

Curves = Mapping[str, Curve]
"""A curve for every knob that is a number, at seconds from the start of the array or stream."""
BLOCK = 1 << 16


class NodeFlow(Protocol):
    """One stream of a node. Any blocks must give the same samples."""

    def push(self, samples: Samples, curves: Curves) -> Samples:
        """Take float32 (channels, n), the next of the stream; return what is settled, (channels, m)."""
        ...

    def flush(self, curves: Curves) -> Samples:
        """The rest, (channels, m): after it as many frames have come out as went in."""
        ...


@dataclass(slots=True)
class _Stream:
    """A stream that is under way, and the last array that it was given."""

    flow: NodeFlow
    rate: float
    inlet: arrays.Inlet
    curves: Curves


class Effect(Knobbed, ABC):
    """Base of our nodes: arrays, layouts, rates, streams, curves and their refusals, under one lock."""

    is_effect = True
    is_instrument = False
    PASSES_AT: ClassVar[Mapping[str, float]] = {}
    """Knobs that, standing at this value, let audio through to the bit."""

    def __init__(self, **knobs: Any) -> None:
        self._lock = threading.RLock()
        self._stream: _Stream | None = None
        self._layout: arrays.Layout | None = None
        self._rate = 44100.0
        super().__init__(knobs)

    @abstractmethod
    def begin(self, channels: int, sample_rate: float) -> NodeFlow:
        """Start a stream of that many channels."""

    def whole(self, heard: arrays.Inlet, sample_rate: float, curves: Curves, events: Events) -> Samples:
        """Play a whole array, 1 frame or more, into a new one that `heard.outlet` made.

        Unless a node knows better: one stream from begin to end, a block at a time, so that beside input and
        output little is held.
        """
        array, out = heard.outlet(heard.frames)
        flow, done = self.begin(heard.channels, sample_rate), 0
        for first in range(0, heard.frames, BLOCK):
            go_on(events)
            made = flow.push(heard.block(first, first + BLOCK), curves)
            out[:, done : done + made.shape[1]] = made
            done += made.shape[1]
        out[:, done:] = flow.flush(curves)
        return array

    def latency_at(self, sample_rate: float) -> int:
        """Frames that a stream's output lags at most, at that rate."""
        return 0

    @property
    def latency_samples(self) -> int:
        """How far a stream's output lags at most, at the rate last used; 44,100 Hz before that."""
        return self.latency_at(self._rate)

    @property
    def inert(self) -> bool:
        """Whether audio passes through to the bit."""
        return any(self.knob(name) == value for name, value in self.PASSES_AT.items())

    def process(
        self, input_array: NDArray[Any], sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Samples:
        """Play an array, shaped by pedalboard's rules; any rate from 8 to 192 kHz.

        With `reset=True` the output is as long as the input. With `reset=False` the array continues a
        stream: up to `latency_samples` frames are withheld until later calls or `flush()`.

        Raises:
            AudioTypeError, AudioShapeError, InputError: The array, rate or buffer size is refused.
        """
        if not reset:
            return self.stream_automated(input_array, sample_rate, {}, buffer_size)
        arrays.check_buffer_size(buffer_size)
        return self.perform(input_array, sample_rate, {}, AsWarnings())

    __call__ = process

    def process_automated(
        self, input_array: NDArray[Any], sample_rate: float, curves: Curves, buffer_size: int = 8192
    ) -> Samples:
        """Play a whole array while curves, at seconds from its start, move knobs.

        Raises:
            ParamError: A curve names no knob, leaves its range, or moves one that cannot be moved.
        """
        arrays.check_buffer_size(buffer_size)
        return self.perform(input_array, sample_rate, curves, AsWarnings())

    def stream_automated(
        self, input_array: NDArray[Any], sample_rate: float, curves: Curves, buffer_size: int = 8192
    ) -> Samples:
        """Go on with a stream, as `process` with `reset=False` does, while curves, at seconds from the
        stream's start, move knobs.

        Raises:
            ParamError: A curve names no knob, or moves one that cannot be moved.
        """
        arrays.check_buffer_size(buffer_size)
        with self._lock:
            inlet = self._let_in(input_array, arrays.check_rate(sample_rate))
            self.check_curves(curves, 0.0)
            if inlet.channels == 0:
                return inlet.outward(inlet.block(0, 0))
            stream = self._follow(inlet, curves)
            made = stream.flow.push(inlet.block(0, inlet.frames), self._all(curves))
            return inlet.outward(made)

    def perform(self, array: NDArray[Any], sample_rate: float, curves: Curves, events: Events) -> Samples:
        """As `process_automated`; what there is to say goes to `events`, which may also end it."""
        rate = arrays.check_rate(sample_rate)
        with self._lock:
            inlet = self._let_in(array, rate)
            self.check_curves(curves, inlet.frames / rate)
            self._stream = None
            moved = self._all(curves)
            if inlet.frames == 0 or inlet.channels == 0 or self._passes(moved):
                return inlet.outward(inlet.block(0, inlet.frames))
            return self.whole(inlet, rate, moved, events)

    def check_curves(self, curves: Curves, seconds: float) -> None:
        """Refuse, before anything is played, curves that this node cannot follow for `seconds`."""
        for name, curve in curves.items():
            self.reach(name, curve, seconds)

    def reach(self, name: str, curve: Curve, seconds: float) -> tuple[float, float]:
        """Lowest and highest value that a curve gives a knob over `seconds`; refused where it may not go."""
        spec = self.spec(name)
        if not isinstance(spec, ParamSpec) or not spec.automatable:
            raise ParamError(f"{name} cannot be automated", hint="set it once on the node")
        return check_curve(spec, curve, seconds)

    def reset(self) -> None:
        """Forget the stream and the cached channel layout; knobs stay."""
        with self._lock:
            self._stream = self._layout = None

    def flush(self) -> Samples:
        """What the stream still owes, in the layout of its last array; ends it. Empty without a stream."""
        with self._lock:
            stream, self._stream = self._stream, None
            if stream is None:
                return np.zeros(0, np.float32)
            return stream.inlet.outward(stream.flow.flush(self._all(stream.curves)))

    def _let_in(self, array: NDArray[Any], rate: float) -> arrays.Inlet:
        inlet = arrays.inward(array, self._layout)
        if inlet.layout != "mono" and inlet.channels != inlet.frames:
            self._layout = inlet.layout
        self._rate = rate
        return inlet

    def _follow(self, inlet: arrays.Inlet, curves: Curves) -> _Stream:
        """The stream that an array continues; another number of channels, or rate, begins a new one."""
        now = self._stream
        if now is None or (now.inlet.channels, now.rate) != (inlet.channels, self._rate):
            now = _Stream(self.begin(inlet.channels, self._rate), self._rate, inlet, curves)
            self._stream = now
        now.inlet, now.curves = inlet, curves
        return now

    def _all(self, curves: Curves) -> Curves:
        """A curve for every number: these, and the others' own values."""
        numbers = (spec.name for spec in self.KNOBS if isinstance(spec, ParamSpec))
        return {**{name: Lane.constant(float(self.knob(name))) for name in numbers}, **curves}

    def _passes(self, curves: Curves) -> bool:
        return any(
            curves[name].is_constant and curves[name].at(np.zeros(1))[0] == value
            for name, value in self.PASSES_AT.items()
        )
