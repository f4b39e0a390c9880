"""A run of native plugins, played by one native board in one call."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pedalboard
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.node import native
from svcfx.node.native_latency import latency_of

_PEDALBOARD: Any = pedalboard.Pedalboard  # type: ignore[attr-defined]
_PRIME_FRAMES = 8192


class NativeRun:
    """Native plugins in order. Containers in it are rebuilt from their children when the run is made:
    a native `Mix` that was appended to after it was made crashes the interpreter."""

    def __init__(self, plugins: Sequence[object]) -> None:
        self.plugins = tuple(plugins)
        self._board: Any = _PEDALBOARD([_fresh(plugin) for plugin in plugins])
        self._used = False

    def process(
        self,
        input_array: NDArray[np.floating],
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
    ) -> Samples:
        """Call the native board: any layout it accepts, the same layout back.

        A native plugin starts again when a later block is larger than all before it, so a stream opens
        with one silent block of the largest size, which is then forgotten.
        """
        if not reset and not self._used and input_array.size:
            self._prime(input_array, sample_rate, buffer_size)
        self._used = self._used or input_array.size > 0
        return np.asarray(self._board.process(input_array, sample_rate, buffer_size, reset), np.float32)

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        """Process (channels, frames) from a fresh start; length is kept, latency compensated."""
        return call_planar(self, samples, sample_rate, buffer_size, reset=True)

    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        """Go on with (channels, frames); may return fewer frames, never more than went in so far."""
        return call_planar(self, samples, sample_rate, buffer_size, reset=False)

    def reset(self) -> None:
        """Forget all state and the channel layout."""
        self._board.reset()
        self._used = False

    def latency(self, sample_rate: float) -> int:
        """Frames that a stream through this run is late."""
        return sum(latency_of(plugin, sample_rate) for plugin in self.plugins)

    def _prime(self, audio: NDArray[np.floating], sample_rate: float, buffer_size: int) -> None:
        channels = 1 if audio.ndim == 1 else min(audio.shape)
        size = max(_PRIME_FRAMES, buffer_size if buffer_size <= 65_536 else 0)
        silence = np.zeros((channels, max(size, channels + 1)), np.float32)
        self._board.process(silence, sample_rate, size, True)
        self._board.reset()


class Processor(Protocol):
    """Anything that is called as pedalboard's plugins are."""

    def process(
        self, input_array: Any, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Any: ...


def call_planar(
    processor: Processor, samples: Samples, sample_rate: float, buffer_size: int, *, reset: bool
) -> Samples:
    """Give (channels, frames) to a `processor` so that it cannot take frames for channels.

    By pedalboard's rule the smaller dimension is the channels, so a block with as few frames as
    channels is misread. One-shot, such a block is padded with silence, which a causal effect cannot hear.
    """
    channels, frames = samples.shape
    if channels == 1:
        mono = processor.process(samples[0], sample_rate, buffer_size, reset)
        return np.asarray(mono, np.float32)[np.newaxis]
    if frames > channels or frames == 0:
        return np.asarray(processor.process(samples, sample_rate, buffer_size, reset), np.float32)
    padded = np.zeros((channels, channels + 1), np.float32)
    padded[:, :frames] = samples
    given = processor.process(padded, sample_rate, buffer_size, reset)
    return np.asarray(given, np.float32)[:, :frames]


def _fresh(plugin: Any) -> Any:
    if not native.is_container(plugin):
        return plugin
    rebuilt = [_fresh(child) for child in native.children(plugin)]
    return pedalboard.Mix(rebuilt) if native.is_mix(plugin) else pedalboard.Chain(rebuilt)
