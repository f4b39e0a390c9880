"""`Tremolo`: loudness that swings. The example of a node that CONTRIBUTING.md names."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from svcfx.audio import Samples
from svcfx.node.effect import Curves, Effect, NodeFlow
from svcfx.node.knobs import Spec
from svcfx.node.ramps import ramp
from svcfx.params import ParamSpec


class Tremolo(Effect):
    """Turns the sound down and up again, `rate_hz` times a second, beginning where it is loudest.

    Its gain is 1 - depth * (1 - cos(2 pi turns)) / 2, `turns` being the integral of `rate_hz`.
    """

    KNOBS: ClassVar[tuple[Spec, ...]] = (
        ParamSpec(name="rate_hz", default=5.0, low=0.1, high=20.0, unit="Hz", help="Swings a second."),
        ParamSpec(name="depth", default=0.5, low=0.0, high=1.0, unit="ratio", help="How far down it goes."),
    )
    PASSES_AT: ClassVar[Mapping[str, float]] = {"depth": 0.0}

    def begin(self, channels: int, sample_rate: float) -> NodeFlow:
        """One swing for all channels."""
        return _Swing(channels, sample_rate)


class _Swing:
    """Where a stream is: frames so far, and turns of the swing."""

    def __init__(self, channels: int, sample_rate: float) -> None:
        self._channels, self._rate = channels, sample_rate
        self._frames, self._turns = 0, 0.0

    def push(self, samples: Samples, curves: Curves) -> Samples:
        """(channels, n) in and out; nothing is withheld."""
        first, self._frames = self._frames, self._frames + samples.shape[1]
        turns_a_frame = ramp(curves["rate_hz"], first, self._frames, self._rate) / np.float64(self._rate)
        turns = np.cumsum([self._turns, *turns_a_frame])
        self._turns = turns[-1]
        depth = ramp(curves["depth"], first, self._frames, self._rate)
        gain = 1.0 - depth * (1.0 - np.cos(2.0 * np.pi * turns[:-1])) / 2.0
        return np.asarray(samples * gain, np.float32)

    def flush(self, curves: Curves) -> Samples:
        """Nothing is owed."""
        return np.zeros((self._channels, 0), np.float32)
