"""A conversion that streams: the voice's streams, the dry signal that waits for them, and their blend."""

import numpy as np

from svcfx.audio import Samples
from svcfx.chain.config import ChainSettings
from svcfx.chain.pitch import melody
from svcfx.chain.track import RowBuffer
from svcfx.chain.voice import Curves, Voice, first_up
from svcfx.errors import ParamError
from svcfx.events import AsWarnings
from svcfx.node import colour, growl, stereo
from svcfx.node.ramps import ramp

NEEDS_MORE = (*melody.NAMES, *colour.NAMES, *growl.NAMES)
"""Knobs that a stream refuses once they are up, for they must know what follows."""


class ConversionFlow:
    """One stream of a node: any number of channels, one rate, one stereo policy."""

    def __init__(
        self, voice: Voice, channels: int, sample_rate: float, settings: ChainSettings, policy: str
    ) -> None:
        if settings.timing_ms:
            raise ParamError(
                f"timing_ms is {settings.timing_ms:g} ms, and a stream does not know where its phrases begin",
                hint="play the whole audio (leave out reset=False), or put timing_ms to 0",
            )
        self._rate, self._policy = sample_rate, policy
        count = channels if policy == "dual_mono" else 1
        self._streams = [voice.stream(sample_rate, settings) for _ in range(count)]
        self._dry = RowBuffer((channels,))
        self._meter = stereo.MidMeter()

    def push(self, samples: Samples, curves: Curves) -> Samples:
        """Take (channels, n), return what is settled, (channels, frames).

        Raises:
            ParamError: A knob is up that must know what follows.
        """
        if name := melody.at_work(curves):
            raise ParamError(
                f"{name} looks half a second ahead, which a stream cannot: it lags up to a second already",
                hint=f"play the whole audio (leave out reset=False), or put {name} to 0",
            )
        if name := first_up(curves, (*colour.NAMES, *growl.NAMES)):
            raise ParamError(
                f"{name} needs what follows, which a stream does not know: it lags up to a second already",
                hint=f"play the whole audio (leave out reset=False), or put {name} to 0",
            )
        if self._policy == "mid":
            self._meter.push(samples)
        self._dry.append(samples.T)
        mono = stereo.sources(samples, self._policy)
        wet = [stream.push(source, curves) for stream, source in zip(self._streams, mono, strict=True)]
        return self._blend(np.stack(wet), curves)

    def flush(self, curves: Curves) -> Samples:
        """The rest, (channels, frames); what the policy left out is told."""
        self._meter.tell(AsWarnings())
        return self._blend(np.stack([stream.flush(curves) for stream in self._streams]), curves)

    def _blend(self, wet: Samples, curves: Curves) -> Samples:
        first, stop = self._dry.start, self._dry.start + wet.shape[1]
        dry = np.ascontiguousarray(self._dry.read(first, stop).T)
        self._dry.forget(stop)
        if first == stop:
            return dry
        mix = ramp(curves["mix"], first, stop, self._rate)
        decibels = ramp(curves["output_gain_db"], first, stop, self._rate)
        gain = np.float32(10.0) ** (decibels / np.float32(20.0))
        return stereo.blend(dry, wet, self._policy, mix, gain)
