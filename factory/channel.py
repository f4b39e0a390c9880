"""What a room, a microphone and a recording do to a voice, at random: the encoder must hear through it."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from svcfx.training.world import RATE

Samples = NDArray[np.float32]
Random = np.random.Generator


def record(audio: Samples, random: Random) -> Samples:
    """Audio at 16 kHz (frames,) as some room and chain of 1 to -29 dBFS would deliver it; same shape."""
    wave = np.asarray(audio, np.float64)
    if random.random() < 0.30:
        wave = _reverberated(wave, random)
    if random.random() < 0.10:
        wave = np.tanh(wave / (np.abs(wave).max() + 1e-9) * random.uniform(1.0, 4.0))
    if random.random() < 0.15:
        wave = _filtered(wave, random.uniform(3000.0, 7000.0), "lowpass", 4)
    if random.random() < 0.20:
        wave = _filtered(wave, random.uniform(60.0, 250.0), "highpass", 2)
    if random.random() < 0.50:
        wave = wave + _noise(wave, random)
    peak = np.abs(wave).max() + 1e-9
    return np.asarray(wave / peak * 10.0 ** (random.uniform(-24.0, -1.0) / 20.0), np.float32)


def _reverberated(wave: NDArray[np.float64], random: Random) -> NDArray[np.float64]:
    seconds = random.uniform(0.15, 0.8)
    t = np.arange(int(seconds * RATE)) / RATE
    tail = random.standard_normal(len(t)) * np.exp(-6.9 * t / seconds)
    tail *= random.uniform(0.1, 0.5) / np.sqrt(np.sum(tail**2))
    tail[0] += 1.0
    return np.asarray(signal.fftconvolve(wave, tail)[: len(wave)])


def _filtered(wave: NDArray[np.float64], hz: float, kind: str, order: int) -> NDArray[np.float64]:
    return np.asarray(signal.sosfilt(signal.butter(order, hz, kind, fs=RATE, output="sos"), wave))


def _noise(wave: NDArray[np.float64], random: Random) -> NDArray[np.float64]:
    """Coloured noise 12 to 50 dB below the voice."""
    colour = random.uniform(-0.95, 0.6)
    noise = signal.lfilter([1.0], [1.0, colour], random.standard_normal(len(wave)))
    ratio = 10.0 ** (-random.uniform(12.0, 50.0) / 20.0)
    return np.asarray(noise * (np.std(wave) / np.std(noise)) * ratio)
