import numpy as np
import pytest

from svcfx.dsp import formant

RATE = 44100


def vowel(hz, peaks, seconds=0.5):
    """Harmonics of `hz` under resonances at `peaks` Hz."""
    t = np.arange(round(RATE * seconds)) / RATE
    harmonics = np.arange(1, int(16000 / hz)) * hz
    gain = sum(1 / (1 + ((harmonics - peak) / 120) ** 2) for peak in peaks) + 1e-3
    return (0.05 * (gain[:, None] * np.cos(2 * np.pi * harmonics[:, None] * t)).sum(0)).astype(np.float32)


def envelope_peak(sound, low, high):
    frames = formant.window_frames(RATE)
    spectrum = np.log(np.abs(np.fft.rfft(sound[5000 : 5000 + frames] * np.hanning(frames))) + 1e-7)
    curve = formant.envelope(spectrum[None], RATE)[0]
    hz = np.fft.rfftfreq(frames, 1 / RATE)
    inside = (hz > low) & (hz < high)
    return hz[inside][np.argmax(curve[inside])]


def shifted(sound, semitones):
    frames = formant.window_frames(RATE)
    hop = frames // formant.OVERLAP
    padded = np.pad(sound, frames)
    out = np.zeros(len(padded))
    for start in range(0, len(padded) - frames, hop):
        piece = padded[None, start : start + frames]
        out[start : start + frames] += formant.shift(piece, np.array([float(semitones)]), RATE)[0]
    return out[frames:-frames]


def test_windows_add_to_one():
    shape = formant.window(2048) ** 2
    total = sum(np.roll(shape, k * 512) for k in range(4))
    np.testing.assert_allclose(total, 1.0, atol=1e-12)


def test_no_shift_gives_the_sound_back():
    sound = vowel(150, (700, 1700))
    np.testing.assert_allclose(shifted(sound, 0.0), sound, atol=1e-6)


@pytest.mark.parametrize("semitones", [-5, 4])
def test_a_formant_moves_by_the_semitones_and_the_pitch_stays(semitones):
    sound = vowel(140, (1000,))
    moved = shifted(sound, semitones)
    wanted = 1000 * 2 ** (semitones / 12)
    assert abs(12 * np.log2(envelope_peak(moved, 400, 2500) / wanted)) < 1.0
    spectra = [np.abs(np.fft.rfft(x[2000:18000] * np.hanning(16000))) for x in (sound, moved)]
    for spectrum in spectra:  # the harmonics are where they were: multiples of 140 Hz stand out
        bins = np.round(np.arange(2, 12) * 140 * 16000 / RATE).astype(int)
        between = np.round(np.arange(2.5, 12) * 140 * 16000 / RATE).astype(int)
        assert spectrum[bins].sum() > 20 * spectrum[between].sum()


def test_a_window_keeps_its_energy():
    sound = vowel(200, (800, 2500))
    moved = shifted(sound, 3.0)
    middle = slice(4000, 16000)
    assert 20 * np.log10(np.std(moved[middle]) / np.std(sound[middle])) == pytest.approx(0, abs=1.0)
