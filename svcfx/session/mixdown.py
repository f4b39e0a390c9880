"""Faders, pan, sends and sums: float32 strips, float64 sums.

The pan law is constant power with 0 dB at the centre: a stem at 0 passes both sides untouched (so bypassed
stems add up to exactly their sum), and one at the far left is 3 dB up on the left and silent on the right.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from svcfx import cores, scratch
from svcfx.audio import Samples
from svcfx.dsp import levels
from svcfx.errors import AudioShapeError
from svcfx.session.fader import AT_REST, Fader
from svcfx.session.strip import Strip

Mix = NDArray[np.float64]
CHANNELS = 2
EMPTY: Samples = np.zeros((CHANNELS, 0), np.float32)
"""No samples, in the shape of a strip's."""
_BLOCK, _BLOCKS = 1 << 15, 8
"""Frames that stay in a core's own memory while they are worked on, and how many such it takes at a time."""
Made = TypeVar("Made")
_GRID = 2.0**50


def stereo(samples: Samples, name: str) -> Samples:
    """Both sides of a stem, shape (2, frames), to be read; a mono stem is on both at full level.

    Raises:
        AudioShapeError: The stem has more than two channels.
    """
    if samples.shape[0] == 2:
        return samples
    if samples.shape[0] == 1:
        return np.broadcast_to(samples, (2, samples.shape[1]))
    raise AudioShapeError(
        f"stem '{name}' has {samples.shape[0]} channels, allowed are 1 and 2", hint="export it as stereo"
    )


def pan_gains(pan: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gains for left and right, shape (2, n), at `pan` from -1 (left) to 1 (right), shape (n,)."""
    angle = (np.clip(pan, -1.0, 1.0) + 1.0) * (np.pi / 4)
    gains = np.sqrt(2.0) * np.stack([np.cos(angle), np.sin(angle)])
    return np.where(pan == 0.0, 1.0, gains)  # cos(pi/4) is not exact: keep the centre a true bypass


@dataclass(slots=True, eq=False)
class Faded:
    """A strip behind its fader, float64, shape (2, `frames`): made where it is asked for.

    `source` is what the fader is given, shape (2, frames) too; lanes are read at song seconds.
    """

    source: "NDArray[np.floating] | Faded"
    sample_rate: int
    start_seconds: float = 0.0
    fader: Fader = AT_REST
    _still: NDArray[np.float64] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.fader.gain_db.is_constant and self.fader.pan.is_constant:
            self._still = self._gains(np.zeros(1))

    @property
    def frames(self) -> int:
        """As many as the strip has."""
        return self.source.frames if isinstance(self.source, Faded) else int(self.source.shape[1])

    def part(self, first: int, last: int) -> Mix:
        """Frames from `first` to `last`."""
        heard = (
            self.source.part(first, last) if isinstance(self.source, Faded) else self.source[:, first:last]
        )
        gains = self._still
        if gains is None:
            gains = self._gains(
                self.start_seconds + np.arange(first, first + heard.shape[1]) / self.sample_rate
            )
        return np.asarray(np.multiply(heard, gains, dtype=np.float64), np.float64)

    def peak(self, first: int, last: int) -> float:
        """Largest sample of a part without its sign, as float32."""
        source, gains = self.source, self._still

        def of_block(low: int, high: int) -> float:
            if gains is None or isinstance(source, Faded):
                return levels.peak(self.part(low, high).astype(np.float32))
            loudest = [levels.peak(side[low:high]) for side in source]  # of products too, whatever is rounded
            return float((np.array(loudest) * gains[:, 0]).max().astype(np.float32))

        return max(_over(first, min(last, self.frames), of_block), default=0.0)

    def laid(self, start_frame: int, first: int, last: int) -> Samples:
        """Frames `first` to `last` of a song in which the strip begins at `start_frame`, in float32."""
        whole = scratch.zeros((CHANNELS, last - first))

        def fill(low: int, high: int) -> None:
            whole[:, low + start_frame - first : high + start_frame - first] = self.part(low, high)

        _over(max(first - start_frame, 0), min(last - start_frame, self.frames), fill)
        return whole

    def _gains(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gains (2, n) at song seconds (n,)."""
        return _linear(self.fader.gain_db.at(seconds)) * pan_gains(self.fader.pan.at(seconds))


def given(strip: Strip, behind_fader: Faded) -> Iterator[tuple[str, Faded]]:
    """What a strip gives, by the name of the strip that hears it: where it goes, and where it sends."""
    if strip.to:
        yield strip.to, behind_fader
    for send in strip.sends:
        tapped = behind_fader.source if send.tap == "pre" else behind_fader
        yield (
            send.to,
            Faded(tapped, behind_fader.sample_rate, behind_fader.start_seconds, Fader(send.gain_db)),
        )


def _linear(gain_db: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(10.0 ** (gain_db / 20.0), np.float64)


def add(mix: Mix, stem: Faded, start_frame: int) -> None:
    """Add `stem` into `mix` at `start_frame`, in place; what lies beyond the mix is cut.

    Samples are rounded to steps of 2**-50 first, 301 dB below full scale. Sums of such below 8 (+18 dBFS)
    fit into the 53 bits of a float64, so they are exact: neither the order of strips nor a bus between
    changes a bit.
    """

    def one(first: int, last: int) -> None:
        block = stem.part(first, last)
        block *= _GRID
        np.rint(block, out=block)
        block *= 1.0 / _GRID  # a power of two, as exact as a division
        mix[:, start_frame + first : start_frame + last] += block

    _over(0, min(mix.shape[1] - start_frame, stem.frames), one)


def _over(first: int, last: int, work: Callable[[int, int], Made]) -> list[Made]:
    """What `work` gives of each block from frame `first` to `last`, on several cores."""

    def of_blocks(start: int) -> list[Made]:
        stop = min(start + _BLOCKS * _BLOCK, last)
        return [work(low, min(low + _BLOCK, stop)) for low in range(start, stop, _BLOCK)]

    return [one for many in cores.each(of_blocks, range(first, last, _BLOCKS * _BLOCK)) for one in many]
