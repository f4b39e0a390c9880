"""How late one rendering of a sound is against another: compared by when things begin.

A pitch shifter changes every waveform, so samples cannot be compared; onsets survive.
"""

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples

SEARCH_SECONDS = 0.025
_SMOOTH_SECONDS, _RISE_SECONDS = 0.0015, 0.001
_EXCERPT_SECONDS = 20.0
_CLEAR = 0.25
"""An onset rises within 5 ms by this share of the loudest moment; below it there is nothing to align by."""

Envelope = NDArray[np.float64]


def lag_frames(before: Samples, after: Samples, sample_rate: float) -> int | None:
    """Frames by which `after` lags `before`, both (channels, frames); None when nothing begins clearly.

    The peak of the cross-correlation of the two onset envelopes, within 25 ms either way, over the 20 s
    that have most energy.
    """
    start, stop = _loudest(before, round(_EXCERPT_SECONDS * sample_rate))
    first = _envelope(before[:, start:stop], sample_rate)
    second = _envelope(after[:, start:stop], sample_rate)
    if min(first.max(initial=0.0), second.max(initial=0.0)) <= 0.0:
        return None
    if min(_clearness(first, sample_rate), _clearness(second, sample_rate)) < _CLEAR:
        return None
    return _peak_lag(_rises(first, sample_rate), _rises(second, sample_rate), sample_rate)


def _loudest(samples: Samples, frames: int) -> tuple[int, int]:
    total = samples.shape[1]
    if total <= frames:
        return 0, total
    starts = range(0, total - frames // 2, frames)
    energies = [float(np.square(samples[:, start : start + frames]).sum()) for start in starts]
    start = min(starts[int(np.argmax(energies))], total - frames)
    return start, start + frames


def _envelope(samples: Samples, sample_rate: float) -> Envelope:
    """Smoothed magnitude, shape (frames,): two running means, centred, so that nothing is delayed."""
    level = np.abs(samples).sum(axis=0, dtype=np.float64)
    width = max(round(_SMOOTH_SECONDS * sample_rate), 1)
    window = np.hanning(2 * width + 3)[1:-1]
    return np.convolve(level, window / window.sum(), mode="same") if len(level) >= len(window) else level


def _clearness(envelope: Envelope, sample_rate: float) -> float:
    step = min(max(round(0.005 * sample_rate), 1), len(envelope) - 1)
    if step < 1:
        return 0.0
    return float((envelope[step:] - envelope[:-step]).max() / envelope.max())


def _rises(envelope: Envelope, sample_rate: float) -> Envelope:
    """Growth over 1 ms where it grows, centred."""
    step = max(round(_RISE_SECONDS * sample_rate / 2), 1)
    rises = np.zeros_like(envelope)
    rises[step:-step] = np.maximum(envelope[2 * step :] - envelope[: -2 * step], 0.0)
    return rises


def _peak_lag(before: Envelope, after: Envelope, sample_rate: float) -> int:
    reach = round(SEARCH_SECONDS * sample_rate)
    size = 1 << (len(before) + reach).bit_length()
    spectrum = np.conj(np.fft.rfft(before, size)) * np.fft.rfft(after, size)
    likeness = np.fft.irfft(spectrum, size)
    near = np.concatenate([likeness[-reach:], likeness[: reach + 1]])
    return int(np.argmax(near)) - reach
