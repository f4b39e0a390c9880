"""How late a sound card is by itself: a sweep is played, and looked for in what is recorded meanwhile."""

import numpy as np
from scipy import signal

from svcfx.audio import Samples
from svcfx.errors import InputError
from svcfx.realtime.device import Device
from svcfx.realtime.live import BLOCKS_LATE, block_frames

LEVEL = 0.1
_SWEEP_SECONDS, _BEFORE_SECONDS, _AFTER_SECONDS = 0.25, 0.25, 2.0
_LOW_HZ, _HIGH_SHARE = 200.0, 0.4
_LEAST_LIKENESS = 0.15
"""Of the sweep and what was recorded there, where 1 is the same; noise comes to a third of it."""


def measure(device: Device, block_ms: float) -> int:
    """Frames by which a device that records what it plays is late, beside its schedule.

    What `Live` calls its latency is from captured to played; a singer waits for as much, and for this.

    Raises:
        InputError: The sweep is not in what was recorded.
    """
    rate, block = device.sample_rate, block_frames(block_ms, device.sample_rate)
    tone = sweep(rate)
    before, after = (round(seconds * rate) for seconds in (_BEFORE_SECONDS, _AFTER_SECONDS))
    played = np.concatenate([np.zeros(before, np.float32), tone, np.zeros(after, np.float32)])
    heard = np.zeros(2 * len(played), np.float32)
    with device:
        device.play(_wide(np.zeros(BLOCKS_LATE * block, np.float32), device))
        for at in range(0, len(played), block):
            device.play(_wide(played[at : at + block], device))
            piece = device.read(block)[0]
            start = device.position - len(piece)
            heard[start : start + len(piece)] = piece[: max(len(heard) - start, 0)]
    return _found(heard, tone) - BLOCKS_LATE * block - before


def sweep(sample_rate: int) -> Samples:
    """A sine that rises, faded in and out, shape (frames,)."""
    when = np.arange(round(_SWEEP_SECONDS * sample_rate)) / sample_rate
    rising = signal.chirp(when, _LOW_HZ, _SWEEP_SECONDS, _HIGH_SHARE * sample_rate, "logarithmic")
    return np.asarray(LEVEL * rising * np.hanning(len(when)), np.float32)


def _wide(samples: Samples, device: Device) -> Samples:
    return np.repeat(samples[None], device.channels, axis=0)


def _found(heard: Samples, tone: Samples) -> int:
    """The frame of `heard` where `tone` begins."""
    match = np.abs(signal.correlate(heard.astype(np.float64), tone.astype(np.float64), "valid", "fft"))
    best = int(np.argmax(match))
    there = heard[best : best + len(tone)]
    if match[best] <= _LEAST_LIKENESS * np.linalg.norm(tone) * np.linalg.norm(there):
        raise InputError(
            "the tone that was played is not in what was recorded",
            hint="connect what plays to what records with a cable, and turn both up",
        )
    return best
