"""pedalboard's rules for arrays at a node's door: what comes in, and the shape in which it goes out.

Inside, samples are float32 (channels, frames). Outside, the smaller dimension of a 2-D array is its
channels; a square one has the layout that the node saw last.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.errors import AudioShapeError, AudioTypeError, InputError

Layout = Literal["mono", "planar", "interleaved"]
LOWEST_RATE, HIGHEST_RATE = 8000.0, 192000.0
LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True)
class Inlet:
    """Audio at the door: `planes` is a view (channels, frames) of the caller's array, never written to."""

    planes: NDArray[Any]
    layout: Layout

    @property
    def channels(self) -> int:
        """Channels."""
        return int(self.planes.shape[0])

    @property
    def frames(self) -> int:
        """Frames per channel."""
        return int(self.planes.shape[1])

    def block(self, first: int, stop: int) -> Samples:
        """Frames `first` to `stop` as float32 (channels, frames)."""
        return np.ascontiguousarray(self.planes[:, first:stop], np.float32)

    def outlet(self, frames: int) -> tuple[Samples, Samples]:
        """A new array of that many frames in the input's layout, and a view of it as (channels, frames)."""
        if self.layout == "mono":
            array = scratch.zeros((frames,))
            return array, array[None]
        if self.layout == "planar":
            array = scratch.zeros((self.channels, frames))
            return array, array
        array = scratch.zeros((frames, self.channels))
        return array, array.T

    def outward(self, samples: Samples) -> Samples:
        """`samples` (channels, frames) as a new array in the input's layout."""
        array, planes = self.outlet(samples.shape[1])
        planes[:] = samples
        return array


def inward(array: NDArray[Any], cached: Layout | None) -> Inlet:
    """Check an array and find its channels; nothing is copied and the input is not modified.

    Args:
        array: float32 or float64 (any byte order, strides, read-only), shape (frames,) or 2-D.
        cached: Layout of the last 2-D array that was not square.

    Raises:
        AudioTypeError: No array, or not of 32- or 64-bit floats.
        AudioShapeError: Not 1-D or 2-D, (0, 0), or square with nothing cached.
        InputError: A sample is not finite.
    """
    if not isinstance(array, np.ndarray):
        raise AudioTypeError(f"audio must be a numpy array, got {type(array).__name__}")
    if array.dtype.kind != "f" or array.dtype.itemsize not in (4, 8):
        raise AudioTypeError(
            f"audio has dtype {array.dtype}; svcfx, as pedalboard, only supports 32-bit and 64-bit "
            "floating point audio for processing",
            hint="convert it with audio.astype('float32'), integers scaled to -1..1",
        )
    layout = layout_of(array.shape, cached)
    planes = array[None] if layout == "mono" else array if layout == "planar" else array.T
    _refuse_non_finite(planes)
    return Inlet(planes, layout)


def layout_of(shape: tuple[int, ...], cached: Layout | None) -> Layout:
    """The layout of an array of that shape."""
    if len(shape) == 1:
        return "mono"
    if len(shape) != 2:
        raise AudioShapeError(f"Number of input dimensions must be 1 or 2 (got {len(shape)}).")
    rows, columns = shape
    if rows == columns:
        if shape == (0, 0):
            raise AudioShapeError("Unable to determine channel layout from shape: (0, 0).")
        if shape == (1, 1):
            return "planar" if cached in (None, "mono") else cached
        if cached in (None, "mono"):
            raise AudioShapeError(
                f"Unable to determine channel layout from shape: {shape}. Provide a non-square array first "
                "to allow svcfx to determine the expected channel layout."
            )
        return cached
    if 0 in shape:
        return "interleaved" if rows == 0 else "planar"
    return "planar" if rows < columns else "interleaved"


def _refuse_non_finite(planes: NDArray[Any]) -> None:
    if planes.size == 0 or max(planes.max(), -planes.min()) <= LARGEST:  # false for NaN too
        return
    for channel, plane in enumerate(planes):
        bad = ~(np.abs(plane) <= LARGEST)
        if bad.any():
            frame = int(np.argmax(bad))
            raise InputError(
                f"audio is not finite at sample {frame}, channel {channel} ({plane[frame]:g}); "
                "it must be finite 32-bit numbers",
                hint="the file, or a plugin before this one, is broken there",
            )


def check_rate(sample_rate: float) -> float:
    """`sample_rate` as a float from 8000 to 192000 Hz.

    Raises:
        AudioTypeError: It is no number.
        InputError: It is not finite, or out of range.
    """
    if isinstance(sample_rate, (str, bytes, bool)) or not hasattr(sample_rate, "__float__"):
        raise AudioTypeError(f"sample_rate must be a number of Hz, got {sample_rate!r}")
    rate = float(sample_rate)
    if not math.isfinite(rate) or not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise InputError(f"sample_rate is {rate:g} Hz, outside {LOWEST_RATE:g} to {HIGHEST_RATE:g} Hz")
    return rate


def check_buffer_size(buffer_size: int) -> int:
    """`buffer_size`, a hint of at least 1; it changes no sample.

    Raises:
        AudioTypeError: It is negative (as in pedalboard) or no whole number.
        InputError: It is 0, at which pedalboard would never return.
    """
    if isinstance(buffer_size, (bool, np.bool_)) or not isinstance(buffer_size, (int, np.integer)):
        raise AudioTypeError(f"buffer_size must be a whole number of frames, got {buffer_size!r}")
    if buffer_size < 0:
        raise AudioTypeError(f"buffer_size is {buffer_size}, must be at least 1")
    if buffer_size == 0:
        raise InputError("buffer_size is 0, must be at least 1", hint="leave it out for 8192")
    return int(buffer_size)
