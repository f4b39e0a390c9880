"""A voice's highs are its own as far up as the recording goes, and continued from below where it ends."""

import numpy as np
import pytest
from scipy import signal

pytest.importorskip("pyworld", reason="the clone extra is not installed")
from svcfx.chain.parametric import bands
from svcfx.training.cloning.frames import frames

RATE = 44_100
SLOPE = -0.6
"""Amplitude of a partial over its number, as an exponent."""


def tone(low_pass_hz=0.0):
    """A second about 150 Hz whose partials fall as a power of their number, and its pitch at 10 ms."""
    when = np.arange(RATE) / RATE
    f0 = 150.0 * 2.0 ** (0.2 * np.sin(2.0 * np.pi * when))
    phase = 2.0 * np.pi * np.cumsum(f0) / RATE
    wave = sum(np.cos(n * phase) * n**SLOPE * (n * f0 < 21_000) for n in range(1, 180))
    if low_pass_hz:
        wave = signal.sosfiltfilt(signal.butter(8, low_pass_hz, fs=RATE, output="sos"), wave)
    return (0.1 * wave / np.abs(wave).max()).astype(np.float32), f0[::441]


def envelope(mono, f0, **how):
    """Median over frames (80,), natural log over that of 5.4 kHz."""
    median = frames(mono, RATE, f0, **how).envelope.median(0).values.numpy()
    return median - np.interp(5400.0, bands.centres(), median)


@pytest.mark.parametrize(
    ("low_pass_hz", "held_hz"), [(0.0, 19_000.0), (16_000.0, 12_000.0), (12_000.0, 9_000.0)]
)
def test_what_a_recording_holds_is_measured_to_half_a_decibel(low_pass_hz, held_hz):
    found = envelope(*tone(low_pass_hz), own_highs=True)
    hz = bands.centres()
    held = (hz > 6800.0) & (hz < held_hz)
    np.testing.assert_allclose(found[held], SLOPE * np.log(hz[held] / 5400.0), atol=0.06)


@pytest.mark.parametrize("low_pass_hz", [12_000.0, 7_000.0])
def test_where_a_recording_ends_it_is_continued_as_for_any(low_pass_hz):
    mono, f0 = tone(low_pass_hz)
    own, continued = (envelope(mono, f0, own_highs=how) for how in (True, False))
    beyond = bands.centres() > 1.15 * low_pass_hz
    np.testing.assert_allclose(own[beyond], continued[beyond], atol=0.06)


def test_speech_brought_up_from_16_khz_has_no_highs_of_its_own():
    mono, f0 = tone()
    low = signal.resample_poly(signal.resample_poly(mono, 160, 441), 441, 160).astype(np.float32)
    one, other = (frames(low, RATE, f0, own_highs=how).envelope for how in (True, False))
    assert float((one - other).abs().max()) < 0.3
