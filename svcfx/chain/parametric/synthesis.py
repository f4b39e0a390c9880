"""From control frames to 44.1 kHz audio: a band-limited pulse train and noise through minimum-phase filters.

The pulse is Dirichlet's closed form of a sum of cosines, its level free of pitch; noise is breath, beaten
by the pulse where voiced. Both are cut into Hann windows of two hops, filtered by each frame's
minimum-phase response, and added. Nothing here is trained; phase and noise are arguments, so slices
of one song meet without a seam.

Source: minimum phase from the real cepstrum, Oppenheim and Schafer, Discrete-Time Signal Processing.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from svcfx.chain.parametric import bands

Frames = NDArray[np.float32]
Array = NDArray[np.float64]

RATE = 44100
HOP = 441
FFT = 2048
TAIL = FFT - 2 * HOP
"""Samples that the filters ring on after the last frame's window."""
BEAT_DEPTH = 0.5
BREATH_ABOVE_HZ = 9500.0
TOP = 0.48
"""Where harmonics end, as a share of the rate."""
_CHUNK = 256


def accumulate_phase(f0_hz: Array, start_cycles: float = 0.0) -> Array:
    """Phase in cycles at each frame centre, shape (T,), for f0 (T,) straight between voiced frames.

    Phase stands still through unvoiced frames; feed the last value and its f0 on to continue.
    """
    f0 = np.asarray(f0_hz, np.float64)
    left, right = _ends(f0)
    steps = 0.5 * (left + right) * HOP / RATE
    return np.asarray(start_cycles + np.concatenate([[0.0], np.cumsum(steps)]))


def noise_at(first: int, frames: int, seed: int = 0) -> Frames:
    """White Gaussian noise, a function of the absolute sample index: (frames,) from sample `first` on."""
    block = 4096
    start = first // block
    count = (first + frames - 1) // block - start + 1
    pieces = [
        np.random.default_rng((seed & 0xFFFFFFFF, (start + i) & 0xFFFFFFFF)).standard_normal(
            block, np.float32
        )
        for i in range(max(count, 0))
    ]
    return np.concatenate([*pieces, np.zeros(0, np.float32)])[first - start * block :][:frames]


def render_whole(
    envelope: Frames, aperiodicity: Frames, gain: Frames, f0_hz: Array, *, seed: int = 0
) -> Frames:
    """Render frames 0..T-1 as one piece: shape (441 * T,), sample 441 * k is the centre of frame k."""
    frames = len(f0_hz)
    noise = noise_at(-HOP, HOP * (frames + 1), seed)
    out = render(envelope, aperiodicity, gain, f0_hz, accumulate_phase(f0_hz), noise)
    return out[HOP : HOP * (frames + 1)]


def render(
    envelope: Frames,
    aperiodicity: Frames,
    gain: Frames,
    f0_hz: Array,
    phase_cycles: Array,
    noise: Frames,
) -> Frames:
    """Render T control frames.

    Args:
        envelope: Natural-log amplitude at the 80 bands, shape (T, 80).
        aperiodicity: Noise share 0..1 at six points, shape (T, 6); ignored (1) where unvoiced.
        gain: Linear amplitude, shape (T,); 0 is digital silence.
        f0_hz: Pitch, shape (T,); 0 is unvoiced.
        phase_cycles: Phase at each frame centre, shape (T,), as `accumulate_phase` makes it.
        noise: White, unit variance, shape (441 * (T + 1),), its first sample 441 before frame 0.

    Returns:
        Shape (441 * (T + 1) + TAIL,), from 441 samples before frame 0's centre. Buffers of neighbouring
        slices add up to the whole, when each brings one frame of its neighbours on both sides with gain 0.
    """
    frames = len(gain)
    out = np.zeros(HOP * (frames + 1) + TAIL, np.float32)
    if not np.any(gain):
        return out
    f0 = np.asarray(f0_hz, np.float64)
    pulse, beat = _excitation(f0, np.asarray(phase_cycles, np.float64))
    voiced = (f0 > 0).astype(np.float32)[:, None]
    for first in range(0, frames, _CHUNK):
        part = slice(first, min(first + _CHUNK, frames))
        if not np.any(gain[part]):
            continue
        depth = voiced[part] * BEAT_DEPTH
        noises = _cut(noise, part) * (1.0 + depth * _cut(beat, part)) / np.sqrt(1.0 + 0.5 * depth**2)
        spectra = _filtered(envelope[part], aperiodicity[part], voiced[part], _cut(pulse, part), noises)
        _add(out, fft.irfft(spectra, FFT, axis=1) * gain[part][:, None], first)
    return out


def breath(hz: Array, aperiodicity: Frames) -> Array:
    """Share of noise 0 to 1 at frequencies, (N,) or (T, N), of voiced frames' six points (T, 6): (T, N)."""
    points = np.array(bands.APERIODICITY_HZ)
    right = np.clip(np.searchsorted(points, hz), 1, len(points) - 1)
    part = np.clip((hz - points[right - 1]) / (points[right] - points[right - 1]), 0.0, 1.0)
    rows = np.arange(len(aperiodicity))[:, None]
    low, high = aperiodicity[rows, right - 1], aperiodicity[rows, right]
    above = np.clip((hz - points[-1]) / (BREATH_ABOVE_HZ - points[-1]), 0.0, 1.0)
    return np.asarray(np.clip((low + (high - low) * part) * (1.0 - above) + above, 0.0, 1.0))


def _filtered(
    envelope: Frames, aperiodicity: Frames, voiced: Frames, pulses: Frames, noises: Frames
) -> Array:
    """Spectra (T, 1025) of the windowed excitation through each frame's filter."""
    window = _window()
    maps = _maps()
    breath = np.clip(aperiodicity @ maps.breath.T + maps.breath_top, 0.0, 1.0)
    breath = np.where(voiced > 0, breath, np.float32(1.0))
    pulse_part = fft.rfft(pulses * window, FFT, axis=1) * np.sqrt(1.0 - breath**2) * voiced
    noise_part = fft.rfft(noises * window, FFT, axis=1) * breath
    log_amplitude = envelope @ maps.amplitude.T
    angle = envelope @ maps.angle.T
    response = np.exp(log_amplitude) * (np.cos(angle) + 1j * np.sin(angle))
    return np.asarray((pulse_part + noise_part) * response)


def _add(out: Frames, blocks: Frames, first: int) -> None:
    """Overlap-add blocks (T, FFT), a hop apart, into `out` from frame `first` on."""
    count = len(blocks)
    hops = -(-FFT // HOP)
    padded = np.zeros((count, hops * HOP), np.float32)
    padded[:, :FFT] = blocks
    total = np.zeros((count + hops, HOP), np.float32)
    for hop in range(hops):
        total[hop : hop + count] += padded[:, hop * HOP : (hop + 1) * HOP]
    flat = total.ravel()
    start = first * HOP
    reach = min(len(flat), len(out) - start)
    out[start : start + reach] += flat[:reach]


def _cut(samples: Frames, part: slice) -> Frames:
    """Frames `part` of a signal that starts one hop before frame 0, shape (n, 2 * HOP)."""
    piece = samples[part.start * HOP : (part.stop + 1) * HOP].reshape(-1, HOP)
    return np.concatenate([piece[:-1], piece[1:]], axis=1)


def _ends(f0: Array) -> tuple[Array, Array]:
    """f0 at both ends of each of the T-1 intervals; an unvoiced end takes the voiced one's value."""
    left, right = f0[:-1], f0[1:]
    return np.where(left > 0, left, right), np.where(right > 0, right, left)


def _excitation(f0: Array, phase: Array) -> tuple[Frames, Frames]:
    """Pulse train and the noise's beat, both (441 * (T + 1),), from one hop before frame 0."""
    padded = np.concatenate([f0[:1], f0, f0[-1:]])
    first = phase[0] - f0[0] * HOP / RATE
    phases = np.concatenate([[first], phase])
    left, right = _ends(padded)
    # An interval that opens unvoiced is counted back from the voiced frame that closes it.
    back = np.concatenate([phase, [0.0]]) - 0.5 * (left + right) * HOP / RATE
    opening = np.where(padded[:-1] > 0, phases, back)
    t = np.arange(HOP) / RATE
    slope = (right - left)[:, None] * (RATE / HOP)
    cycles = opening[:, None] + left[:, None] * t + 0.5 * slope * t**2
    hz = left[:, None] + slope * t
    cycles -= np.floor(cycles)
    pulse = _pulse(cycles, np.maximum(hz, 1.0)) * (hz > 0)
    return pulse.astype(np.float32).ravel(), np.cos(2.0 * np.pi * cycles).astype(np.float32).ravel()


def _pulse(cycles: Array, hz: Array) -> Array:
    """Twice the sum of all cosines below 0.48 of the rate, the topmost fading in, white at any pitch."""
    count = TOP * RATE / hz
    whole = np.floor(count)
    angle = 2.0 * np.pi * cycles
    half = np.sin(0.5 * angle)
    near = np.abs(half) < 1e-7
    ratio = np.sin((whole + 0.5) * angle) / np.where(near, 1.0, half)
    total = np.where(near, 2.0 * whole + 1.0, ratio) - 1.0
    total += 2.0 * (count - whole) * np.cos((whole + 1.0) * angle)
    return np.asarray(total * np.sqrt(hz / RATE))


@cache
def _window() -> Frames:
    """Periodic Hann of two hops; shifted by one hop it adds to 1."""
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(2 * HOP) / HOP)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Maps:
    """Fixed linear maps to the 1025 bins: (1025, 80), (1025, 80), (1025, 6), (1025,)."""

    amplitude: Frames
    angle: Frames
    breath: Frames
    breath_top: Frames


@cache
def _maps() -> _Maps:
    hz = np.arange(FFT // 2 + 1) * RATE / FFT
    amplitude = bands.interpolation(hz)
    cepstrum = fft.irfft(amplitude, FFT, axis=0)
    cepstrum[1 : FFT // 2] *= 2.0
    cepstrum[FFT // 2 + 1 :] = 0.0
    angle = fft.rfft(cepstrum, axis=0).imag
    points = np.array(bands.APERIODICITY_HZ)
    breath = np.array([np.interp(hz, points, row) for row in np.eye(len(points))]).T
    above = np.clip((hz - points[-1]) / (BREATH_ABOVE_HZ - points[-1]), 0.0, 1.0)
    breath *= 1.0 - above[:, None]
    return _Maps(*(np.asarray(m, np.float32) for m in (amplitude, angle, breath, above)))
