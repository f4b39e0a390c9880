"""WORLD analysis and synthesis through pyworld.

Source: M. Morise, F. Yokomori, K. Ozawa, "WORLD: a vocoder-based high-quality speech synthesis
system for real-time applications", IEICE Trans. Inf. Syst. E99-D(7), 2016.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.parametric import bands
from svcfx.chain.pitch.world import library

pyworld = library()

Array = NDArray[np.float64]
Samples = NDArray[np.float32]

RATE = 16000
FRAME_S = 0.005
FFT = 1024
CUT_HZ = (4800.0, 6600.0)
"""Above the second the engines have nothing but their filters' skirts; the mean between both is extended."""
_NEPER = np.log(10.0) / 20.0


@dataclass(frozen=True, slots=True)
class Analysis:
    """WORLD's three streams of 16 kHz audio at 5 ms: f0_hz (T,), power spectrum and aperiodicity (T, 513)."""

    f0_hz: Array
    power: Array
    aperiodicity: Array


def analyse(audio: Samples, floor_hz: float = 60.0, ceiling_hz: float = 500.0) -> Analysis:
    """Analyse speech at 16 kHz, shape (frames,)."""
    wave = np.ascontiguousarray(audio, np.float64)
    wave = wave + 1e-6 * np.random.default_rng(0).standard_normal(len(wave))  # all-zero frames break d4c
    rough, times = pyworld.dio(wave, RATE, f0_floor=floor_hz, f0_ceil=ceiling_hz, frame_period=1e3 * FRAME_S)
    f0 = pyworld.stonemask(wave, rough, times, RATE)
    power = pyworld.cheaptrick(wave, f0, times, RATE, fft_size=FFT)
    return Analysis(f0, power, pyworld.d4c(wave, f0, times, RATE, fft_size=FFT))


def analyse_at(audio: Samples, f0_hz: Array) -> Analysis:
    """Analyse 16 kHz audio, shape (frames,), at 10 ms frames whose pitch (T,) is known, 0 where unvoiced."""
    wave = np.ascontiguousarray(audio, np.float64)
    wave = wave + 1e-6 * np.random.default_rng(0).standard_normal(len(wave))
    f0, times = np.ascontiguousarray(f0_hz, np.float64), 0.01 * np.arange(len(f0_hz))
    power = pyworld.cheaptrick(wave, f0, times, RATE, fft_size=FFT)
    return Analysis(f0, power, pyworld.d4c(wave, f0, times, RATE, fft_size=FFT))


def bands_at(audio: Samples, rate: int, fft: int, f0_hz: Array) -> NDArray[np.float32]:
    """Log amplitude (T, 80) of audio at any rate, at 10 ms frames of known pitch (T,), not extended."""
    wave = np.ascontiguousarray(audio, np.float64)
    f0, times = np.ascontiguousarray(f0_hz, np.float64), 0.01 * np.arange(len(f0_hz))
    power = pyworld.cheaptrick(wave, f0, times, rate, fft_size=fft)
    return np.asarray(0.5 * np.log(np.maximum(power, 1e-16)) @ band_matrix(rate, fft).T, np.float32)


def resynthesise(analysis: Analysis) -> Samples:
    """Audio at 16 kHz, shape (frames,), from WORLD's streams."""
    parts = (np.ascontiguousarray(a) for a in (analysis.f0_hz, analysis.power, analysis.aperiodicity))
    return np.asarray(pyworld.synthesize(*parts, RATE, frame_period=1e3 * FRAME_S), np.float32)


@dataclass(frozen=True, slots=True)
class Bands:
    """What the voice is trained on, at 5 ms: log amplitude (T, 80), aperiodicity (T, 6), voiced (T,)."""

    envelope: NDArray[np.float32]
    aperiodicity: NDArray[np.float32]
    voiced: NDArray[np.bool_]


def to_bands(analysis: Analysis) -> Bands:
    """Bands of an analysis, continued above the engines' own top as VOICE's second version does."""
    voiced = analysis.f0_hz > 0
    log_amplitude = 0.5 * np.log(np.maximum(analysis.power, 1e-16))
    envelope = extend(log_amplitude @ band_matrix(RATE, FFT).T, voiced)
    bins = np.array(bands.APERIODICITY_HZ) / (RATE / FFT)
    aperiodicity = analysis.aperiodicity[:, np.round(bins).astype(int)]
    aperiodicity = np.where(voiced[:, None], aperiodicity, 1.0)
    return Bands(envelope.astype(np.float32), aperiodicity.astype(np.float32), voiced)


def extend(envelope: Array, voiced: NDArray[np.bool_]) -> Array:
    """Replace what lies above 6.6 kHz by the mean of 4.8 to 6.6 kHz, falling in dB per kHz.

    Voiced: 2.2 dB/kHz to 11 kHz, then 2.5. Unvoiced: 1.3 to 11 kHz, then 3.
    """
    hz = bands.centres()
    inside = (hz >= CUT_HZ[0]) & (hz <= CUT_HZ[1])
    middle = float(np.mean(hz[inside]))
    level = envelope[:, inside].mean(1, keepdims=True)
    slope, later = np.where(voiced[:, None], 2.2, 1.3), np.where(voiced[:, None], 2.5, 3.0)
    near, far = np.minimum(hz, 11000.0) - middle, np.maximum(hz - 11000.0, 0.0)
    fallen = level - _NEPER * (slope * near + later * far) / 1000.0
    blend = np.clip((hz - 6000.0) / (CUT_HZ[1] - 6000.0), 0.0, 1.0)  # a step at 6.6 kHz would be heard
    return np.asarray(envelope * (1.0 - blend) + fallen * blend)


@cache
def band_matrix(rate: int, fft: int) -> Array:
    """Triangular averages (80, fft / 2 + 1) of log amplitude about each band's centre, rows summing to 1."""
    bins = np.arange(fft // 2 + 1) * rate / fft
    hz = bands.centres()
    reach = np.maximum(bands.widths(), rate / fft)
    weight = np.maximum(1.0 - np.abs(bins[None, :] - hz[:, None]) / reach[:, None], 0.0)
    weight[:, -1] += 1e-9  # bands above the highest bin hold it until `extend` replaces them
    return np.asarray(weight / weight.sum(1, keepdims=True))
