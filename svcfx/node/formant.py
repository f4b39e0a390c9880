"""`Formant`: moves the formants of any sound, one voice or many, and leaves its pitch."""

from typing import ClassVar

import numpy as np

from svcfx.audio import Samples
from svcfx.chain.track import RowBuffer
from svcfx.dsp import formant
from svcfx.node.effect import Curves, Effect, NodeFlow
from svcfx.node.knobs import Spec
from svcfx.node.ramps import ramp
from svcfx.params import ParamSpec

KNOBS: tuple[Spec, ...] = (
    ParamSpec(
        name="formant_semitones", default=0.0, low=-12.0, high=12.0, unit="st", help="Moves the formants."
    ),
    ParamSpec(name="mix", default=1.0, low=0.0, high=1.0, unit="ratio", help="Moved against the input."),
)


class Formant(Effect):
    """Shifts the spectral envelope of every channel; pitch, length and place in time stay."""

    KNOBS: ClassVar[tuple[Spec, ...]] = KNOBS
    PASSES_AT: ClassVar[dict[str, float]] = {"mix": 0.0, "formant_semitones": 0.0}

    def __init__(self, formant_semitones: float | str = 0.0, **knobs: float | str) -> None:
        super().__init__(formant_semitones=formant_semitones, **knobs)

    def begin(self, channels: int, sample_rate: float) -> NodeFlow:
        """Windows over that many channels."""
        return _Flow(channels, sample_rate)

    def latency_at(self, sample_rate: float) -> int:
        """`latency_samples` at that rate: one window."""
        return formant.window_frames(sample_rate)


class _Flow:
    """Windows at absolute places, so that any blocks give the same samples.

    Window m lies on samples hop * (m + 1) - length to hop * (m + 1); the one after it is what settles a hop.
    """

    def __init__(self, channels: int, sample_rate: float) -> None:
        self._rate, self._channels = sample_rate, channels
        self._length = formant.window_frames(sample_rate)
        self._hop = self._length // formant.OVERLAP
        self._dry, self._heard = RowBuffer((channels,)), RowBuffer((channels,))
        self._sum = RowBuffer((channels,), np.float64)
        self._sum.start = self._hop - self._length
        self._done = 0

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
