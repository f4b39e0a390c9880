"""Faders, pan, sends and sums: float32 strips, float64 sums.

The pan law is constant power with 0 dB at the centre: a stem at 0 passes both sides untouched (so bypassed
stems add up to exactly their sum), and one at the far left is 3 dB up on the left and silent on the right.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.errors import AudioShapeError
from svcfx.session.fader import Fader
from svcfx.session.strip import Strip

Mix = NDArray[np.float64]
Given = tuple[str, Mix]
CHANNELS = 2
EMPTY: Samples = np.zeros((CHANNELS, 0), np.float32)
"""No samples, in the shape of a strip's."""
_BLOCK = 65_536
_GRID = 2.0**50


def stereo(samples: Samples, name: str) -> Samples:
    """Both sides of a stem, shape (2, frames); a mono stem is put on both at full level.

    Raises:
        AudioShapeError: The stem has more than two channels.
    """
    if samples.shape[0] == 2:
        return samples
    if samples.shape[0] == 1:
        return np.repeat(samples, 2, axis=0)
    raise AudioShapeError(
        f"stem '{name}' has {samples.shape[0]} channels, allowed are 1 and 2", hint="export it as stereo"
    )


def pan_gains(pan: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gains for left and right, shape (2, n), at `pan` from -1 (left) to 1 (right), shape (n,)."""
    angle = (np.clip(pan, -1.0, 1.0) + 1.0) * (np.pi / 4)
    gains = np.sqrt(2.0) * np.stack([np.cos(angle), np.sin(angle)])
    return np.where(pan == 0.0, 1.0, gains)  # cos(pi/4) is not exact: keep the centre a true bypass


def placed(samples: Samples, start_frame: int, frames: int) -> Samples:
    """`samples` laid at `start_frame` into `frames` of silence; what lies beyond is cut."""
    laid = np.zeros((samples.shape[0], frames), np.float32)
    end = min(frames, start_frame + samples.shape[1])
    if end > start_frame:
        laid[:, start_frame:end] = samples[:, : end - start_frame]
    return laid


def faded(samples: NDArray[np.floating], sample_rate: int, start_seconds: float, fader: Fader) -> Mix:
    """`samples`, shape (2, frames), through the fader, float64; lanes are read at song seconds."""
    gain_db, pan = fader.gain_db, fader.pan
    if gain_db.is_constant and pan.is_constant:
        when = np.zeros(1)
        gains = _linear(gain_db.at(when)) * pan_gains(pan.at(when))
        return np.asarray(np.multiply(samples, gains, dtype=np.float64), np.float64)
    result = samples.astype(np.float64)
    for first in range(0, result.shape[1], _BLOCK):
        block = result[:, first : first + _BLOCK]
        when = start_seconds + (first + np.arange(block.shape[1])) / sample_rate
        block *= _linear(gain_db.at(when)) * pan_gains(pan.at(when))
    return result


def given(
    strip: Strip, samples: NDArray[np.floating], behind_fader: Mix, sample_rate: int
) -> Iterator[Given]:
    """What a strip gives, by the name of the strip that hears it: where it goes, and where it sends.

    Args:
        strip: It.
        samples: Before its fader, shape (2, frames).
        behind_fader: The same through its fader.
        sample_rate: Of both.
    """
    if strip.to:
        yield strip.to, behind_fader
    for send in strip.sends:
        tapped = samples if send.tap == "pre" else behind_fader
        yield send.to, faded(tapped, sample_rate, strip.start_seconds, Fader(send.gain_db))


def _linear(gain_db: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(10.0 ** (gain_db / 20.0), np.float64)


def add(mix: Mix, stem: Mix, start_frame: int) -> None:
    """Add `stem` into `mix` at `start_frame`, in place; what lies beyond the mix is cut.

    Samples are rounded to steps of 2**-50 first, 301 dB below full scale. Sums of such below 8 (+18 dBFS)
    fit into the 53 bits of a float64, so they are exact: neither the order of strips nor a bus between
    changes a bit.
    """
    end = min(mix.shape[1], start_frame + stem.shape[1])
    for first in range(start_frame, end, _BLOCK):
        last = min(first + _BLOCK, end)
        mix[:, first:last] += np.rint(stem[:, first - start_frame : last - start_frame] * _GRID) / _GRID
