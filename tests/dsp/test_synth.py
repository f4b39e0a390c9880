"""The synth: pitch, band, level, envelope and time of its notes."""

import numpy as np
import pytest

from svcfx.dsp import synth
from svcfx.dsp.synth import SynthSound, Tone
from svcfx.lanes import Lane

RATE = 48_000
STILL = Lane.constant(0.0)
ORGAN = SynthSound("saw", attack_ms=0, decay_ms=0, sustain=1.0, release_ms=0)
PLUCKED = SynthSound("triangle", attack_ms=10, decay_ms=100, sustain=0.5, release_ms=50)
WAVEFORMS = ("sine", "triangle", "square", "saw")


def played(*tones, sound=ORGAN, moved=STILL, seconds=2.0, rate=RATE):
    return synth.play(tones, moved, sound, round(seconds * rate), rate)


def hz_of_peak(samples, rate=RATE):
    """The strongest partial, by the parabola through a Hann window's logarithms."""
    size = 1 << 20
    spectrum = np.log(np.abs(np.fft.rfft(samples * np.hanning(len(samples)), size)) + 1e-30)
    at = int(np.argmax(spectrum))
    left, here, right = spectrum[at - 1 : at + 2]
    return (at + 0.5 * (left - right) / (left - 2 * here + right)) * rate / size


@pytest.mark.parametrize("waveform", WAVEFORMS)
@pytest.mark.parametrize("number", [24, 45, 60, 69, 96])
def test_a_note_has_its_pitch(waveform, number):
    sound = SynthSound(waveform, 0, 0, 1.0, 0)
    found = hz_of_peak(played(Tone(0.0, 2.0, number, 100), sound=sound))
    assert abs(1200 * np.log2(found / (440 * 2 ** ((number - 69) / 12)))) < 0.5


@pytest.mark.parametrize("rate", [22_050, 48_000])
@pytest.mark.parametrize("waveform", WAVEFORMS)
@pytest.mark.parametrize("number", [33, 60, 84, 107, 120])
def test_nothing_folds_back(waveform, number, rate):
    hz = float(synth.hz_of(number))
    whole = round(rate / hz * 1000) / rate  # a thousand periods, nearly
    sound = SynthSound(waveform, 0, 0, 1.0, 0)
    samples = played(Tone(0.0, 9e3, number, 127), sound=sound, seconds=whole, rate=rate)
    spectrum = np.abs(np.fft.rfft(samples * np.kaiser(len(samples), 14.0)))
    frequencies = np.fft.rfftfreq(len(samples), 1 / rate)
    beside = np.abs((frequencies / hz + 0.5) % 1.0 - 0.5) * hz > 6 * rate / len(samples)
    assert 20 * np.log10(spectrum[beside].max() / spectrum.max()) < -80


@pytest.mark.parametrize("waveform", WAVEFORMS)
def test_waveforms_are_of_one_level(waveform):
    samples = played(Tone(0.0, 2.0, 45, 127), sound=SynthSound(waveform, 0, 0, 1.0, 0))
    assert abs(20 * np.log10(np.sqrt(np.mean(samples**2)) / synth.LOUDEST_RMS)) < 0.1


def test_the_level_goes_by_the_square_of_the_velocity():
    loud, soft = (played(Tone(0.0, 1.0, 60, velocity)) for velocity in (127, 64))
    np.testing.assert_allclose(soft, loud * (64 / 127) ** 2, atol=1e-12)


def test_a_note_begins_in_the_frame_nearest_to_its_start():
    for start in (0.0, 0.1234567, 0.75):
        first = round(start * RATE)
        late = played(Tone(start, start + 0.5, 57, 100), sound=PLUCKED)
        at_once = played(Tone(0.0, 0.5, 57, 100), sound=PLUCKED)
        assert not late[:first].any()
        np.testing.assert_array_equal(late[first:], at_once[: len(late) - first])


def test_the_envelope_rises_falls_is_held_and_ends():
    slow = SynthSound("sine", attack_ms=100, decay_ms=200, sustain=0.25, release_ms=100)
    samples = played(Tone(0.0, 1.0, 96, 127), sound=slow) / (synth.LOUDEST_RMS * np.sqrt(2))

    def level(seconds):
        return np.abs(samples[round(seconds * RATE) :][:48]).max()

    assert abs(level(0.05) - 0.5) < 0.02
    assert abs(level(0.1) - 1.0) < 0.02
    assert abs(level(0.3) - 0.25) < 0.02
    assert abs(level(0.99) - 0.25) < 0.01
    assert abs(level(1.05) - 0.25 / 8) < 0.01
    assert not samples[round(1.1 * RATE) :].any()


def test_a_note_of_no_length_sounds_through_its_attack():
    assert np.abs(played(Tone(0.5, 0.5, 60, 100), sound=PLUCKED)).max() > 0.05


def test_no_note_clicks():
    slow = SynthSound("sine", attack_ms=5, decay_ms=100, sustain=0.5, release_ms=20)
    samples = played(Tone(0.2, 0.6, 33, 127), sound=slow, moved=Lane(((0.0, 0.0), (0.4, 2.0)), "smooth", 10))
    steepest = 2 * np.pi * 62 * 2 / RATE + 1 / (0.005 * RATE) + 1 / (0.02 * RATE)
    assert np.abs(np.diff(samples)).max() < synth.LOUDEST_RMS * np.sqrt(2) * steepest


def test_a_held_note_follows_what_moves_it_and_one_that_begins_there_is_there_at_once():
    moved = Lane(((0.0, 0.0), (1.0, 3.0)), "smooth", 10)
    samples = played(
        Tone(0.0, 2.0, 60, 100), Tone(1.0, 2.0, 84, 1), moved=moved, sound=SynthSound("sine", 0, 0, 1.0, 0)
    )
    before, after = hz_of_peak(samples[:RATE]), hz_of_peak(samples[round(1.01 * RATE) :])
    assert abs(1200 * np.log2(after / before) - 300) < 1
    fresh = played(Tone(1.0, 2.0, 60, 100), moved=moved)
    risen = played(Tone(1.0, 2.0, 63, 100))
    np.testing.assert_array_equal(fresh, risen)


def test_a_block_boundary_is_not_heard():
    long = played(Tone(0.0, 3.0, 45, 127), seconds=3.0)
    when = np.arange(len(long)) / RATE
    hz = float(synth.hz_of(45))
    series = sum(np.sin(2 * np.pi * hz * k * when) / k for k in range(1, int(20_000 / hz) + 1))
    assert np.abs(long - series * synth.LOUDEST_RMS / (np.pi / 12**0.5)).max() < 1e-4


def test_a_note_above_hearing_is_silent():
    assert not played(Tone(0.0, 1.0, 120, 100), moved=Lane.constant(36.0)).any()
