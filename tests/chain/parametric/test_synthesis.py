import itertools

import numpy as np
import pytest

from svcfx.chain.parametric import level, synthesis
from svcfx.chain.parametric.synthesis import HOP, RATE, TAIL
from svcfx.dsp.weighting import a_weight

FLAT, CLEAR = np.zeros(80, np.float32), np.full(6, 0.02, np.float32)


def sing(f0, gain=1.0, envelope=FLAT, breath=CLEAR):
    frames = len(f0)
    return synthesis.render_whole(
        np.tile(envelope, (frames, 1)).astype(np.float32),
        np.tile(breath, (frames, 1)).astype(np.float32),
        np.full(frames, gain, np.float32),
        np.asarray(f0, float),
    )


def pitch_hz(audio, near):
    """Peak of a windowed spectrum near a fundamental, by parabola on the log."""
    bins = 1 << 20
    spectrum = np.log(np.abs(np.fft.rfft(audio * np.hanning(len(audio)), bins)) + 1e-12)
    low, high = int(near * 0.8 * bins / RATE), int(near * 1.2 * bins / RATE)
    k = low + int(np.argmax(spectrum[low:high]))
    a, b, c = spectrum[k - 1 : k + 2]
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * RATE / bins


@pytest.mark.parametrize("hz", [70.0, 138.6, 261.6, 554.4, 1000.0])
def test_the_pitch_is_exact_within_five_cents(hz):
    audio = sing(np.full(150, hz))[20 * HOP : -20 * HOP]
    assert abs(1200 * np.log2(pitch_hz(audio, hz) / hz)) < 5


def test_the_level_does_not_depend_on_the_pitch():
    levels = [np.std(sing(np.full(120, hz))[20 * HOP : -20 * HOP]) for hz in (70, 150, 330, 700, 1000)]
    assert 20 * np.log10(max(levels) / min(levels)) < 0.3


def test_voiced_and_unvoiced_frames_of_one_envelope_are_equally_loud():
    voiced, unvoiced = (np.std(sing(np.full(200, hz))[20 * HOP : -20 * HOP]) for hz in (200.0, 0.0))
    assert abs(20 * np.log10(voiced / unvoiced)) < 0.5


def test_an_envelope_of_loudness_zero_at_gain_g_renders_at_a_weighted_rms_g():
    envelope = -0.0004 * np.linspace(60, 6000, 80).astype(np.float32)
    envelope -= level.envelope_loudness(envelope[None])[0]
    audio = sing(np.full(200, 220.0), gain=0.1, envelope=envelope)[20 * HOP : -20 * HOP]
    hz = np.fft.rfftfreq(len(audio), 1 / RATE)
    weight = np.exp(a_weight(np.maximum(hz, 1.0)))
    power = 2 * np.sum(np.abs(np.fft.rfft(audio) * weight) ** 2) / len(audio) ** 2
    assert abs(20 * np.log10(np.sqrt(power) / 0.1)) < 0.5


def test_a_glide_follows_its_curve_between_frames():
    semitones = np.linspace(0, 12, 200)
    audio = sing(200 * 2 ** (semitones / 12))
    for frame in (50, 100, 150):
        piece = audio[(frame - 4) * HOP : (frame + 4) * HOP]
        wanted = 200 * 2 ** (semitones[frame] / 12)
        assert abs(1200 * np.log2(pitch_hz(piece, wanted) / wanted)) < 15


def test_gain_zero_is_digital_silence():
    assert not np.any(sing(np.full(50, 200.0), gain=0.0))
    gain = np.ones(60, np.float32)
    gain[20:40] = 0
    f0 = np.full(60, 150.0)
    audio = synthesis.render_whole(np.zeros((60, 80), np.float32), np.tile(CLEAR, (60, 1)), gain, f0)
    quiet = audio[20 * HOP + TAIL : 39 * HOP]
    assert len(quiet) > 0
    assert not np.any(quiet)


def random_frames(frames):
    random = np.random.default_rng(3)
    steps = random.standard_normal((frames, 80)).cumsum(0) * 0.05
    f0 = 200 * 2 ** (random.standard_normal(frames).cumsum() / 40)
    f0[frames // 3 : frames // 3 + 15] = 0
    f0[frames // 2] = 0
    gain = random.uniform(0.5, 1, frames).astype(np.float32)
    return steps.astype(np.float32), random.uniform(0, 1, (frames, 6)).astype(np.float32), gain, f0


@pytest.mark.parametrize("cuts", [(0, 100, 300), (0, 1, 37, 133, 134, 300)])
def test_slices_with_one_frame_of_context_add_up_to_the_whole(cuts):
    envelope, breath, gain, f0 = random_frames(300)
    whole = synthesis.render_whole(envelope, breath, gain, f0, seed=5)
    phase = synthesis.accumulate_phase(f0)
    out = np.zeros(HOP * 302 + TAIL, np.float64)
    for first, last in itertools.pairwise(cuts):
        low, high = max(first - 1, 0), min(last + 1, 300)
        part = slice(low, high)
        own = gain[part].copy()
        own[: first - low] = 0
        own[len(own) - (high - last) :] *= 0 if high > last else 1
        noise = synthesis.noise_at((low - 1) * HOP, (high - low + 1) * HOP, 5)
        piece = synthesis.render(envelope[part], breath[part], own, f0[part], phase[part], noise)
        out[low * HOP : low * HOP + len(piece)] += piece
    error = np.abs(out[HOP : 301 * HOP] - whole).max() / np.abs(whole).max()
    assert 20 * np.log10(error + 1e-12) < -100


@pytest.mark.bytes
def test_noise_is_a_function_of_the_absolute_sample():
    np.testing.assert_array_equal(
        synthesis.noise_at(5000, 300, 1), synthesis.noise_at(-441, 9000, 1)[5441:5741]
    )
    assert not np.array_equal(synthesis.noise_at(0, 100, 1), synthesis.noise_at(0, 100, 2))


def test_phase_goes_on_where_it_was_left():
    f0 = random_frames(100)[3]
    whole = synthesis.accumulate_phase(f0)
    later = synthesis.accumulate_phase(f0[40:], float(whole[40]))
    np.testing.assert_allclose(later, whole[40:], atol=1e-9)


@pytest.mark.bytes
def test_the_same_frames_give_the_same_bytes():
    frames = random_frames(60)
    assert synthesis.render_whole(*frames).tobytes() == synthesis.render_whole(*frames).tobytes()
