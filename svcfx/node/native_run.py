"""A run of native plugins, played by one native board in one call."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import pedalboard
from numpy.typing import NDArray

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.node import native
from svcfx.node.native_latency import latency_of

_PEDALBOARD: Any = pedalboard.Pedalboard  # type: ignore[attr-defined]
_PRIME_FRAMES = 8192
_GRID_FRAMES = 1024
_PIECE_FRAMES = 1 << 15
"""Of a whole array, in one call: what pedalboard gives back is memory of its own, and of larger pieces that
memory is the system's, which clears it page by page each time."""
# Measured: their stream depends on how it is cut, and equals one-shot when every block is as long.
_ON_A_GRID = (pedalboard.Resample, pedalboard.MP3Compressor, pedalboard.GSMFullRateCompressor)
_IN_ONE_CALL = (*_ON_A_GRID, pedalboard.PitchShift)


class NativeRun:
    """Native plugins in order. Containers in it are rebuilt from their children when the run is made:
    a native `Mix` that was appended to after it was made crashes the interpreter."""

    def __init__(self, plugins: Sequence[object]) -> None:
        self.plugins = tuple(plugins)
        self._board: Any = _PEDALBOARD([_fresh(plugin) for plugin in plugins])
        self._used = False
        leaves = [plugin for top in plugins for plugin in _leaves(top)]
        self._on_grid = any(isinstance(plugin, _ON_A_GRID) for plugin in leaves)
        self._in_one_call = any(isinstance(plugin, _IN_ONE_CALL) for plugin in leaves)
        self._waiting: Samples | None = None

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
        if not reset and not self._used and input_array.size and not self._on_grid:
            self._prime(input_array, sample_rate, buffer_size)
        self._used = self._used or input_array.size > 0
        return np.asarray(self._board.process(input_array, sample_rate, buffer_size, reset), np.float32)

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        """Process (channels, frames) from a fresh start; length is kept, latency compensated."""
        self._waiting = None
        if self._in_one_call or samples.shape[1] <= _PIECE_FRAMES or self.latency(sample_rate):
            return call_planar(self, samples, sample_rate, buffer_size, reset=True)
        self._board.reset()
        made, step = scratch.zeros(samples.shape), _PIECE_FRAMES // buffer_size * buffer_size or buffer_size
        for start, stop in _spans(samples.shape[1], step, samples.shape[0]):
            made[:, start:stop] = call_planar(
                self, samples[:, start:stop], sample_rate, buffer_size, reset=False
            )
        return made

    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        """Go on with (channels, frames); may return fewer frames, never more than went in so far."""
        if self._used and not self._on_grid and samples.shape[1] > len(samples) > 1:
            # As below in half the time, for a moved plugin is called for every few frames.
            return self._board.process(samples, sample_rate, buffer_size, False)  # type: ignore[no-any-return]
        if not self._on_grid:
            return call_planar(self, samples, sample_rate, buffer_size, reset=False)
        if self._waiting is not None:
            samples = np.concatenate([self._waiting, samples], axis=1)
        whole = samples.shape[1] // _GRID_FRAMES * _GRID_FRAMES
        self._waiting = samples[:, whole:]
        given = [
            call_planar(
                self, samples[:, start : start + _GRID_FRAMES], sample_rate, _GRID_FRAMES, reset=False
            )
            for start in range(0, whole, _GRID_FRAMES)
        ]
        return np.concatenate(given, axis=1) if given else samples[:, :0]

    def reset(self) -> None:
        """Forget all state and the channel layout."""
        self._board.reset()
        self._used = False
        self._waiting = None

    def latency(self, sample_rate: float) -> int:
        """Frames that a stream through this run is late."""
        grid = _GRID_FRAMES if self._on_grid else 0
        return grid + sum(latency_of(plugin, sample_rate) for plugin in self.plugins)

    def sums_late(self, sample_rate: float) -> bool:
        """Whether a `Mix` in it has a branch that is late."""
        return any(_sums_late(plugin, sample_rate) for plugin in self.plugins)

    def _prime(self, audio: NDArray[np.floating], sample_rate: float, buffer_size: int) -> None:
        channels = 1 if audio.ndim == 1 else min(audio.shape)
        size = max(_PRIME_FRAMES, buffer_size if buffer_size <= 65_536 else 0)
        silence = np.zeros((channels, max(size, channels + 1)), np.float32)
        self._board.process(silence, sample_rate, size, True)
        self._board.reset()


def _spans(frames: int, step: int, channels: int) -> Iterator[tuple[int, int]]:
    """Pieces of `step` frames; the last one is longer where what is left could be taken for channels."""
    starts = [*range(0, max(frames - channels, 1), step), frames]
    return pairwise(starts)


class Processor(Protocol):
    """Anything that is called as pedalboard's plugins are."""

    def process(
        self,
        input_array: NDArray[np.float32],
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
    ) -> NDArray[np.float32]: ...


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


def _sums_late(plugin: object, sample_rate: float) -> bool:
    if native.is_mix(plugin):
        return latency_of(plugin, sample_rate) > 0
    return any(_sums_late(child, sample_rate) for child in native.children(plugin))


def _leaves(plugin: object) -> list[object]:
    if not native.is_container(plugin):
        return [plugin]
    return [leaf for child in native.children(plugin) for leaf in _leaves(child)]


def container(plugins: Sequence[native.NativePlugin | None], *, sums: bool) -> native.NativePlugin:
    """A native `Mix` of plugins where it `sums`, else a native `Chain`."""
    fresh = [_fresh(plugin) for plugin in plugins]
    return pedalboard.Mix(fresh) if sums else pedalboard.Chain(fresh)


def _fresh(plugin: Any) -> Any:
    if not native.is_container(plugin):
        return plugin
    rebuilt = [_fresh(child) for child in native.children(plugin)]
    return pedalboard.Mix(rebuilt) if native.is_mix(plugin) else pedalboard.Chain(rebuilt)
