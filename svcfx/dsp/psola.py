"""Move the pitch of one sung voice, period by period: formants, length and what has no pitch stay.

Marks lie one period apart, near the peaks of the wave. Two periods about a mark are a grain; grains are laid
out anew as far apart as the wanted period, and added. Between samples a grain is read by cubic interpolation.

Source: Moulines and Charpentier, "Pitch-synchronous waveform processing techniques for text-to-speech
synthesis using diphones", Speech Communication 9, 1990.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.dsp.runs import runs

Values = NDArray[np.float64]
FRAMES_PER_SECOND = 100
PULLED = 0.1
"""Share of the way to the next peak that a mark is pulled, so that marks stay on peaks."""
LOOKED = 0.15
"""How far about a mark a peak is looked for, in periods."""


def shifted(audio: Samples, sample_rate: float, f0_hz: Values, ratios: Values) -> Samples:
    """`audio` (channels, n) with its pitch times `ratios`.

    Args:
        audio: One voice.
        sample_rate: In Hz.
        f0_hz: Its pitch (T,) at frames of 10 ms, the first at sample 0; 0 where unvoiced.
        ratios: (T,), 1 where nothing is to be moved; a voiced stretch of those stays to the bit.
    """
    out = audio.copy()
    mono = audio.mean(0)
    for first, stop in runs(f0_hz > 0):
        if stop - first > 1 and np.any(ratios[first:stop] != 1.0):
            stretch = _VoicedSpan(sample_rate, first, f0_hz[first:stop], ratios[first:stop])
            _lay(out, audio, stretch, stretch.marks(mono))
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _VoicedSpan:
    """Voiced frames from `first` on: pitch and factors (T,)."""

    rate: float
    first: int
    f0_hz: Values
    ratios: Values

    def _at(self, sample: float, values: Values) -> float:
        frame = sample * FRAMES_PER_SECOND / self.rate - self.first
        return float(np.interp(frame, np.arange(len(values)), values))

    def period(self, sample: float) -> float:
        """In samples, as it was sung there."""
        return self.rate / self._at(sample, self.f0_hz)

    def ratio(self, sample: float) -> float:
        """What the pitch is to be multiplied by there."""
        return self._at(sample, self.ratios)

    def marks(self, mono: Samples) -> Values:
        """Places of the wave (n,) one period apart, between samples."""
        start = self.first * self.rate / FRAMES_PER_SECOND
        end = min((self.first + len(self.f0_hz) - 1) * self.rate / FRAMES_PER_SECOND, len(mono) - 1.0)
        begin, found = int(start), list[float]()
        opening = mono[begin : begin + int(self.period(start)) + 1]
        place = begin + float(np.argmax(opening)) if len(opening) else end
        while place < end:
            found.append(place)
            guess = place + self.period(place)
            reach = int(LOOKED * self.period(place)) + 1
            low = max(int(guess) - reach, 0)
            near = mono[low : int(guess) + reach + 1]
            peak = low + float(np.argmax(near)) if len(near) else guess
            place = guess + PULLED * (peak - guess)
        return np.array(found)


def _lay(out: Samples, audio: Samples, stretch: _VoicedSpan, marks: Values) -> None:
    """Write grains of `audio` about `marks` into `out`, as far apart as is wanted."""
    if len(marks) < 3:
        return
    first, stop = int(marks[0]), min(int(marks[-1]) + 1, audio.shape[1])
    total = np.zeros((audio.shape[0], stop - first))
    weights = np.zeros(stop - first)
    place, nearest = float(marks[0]), 0
    while place < stop:
        while nearest + 1 < len(marks) and abs(marks[nearest + 1] - place) <= abs(marks[nearest] - place):
            nearest += 1
        half = stretch.period(marks[nearest])
        low, high = max(int(np.ceil(place - half)), first), min(int(place + half) + 1, stop)
        if low < high:
            window = 0.5 + 0.5 * np.cos(np.pi * (np.arange(low, high) - place) / half)
            grain = _read(audio, low - place + float(marks[nearest]), high - low)
            total[:, low - first : high - first] += window * grain
            weights[low - first : high - first] += window
        beside = marks[min(nearest + 1, len(marks) - 1)] - marks[min(nearest, len(marks) - 2)]
        place += float(beside) / stretch.ratio(place)
    made = total / np.maximum(weights, 1e-6)
    share = _edges(stop - first, int(stretch.period(marks[0])), int(stretch.period(marks[-1])))
    share = np.where(weights > 1e-3, share, 0.0)
    out[:, first:stop] = (made * share + audio[:, first:stop] * (1.0 - share)).astype(np.float32)


def _edges(frames: int, rise: int, fall: int) -> Values:
    """Share (frames,) of what is made: up over the first period, down over the last."""
    place = np.arange(frames)
    up, down = (place + 1) / max(rise, 1), (frames - place) / max(fall, 1)
    return np.clip(np.minimum(up, down), 0.0, 1.0)


def _read(audio: Samples, start: float, count: int) -> Values:
    """Samples (channels, count) from a place between samples on; beyond the ends is silence."""
    whole = int(np.floor(start))
    part = start - whole
    low, high = whole - 1, whole + count + 2
    inside = audio[:, max(low, 0) : max(high, 0)]
    missing = (max(-low, 0), max(high - max(low, 0) - inside.shape[1], 0))
    padded = np.pad(inside, ((0, 0), missing))[:, : count + 3]
    taps = (
        -part * (part - 1.0) * (part - 2.0) / 6.0,
        (part + 1.0) * (part - 1.0) * (part - 2.0) / 2.0,
        -(part + 1.0) * part * (part - 2.0) / 2.0,
        (part + 1.0) * part * (part - 1.0) / 6.0,
    )
    return np.asarray(sum(tap * padded[:, at : at + count] for at, tap in enumerate(taps)), np.float64)
