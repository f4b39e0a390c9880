"""`Formant`: moves the formants of any sound, one voice or many, and leaves its pitch."""

import threading
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain.track import Track
from svcfx.dsp import formant
from svcfx.errors import ParamError
from svcfx.lanes import Curve, Lane
from svcfx.node import arrays
from svcfx.node.knobs import Knobbed, Spec
from svcfx.node.ramps import check_curve, ramp
from svcfx.params import ParamSpec

Curves = Mapping[str, Curve]
BLOCK = 1 << 16

KNOBS: tuple[Spec, ...] = (
    ParamSpec(
        name="formant_semitones", default=0.0, low=-12.0, high=12.0, unit="st", help="Moves the formants."
    ),
    ParamSpec(name="mix", default=1.0, low=0.0, high=1.0, unit="ratio", help="Moved against the input."),
)


class Formant(Knobbed):
    """Shifts the spectral envelope of every channel; pitch, length and place in time stay."""

    KNOBS: ClassVar[tuple[Spec, ...]] = KNOBS
    is_effect = True
    is_instrument = False

    def __init__(self, formant_semitones: float | str = 0.0, **knobs: float | str) -> None:
        self._lock = threading.RLock()
        self._flow: _Flow | None = None
        self._inlet: arrays.Inlet | None = None
        self._layout: arrays.Layout | None = None
        self._rate = 44100.0
        super().__init__({"formant_semitones": formant_semitones, **knobs})

    @property
    def inert(self) -> bool:
        """Whether audio passes through to the bit."""
        return bool(self.mix == 0.0 or self.formant_semitones == 0.0)

    @property
    def latency_samples(self) -> int:
        """How far a stream's output lags, at the rate last used; 44,100 Hz before that."""
        return self.latency_at(self._rate)

    def latency_at(self, sample_rate: float) -> int:
        """`latency_samples` at that rate: one window."""
        return formant.window_frames(sample_rate)

    def process(
        self, input_array: NDArray[Any], sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Samples:
        """Shift an array, shaped by pedalboard's rules; with `reset=False` the next piece of a stream."""
        arrays.check_buffer_size(buffer_size)
        with self._lock:
            inlet = self._let_in(input_array, arrays.check_rate(sample_rate))
            if reset:
                self._flow = None
                return self._whole(inlet, self._constants())
            if self._flow is None or self._flow.differs(inlet.channels, self._rate):
                self._flow = _Flow(inlet.channels, self._rate)
            self._inlet = inlet
            return inlet.outward(self._flow.push(inlet.block(0, inlet.frames), self._constants()))

    __call__ = process

    def process_automated(
        self, input_array: NDArray[Any], sample_rate: float, curves: Curves, buffer_size: int = 8192
    ) -> Samples:
        """Shift a whole array while curves, at seconds from its start, move knobs."""
        arrays.check_buffer_size(buffer_size)
        with self._lock:
            inlet = self._let_in(input_array, arrays.check_rate(sample_rate))
            self.check_curves(curves, inlet.frames / self._rate)
            self._flow = None
            return self._whole(inlet, {**self._constants(), **curves})

    def check_curves(self, curves: Curves, seconds: float) -> None:
        """Refuse curves that this node cannot follow for `seconds`."""
        for name, curve in curves.items():
            spec = self.spec(name)
            if not isinstance(spec, ParamSpec):
                raise ParamError(f"{name} cannot be automated")
            check_curve(spec, curve, seconds)

    def reset(self) -> None:
        """Forget the stream and the cached channel layout; knobs stay."""
        with self._lock:
            self._flow = self._layout = None

    def flush(self) -> Samples:
        """What the stream still owes, in the layout of its last array; ends it. Empty without a stream."""
        with self._lock:
            if self._flow is None or self._inlet is None:
                return np.zeros(0, np.float32)
            flow, self._flow = self._flow, None
            return self._inlet.outward(flow.flush(self._constants()))

    def _let_in(self, array: NDArray[Any], rate: float) -> arrays.Inlet:
        inlet = arrays.inward(array, self._layout)
        if inlet.layout != "mono" and inlet.channels != inlet.frames:
            self._layout = inlet.layout
        self._rate = rate
        return inlet

    def _constants(self) -> dict[str, Curve]:
        return {name: Lane.constant(float(value)) for name, value in self.knobs()}

    def _whole(self, inlet: arrays.Inlet, curves: Curves) -> Samples:
        still = any(
            curves[name].is_constant and curves[name].at(np.zeros(1))[0] == 0.0
            for name in ("mix", "formant_semitones")
        )
        if still or inlet.frames == 0 or inlet.channels == 0:
            return inlet.outward(inlet.block(0, inlet.frames))
        array, out = inlet.outlet(inlet.frames)
        flow, done = _Flow(inlet.channels, self._rate), 0
        for first in range(0, inlet.frames, BLOCK):
            made = flow.push(inlet.block(first, first + BLOCK), curves)
            out[:, done : done + made.shape[1]] = made
            done += made.shape[1]
        out[:, done:] = flow.flush(curves)
        return array


class _Flow:
    """Windows at absolute places, so that any blocks give the same samples.

    Window m lies on samples hop * (m + 1) - length to hop * (m + 1); the one after it is what settles a hop.
    """

    def __init__(self, channels: int, sample_rate: float) -> None:
        self._rate, self._channels = sample_rate, channels
        self._length = formant.window_frames(sample_rate)
        self._hop = self._length // formant.OVERLAP
        self._dry, self._heard = Track((channels,)), Track((channels,))
        self._sum = Track((channels,), np.float64)
        self._sum.start = self._hop - self._length
        self._done = 0

    def differs(self, channels: int, sample_rate: float) -> bool:
        """Whether another stream must begin for that many channels at that rate."""
        return (channels, sample_rate) != (self._channels, self._rate)

    def push(self, samples: Samples, curves: Curves) -> Samples:
        """Take (channels, n), return what is settled."""
        self._dry.append(samples.T)
        return self._advance(samples, curves)

    def flush(self, curves: Curves) -> Samples:
        """The rest, (channels, n)."""
        owed = self._dry.end - self._dry.start
        silence = np.zeros((self._channels, self._length + self._hop), np.float32)
        return self._advance(silence, curves)[:, :owed]

    def _advance(self, samples: Samples, curves: Curves) -> Samples:
        self._heard.append(samples.T)
        while self._heard.end >= self._hop * (self._done + 1):
            self._add(self._done, curves)
            self._done += 1
        stop = min(self._hop * (self._done + 1) - self._length, self._dry.end)
        first = self._dry.start
        if stop <= first:
            return np.zeros((self._channels, 0), np.float32)
        dry = np.ascontiguousarray(self._dry.read(first, stop).T)
        wet = self._sum.read(first, stop).T.astype(np.float32)
        self._dry.forget(stop)
        self._sum.forget(stop)
        self._heard.forget(stop - self._length)
        mix = ramp(curves["mix"], first, stop, self._rate)
        return np.asarray(dry * (1.0 - mix) + wet * mix, np.float32)

    def _add(self, index: int, curves: Curves) -> None:
        stop = self._hop * (index + 1)
        piece = np.ascontiguousarray(self._heard.read(stop - self._length, stop).T)
        centre = np.array([max(stop - self._length / 2, 0.0) / self._rate])
        semitones = np.repeat(curves["formant_semitones"].at(centre), self._channels)
        made = formant.shift(piece, semitones, self._rate)
        self._sum.append(np.zeros((stop - self._sum.end, self._channels)))
        place = stop - self._length - self._sum.start
        self._sum.rows[max(place, 0) :] += made.T[max(-place, 0) :]
