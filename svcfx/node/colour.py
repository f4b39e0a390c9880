"""How a rendered voice is coloured: tension as tilt of its spectrum, effort as level and tilt, breath as
noise.

Windows of about 46 ms, a quarter apart. A window where all stand at 0 adds nothing, so what lies there stays
to the bit. Tilt and breath keep a window's energy; breath gives each band to noise of that band's power.

Source: how the tilt of a voice follows its loudness, about 1.5 dB at 3 kHz for 1 dB overall: Nordenberg and
Sundberg, "Effect on LTAS of vocal loudness variation", Logopedics Phoniatrics Vocology 29, 2004.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain.parametric.synthesis import noise_at
from svcfx.chain.voice import Curves
from svcfx.dsp.formant import OVERLAP, window, window_frames

NAMES = ("tension", "dynamics", "breath")
TILT_PER_DB = 0.2
"""dB per octave that a voice gains with each dB of effort: 0.5 dB more over the 2.6 octaves up to 3 kHz."""
PIVOT_HZ, LOWEST_HZ, HIGHEST_HZ = 1000.0, 100.0, 16_000.0
"""Where the tilt is 0 dB, and where it ends."""
BAND_HZ = 800.0
"""Width of the triangle over which a band's power is counted: wider than a soprano's harmonics lie apart."""
BREATHY_FROM_HZ = 500.0
_MOST = 512
_Array = NDArray[np.float64]


def coloured(audio: Samples, sample_rate: float, curves: Curves, seed: int) -> Samples:
    """`audio` (n,) as the curves stand at each moment from its first sample on; noise is a function of the
    seed and of the place."""
    frames = window_frames(sample_rate)
    hop, shape = frames // OVERLAP, window(frames)
    count = len(audio) // hop + OVERLAP + 1
    padded = np.pad(audio, (frames, frames + hop * OVERLAP))
    added = np.zeros_like(padded)
    for first in range(0, count, _MOST):
        places = np.arange(first, min(first + _MOST, count)) * hop
        middles = np.maximum((places - frames / 2) / sample_rate, 0.0)
        tilt, effort, breath = (np.asarray(curves[name].at(middles), np.float64) for name in NAMES)
        at = np.flatnonzero((tilt != 0) | (effort != 0) | (breath != 0))
        if not len(at):
            continue
        pieces = sliding_window_view(padded, frames)[places[at]] * shape
        drawn = noise_at(int(places[at[0]]) - frames, int(places[at[-1]] - places[at[0]]) + frames, seed)
        noise = sliding_window_view(drawn, frames)[places[at] - places[at[0]]] * shape
        tilt = tilt + TILT_PER_DB * effort
        change = _change(pieces, noise, tilt[at], effort[at], breath[at], sample_rate)
        for place, piece in zip(places[at], change * shape, strict=True):
            added[place : place + frames] += piece.astype(np.float32)
    return audio + added[frames : frames + len(audio)]


def _change(
    pieces: _Array, noise: _Array, tilt_db: _Array, gain_db: _Array, breath: _Array, sample_rate: float
) -> _Array:
    """What is added to windowed sound (T, frames) to colour it."""
    frames = pieces.shape[1]
    hz = np.asarray(np.fft.rfftfreq(frames, 1.0 / sample_rate), np.float64)
    spectra, drawn = np.fft.rfft(pieces, axis=1), np.fft.rfft(noise, axis=1)
    octaves = np.log2(np.clip(hz, LOWEST_HZ, HIGHEST_HZ) / PIVOT_HZ)
    tilted = spectra * 10.0 ** (tilt_db[:, None] * octaves / 20.0)
    share = _share(breath, hz)
    power = _banded(np.square(np.abs(tilted)), frames / sample_rate)
    drawn *= np.sqrt(power / np.square(window(frames)).sum())
    made = tilted * np.sqrt(1.0 - np.square(share)) + drawn * share
    energy = np.square(np.abs(spectra)).sum(1) / np.maximum(np.square(np.abs(tilted)).sum(1), 1e-30)
    made *= (np.sqrt(energy) * 10.0 ** (gain_db / 20.0))[:, None]
    return np.fft.irfft(made - spectra, frames, axis=1)


def _share(breath: _Array, hz: _Array) -> _Array:
    """Share of noise (T, bins): little of it lies high, all of it is a whisper."""
    octaves = np.log2(np.maximum(hz, 1.0) / BREATHY_FROM_HZ)
    return breath[:, None] ** np.clip(2.0 - 0.5 * octaves, 0.5, 2.0)


def _banded(power: _Array, bins_a_hz: float) -> _Array:
    """Power spectra (T, bins), each bin the weighted mean of those about it."""
    width = max(int(BAND_HZ * bins_a_hz) // 2, 1)
    total = np.cumsum(np.pad(power, ((0, 0), (2 * width, 2 * width)), mode="reflect"), axis=1)
    once = (total[:, width:] - total[:, :-width]) / width
    twice = np.cumsum(np.pad(once, ((0, 0), (1, 0))), axis=1)
    found = (twice[:, width:] - twice[:, :-width]) / width
    start = (found.shape[1] - power.shape[1]) // 2
    return np.maximum(found[:, start : start + power.shape[1]], 0.0)
