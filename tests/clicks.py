"""Clicks over a soft tone, and when they arrive: what tests of time are made of. All at 44.1 kHz."""

import numpy as np

RATE = 44_100
REACH = 900


def track(seconds, at, tone=0.05, channels=2):
    """Bursts at these seconds over a tone of 220 Hz, shape (channels, frames)."""
    frames = round(seconds * RATE)
    time, wave = np.arange(frames) / RATE, np.zeros((channels, frames))
    burst = np.random.default_rng(0).standard_normal((channels, 400)) * np.exp(-np.arange(400) / 60)
    for first in np.round(np.asarray(at) * RATE).astype(int):
        wave[:, first : first + 400] += 0.3 * burst / np.abs(burst).max()
    return (wave + tone * sum(np.sin(2 * np.pi * 220 * k * time) / k for k in range(1, 6))).astype(np.float32)


def arrival(samples, near):
    """Frame at which a third of a click's brightness near frame `near` has come, above 5 kHz where the tone
    is not."""
    first = round(near) - REACH
    spectrum = np.fft.rfft(samples[0, first : first + 2 * REACH].astype(np.float64))
    spectrum[: round(5000 * 2 * REACH / RATE)] = 0.0
    energy = np.cumsum(np.fft.irfft(spectrum, 2 * REACH) ** 2)
    return first + float(np.searchsorted(energy, 0.33 * energy[-1]))


def late(samples, places, own):
    """Seconds by which each click comes behind the second where it should be, shape (clicks,); `own` are the
    samples and seconds of clicks as they were."""
    before, at = own
    began = arrival(before, at[0] * RATE) - at[0] * RATE
    return np.array([arrival(samples, place * RATE) - place * RATE - began for place in places]) / RATE
