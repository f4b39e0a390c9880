"""Change the sample rate: the one door to soxr.

A soxr stream gives the same samples for any chunking and the same as one call (measured at 8, 44.1, 48
and 96 kHz), and has no delay once flushed, so whole and streamed audio share this code.
"""

from collections.abc import Iterable

import numpy as np
import soxr
from numpy.typing import NDArray

from svcfx import scratch
from svcfx.audio import Samples

QUALITY = "HQ"
BLOCK = 1 << 16


def frames_after(frames: int, rate_in: float, rate_out: float) -> int:
    """Length of `frames` at `rate_in` when brought to `rate_out`, rounded.

    >>> frames_after(44_100, 44_100, 48_000)
    48000
    """
    return round(frames * rate_out / rate_in)


class StreamResampler:
    """Resamples audio that arrives in pieces, shape (channels, frames) each.

    What comes out lags by up to 0.12 s (8 kHz in) until the last push.
    """

    def __init__(self, rate_in: float, rate_out: float, channels: int = 1) -> None:
        self.rate_in, self.rate_out, self.channels = rate_in, rate_out, channels
        self._stream = (
            None if rate_in == rate_out else soxr.ResampleStream(rate_in, rate_out, channels, quality=QUALITY)
        )

    def push(self, samples: Samples, *, last: bool = False) -> Samples:
        """Take (channels, n) at `rate_in`, return what is ready at `rate_out`; `last` empties the stream."""
        if self._stream is None:
            return samples
        interleaved = np.ascontiguousarray(samples.T, np.float32)
        out: NDArray[np.float32] = self._stream.resample_chunk(interleaved, last=last)
        return np.ascontiguousarray(out.T)


def resample(samples: Samples, rate_in: float, rate_out: float) -> Samples:
    """Bring (channels, frames) from `rate_in` to `rate_out` Hz; exactly `frames_after` frames, aligned.

    soxr may differ from that length by one frame, which is cut or filled with zero.
    """
    if rate_in == rate_out:
        return scratch.copied(samples)
    channels, frames = samples.shape
    blocks = (samples[:, start : start + BLOCK] for start in range(0, frames, BLOCK))
    return _joined(blocks, channels, frames, rate_in, rate_out)


def mono(samples: Samples, rate_in: float, rate_out: float) -> NDArray[np.float32]:
    """The mean of the channels of (channels, frames) as `resample` brings it to another rate, (frames,)."""
    blocks = (
        samples[:, start : start + BLOCK].mean(axis=0, dtype=np.float64).astype(np.float32)[None]
        for start in range(0, samples.shape[1], BLOCK)
    )
    brought: NDArray[np.float32] = _joined(blocks, 1, samples.shape[1], rate_in, rate_out)[0]
    return brought


def _joined(
    blocks: Iterable[Samples], channels: int, frames: int, rate_in: float, rate_out: float
) -> Samples:
    """What `frames` that come in blocks are at another rate."""
    stream = StreamResampler(rate_in, rate_out, channels)
    out = scratch.zeros((channels, frames_after(frames, rate_in, rate_out)))
    taken = done = 0
    for block in blocks:
        taken += block.shape[1]
        piece = stream.push(block, last=taken >= frames)
        room = min(piece.shape[1], out.shape[1] - done)
        out[:, done : done + room] = piece[:, :room]
        done += room
    return out
