"""The band, synthesised: plucked strings, a pad, a bass, and drums. All at 44.1 kHz, float64.

Strings follow Karplus and Strong ("Digital Synthesis of Plucked-String and Drum Timbres", Computer Music
Journal 7(2), 1983), written as one recursive filter a note.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import signal
from score import BARS, BEATS_PER_BAR, SHAPES, chords, seconds

Array = NDArray[np.float64]
RATE = 44_100
_CHORUS = 40.0  # quarter at which the full pattern starts


def hertz(pitch: float) -> float:
    """Frequency of a MIDI number."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def harmony(total_s: float, seed: int) -> Array:
    """Strings, pad and bass, shape (2, frames)."""
    random = np.random.default_rng(seed)
    mix = np.zeros((2, round(total_s * RATE)))
    for name, start, quarters in chords():
        bass, strings = SHAPES[name]
        _strum(mix, strings, start, quarters, random)
        _add(mix, 0.5 * _bass(bass, seconds(start + quarters) - seconds(start)), seconds(start), 0.0)
        if start >= 8.0:
            for place, pitch in enumerate(strings[1:4]):
                gain = 0.055 if start >= _CHORUS else 0.038
                tone = _pad(pitch, seconds(start), seconds(start + quarters), random)
                _add(mix, gain * tone, max(0.0, seconds(start) - 0.12), 0.5 * (place - 1))
    return 0.5 * mix / np.abs(mix).max()


def _strum(mix: Array, strings: tuple[int, ...], start: float, quarters: float, random) -> None:
    """Eighths up and down the chord; the last chord of the song is one slow strum."""
    if start >= (BARS - 1) * BEATS_PER_BAR:
        for order, pitch in enumerate(strings):
            _add(mix, 0.5 * pluck(pitch, 4.0, random), seconds(start) + 0.045 * order, 0.3 * (order - 2))
        return
    order = (0, 2, 3, 4, 3, 2, 1, 2)
    for eighth in range(round(2 * quarters)):
        where = (int(2 * start) + eighth) % 8
        pitch = strings[0] if eighth == 0 else strings[order[where]]
        gain = (0.42 if where % 4 == 0 else 0.3) * random.uniform(0.88, 1.0)
        at = seconds(start + 0.5 * eighth) + (0.0 if where % 2 == 0 else random.uniform(0.0, 0.008))
        _add(mix, gain * pluck(pitch, 1.6, random), at, 0.35 * np.sin(1.7 * order[where]))


def pluck(pitch: float, length_s: float, random: np.random.Generator) -> Array:
    """One string, tuned to a fraction of a sample by an allpass in its loop."""
    frames = round(length_s * RATE)
    period = RATE / hertz(pitch)
    whole = int(period - 0.5 - 0.2)
    fraction = period - 0.5 - whole  # the averaging filter delays by half a sample
    allpass = (1.0 - fraction) / (1.0 + fraction)
    loss = 0.5 * 0.9985 ** (period / 100.0)
    burst = np.zeros(frames)
    noise = random.uniform(-1.0, 1.0, whole)
    noise = signal.lfilter([0.35], [1.0, -0.65], noise - noise.mean())
    burst[:whole] = noise - np.roll(noise, whole // 5)  # plucked at a fifth of its length
    # y = x + loss (z^-whole)(1 + z^-1) A(z) y,  A = (a + z^-1) / (1 + a z^-1)
    denominator = np.zeros(whole + 3)
    denominator[:2] = (1.0, allpass)
    denominator[whole : whole + 3] -= loss * np.array([allpass, 1.0 + allpass, 1.0])
    tone = signal.lfilter([1.0, allpass], denominator, burst)
    tone[-2000:] *= np.linspace(1.0, 0.0, 2000)
    return tone / max(1e-9, float(np.abs(tone).max()))


def _bass(pitch: int, length_s: float) -> Array:
    """A round tone of four harmonics that decay."""
    time = np.arange(round(length_s * 0.98 * RATE)) / RATE
    phase = 2.0 * np.pi * hertz(pitch) * time
    tone = sum(np.sin(k * phase) * np.exp(-time * (0.5 + 1.6 * k)) / k**1.5 for k in range(1, 5))
    edge = np.clip(np.minimum(time / 0.006, (time[-1] - time) / 0.04), 0.0, 1.0)
    return np.asarray(tone * edge)


def _pad(pitch: int, start_s: float, end_s: float, random: np.random.Generator) -> Array:
    """Three detuned soft waves that swell in and overlap the next chord."""
    time = np.arange(round((end_s - start_s + 0.24) * RATE)) / RATE
    tone = np.zeros(len(time))
    for cents in (-6.0, 0.0, 6.0):
        phase = 2.0 * np.pi * hertz(pitch + cents / 100.0) * time + random.uniform(0.0, 6.28)
        tone += sum(np.sin(k * phase) / k**2 for k in range(1, 7))
    return tone * np.clip(np.minimum(time / 0.24, (time[-1] - time) / 0.24), 0.0, 1.0)


def drums(total_s: float, seed: int) -> Array:
    """Kick, snare and hat, shape (2, frames): light in the verse, full in the chorus."""
    random = np.random.default_rng(seed)
    mix = np.zeros((2, round(total_s * RATE)))
    for bar in range(1, BARS - 1):
        first = float(bar * BEATS_PER_BAR)
        full = first >= _CHORUS
        for beat in (0.0, 2.0, 2.5) if full else (0.0, 2.0):
            _add(mix, 0.9 * _kick(), seconds(first + beat), 0.0)
        for beat in (1.0, 3.0):
            _add(mix, (0.55 if full else 0.3) * _snare(random), seconds(first + beat), 0.08)
        for eighth in range(8):
            gain = (0.16 if eighth % 2 == 0 else 0.1) * (1.0 if full else 0.65)
            _add(mix, gain * _hat(random), seconds(first + eighth / 2), -0.3)
        if bar in (9, 17):
            for sixteenth in range(4):
                gain = 0.2 + 0.1 * sixteenth
                _add(mix, gain * _snare(random), seconds(first + 3.0 + sixteenth / 4), 0.08)
    _add(mix, 0.9 * _kick(), seconds(float((BARS - 1) * BEATS_PER_BAR)), 0.0)
    return 0.6 * mix / np.abs(mix).max()


def _kick() -> Array:
    time = np.arange(round(0.3 * RATE)) / RATE
    sweep = 48.0 * time + 90.0 * 0.03 * (1.0 - np.exp(-time / 0.03))
    click = np.exp(-time / 0.002) * 0.3
    return np.sin(2.0 * np.pi * sweep) * np.exp(-time / 0.09) + click


def _snare(random: np.random.Generator) -> Array:
    time = np.arange(round(0.22 * RATE)) / RATE
    wires = signal.sosfilt(
        signal.butter(2, (1200.0, 9000.0), "band", fs=RATE, output="sos"), random.normal(0, 1, len(time))
    )
    return 0.7 * wires * np.exp(-time / 0.06) + 0.5 * np.sin(2.0 * np.pi * 190.0 * time) * np.exp(
        -time / 0.04
    )


def _hat(random: np.random.Generator) -> Array:
    time = np.arange(round(0.09 * RATE)) / RATE
    wires = signal.sosfilt(
        signal.butter(4, 7000.0, "high", fs=RATE, output="sos"), random.normal(0, 1, len(time))
    )
    return wires * np.exp(-time / 0.022)


def _add(mix: Array, tone: Array, at_s: float, pan: float) -> None:
    """Add a mono tone at `at_s`, panned -1 (left) to 1 with equal power."""
    first = round(at_s * RATE)
    length = min(len(tone), mix.shape[1] - first)
    angle = (pan + 1.0) * np.pi / 4.0
    mix[0, first : first + length] += np.cos(angle) * tone[:length]
    mix[1, first : first + length] += np.sin(angle) * tone[:length]
