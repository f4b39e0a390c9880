"""Whether a stem holds one voice or several at once.

In each loud stretch of a quarter second the harmonic comb is looked for that explains most of the spectrum
below 1.6 kHz. One voice leaves little beside its comb; a chord leaves its other notes. A comb must have
something on its first tooth, or any chord of whole-number ratios would pass as one low voice
whose fundamental is missing (440, 550 and 660 Hz as 110 Hz).

What no comb explains is several notes only where lines stand out of the spectrum; else it is noise.

Measured: sung and spoken stems, also in a room, 0 to 0.16; triads, sixths and thirds of sung notes 0.65 to 1;
a bare fifth 0.5 and more; an octave passes as one voice; noise, whisper and a croaking voice 0.
"""

import numpy as np
from numpy.typing import NDArray

from svcfx import cores
from svcfx.audio import Samples
from svcfx.dsp.periodicity import loud_rows, some_of
from svcfx.dsp.resample import mono
from svcfx.events import UNHEARD, Events

RATE = 8000
WINDOW, HOP = 2048, 1024
LOWEST_HZ, HIGHEST_HZ, TOP_HZ = 70.0, 900.0, 1600.0
TOOTH_HZ = 14.0
"""Half the width of a tooth at the fundamental: the window's main lobe and a slow vibrato."""
TOOTH_SHARE = 0.025
"""Half the width of a higher tooth, a share of its frequency: vibrato moves high harmonics more."""
LEFT_OVER = 0.33
"""A frame with more of its energy than this beside its best comb holds more than one voice."""
POLYPHONIC_FROM = 0.5
LINE, LINES_SHARE, AROUND = 20.0, 0.1, 31
"""A bin that is so many times the geometric mean of the bins about it (120 Hz) is part of a line;
lines hold a seventh of the energy of notes, with wide vibrato too, and of noise next to nothing."""
LEAST_FRAMES = 12
"""A second and a half of loud sound; less says nothing."""
_FIRST = int(60.0 * WINDOW / RATE)
_COVER_COST = 0.35
_FOUNDATION = 0.003
_AT_ONCE = 1024
"""Frames that are held against all combs together."""

Spectra = NDArray[np.float64]


def polyphonic_share(samples: Samples, sample_rate: int, events: Events = UNHEARD) -> float:
    """Share of the loud, pitched frames of `samples`, shape (channels, frames), with several notes at once.

    0 when hardly anything is loud. Above `POLYPHONIC_FROM` a stem is a chord or a choir rather than a voice.
    """
    heard = mono(samples, sample_rate, RATE)
    if len(heard) < WINDOW:
        return 0.0
    frames = np.lib.stride_tricks.sliding_window_view(heard, WINDOW)[::HOP]
    loud = loud_rows(frames)
    if len(loud) < LEAST_FRAMES:
        return 0.0
    return sum(_several(_spectra(some)) for some in some_of(loud, frames, events)) / len(loud)


def _several(spectra: Spectra) -> int:
    """How many of these hold several notes."""
    return int(np.sum((left_over(spectra) > LEFT_OVER) & (lines(spectra) > LINES_SHARE)))


def _spectra(loud: NDArray[np.float32]) -> Spectra:
    """Power spectra (frames, bins) up to `TOP_HZ` of frames (frames, `WINDOW`)."""
    top = int(TOP_HZ * WINDOW / RATE)
    power = np.abs(np.fft.rfft(loud * np.hanning(WINDOW), axis=1)[:, :top]) ** 2
    power[:, :_FIRST] = 0.0
    return np.asarray(power, np.float64)


def lines(spectra: Spectra) -> NDArray[np.float64]:
    """Share of each frame's energy in lines that stand out of their surroundings, shape (frames,)."""
    heard = spectra[:, _FIRST:]
    padded = np.pad(np.log(heard + 1e-12), ((0, 0), (AROUND // 2 + 1, AROUND // 2)), "reflect")
    summed = np.cumsum(padded, axis=1)
    around = np.exp((summed[:, AROUND:] - summed[:, :-AROUND]) / AROUND)
    return np.asarray((heard * (heard > LINE * around)).sum(axis=1) / (heard.sum(axis=1) + 1e-12))


def left_over(spectra: Spectra) -> NDArray[np.float64]:
    """Share of each frame's energy beside its best comb, shape (frames,)."""
    fundamentals = LOWEST_HZ * 2.0 ** np.arange(0, np.log2(HIGHEST_HZ / LOWEST_HZ), 1 / 48)
    pairs = [_comb(f0, spectra.shape[1]) for f0 in fundamentals]
    combs, bases = (np.stack(each, axis=1) for each in zip(*pairs, strict=True))

    def of_some(first: int) -> NDArray[np.float64]:
        heard = spectra[first : first + _AT_ONCE]
        total = heard.sum(axis=1, keepdims=True) + 1e-12
        explained = heard @ combs / total
        founded = heard @ bases > _FOUNDATION * explained * total
        score = np.where(founded, explained - _COVER_COST * combs.mean(axis=0), -np.inf)
        best = score.argmax(axis=1)
        rows = np.arange(len(heard))
        return np.asarray(np.where(np.isfinite(score[rows, best]), 1.0 - explained[rows, best], 1.0))

    return np.concatenate([np.zeros(0), *cores.each(of_some, range(0, len(spectra), _AT_ONCE))])


def _comb(f0: float, bins: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Teeth (bins,) of 0 and 1 around the harmonics of `f0`, and the first alone."""
    hz = np.arange(bins) * RATE / WINDOW
    order = np.maximum(np.round(hz / f0), 1.0)
    comb = np.abs(hz - order * f0) <= np.maximum(TOOTH_HZ, TOOTH_SHARE * hz)
    return comb.astype(np.float64), (comb & (order == 1)).astype(np.float64)
