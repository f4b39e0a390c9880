"""Clicks are found where a sample is lost, moved or cut, and nowhere in a voice that is whole."""

import numpy as np
import pytest

from svcfx.dsp.clicks import clicks

RATE = 44_100


def voice(hertz=220.0, seconds=2.0):
    """Pulses through two formants, which is as sharp as a voice gets."""
    when = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * k * hertz * when) / (1 + abs(k * hertz - 700) / 300) for k in range(1, 40))
    return (0.1 * tone * np.clip(np.minimum(when, seconds - when) * 20, 0, 1)).astype(np.float32)


@pytest.mark.parametrize("hertz", [80.0, 220.0, 700.0])
def test_a_whole_voice_has_none_at_any_pitch_and_level(hertz):
    for gain in (1.0, 0.03):
        assert clicks(gain * voice(hertz), RATE).size == 0


def moved(samples, at):
    samples[at] += 0.5
    return samples


def lost(samples, at):
    return np.concatenate([samples[:at], samples[at + 3 * RATE // 1000 + 40 :]])


def cut(samples, at):
    samples[at:] = 0.0
    return samples


@pytest.mark.parametrize("damage", [moved, lost, cut])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.71])
def test_damage_is_found_where_it_is(damage, seconds):
    sound = voice()
    at = int(seconds * RATE)
    at += int(np.argmax(np.abs(sound[at : at + RATE // 100])))  # where the wave is high
    found = clicks(damage(sound.copy(), at), RATE)
    assert found.size == 1
    assert found[0] == pytest.approx(at / RATE, abs=0.003)


@pytest.mark.parametrize("frames", [0, 1, 2, 43, 44, 45, 1000])
def test_what_is_short_or_silent_has_none(frames):
    assert clicks(np.zeros(frames, np.float32), RATE).size == 0


def test_each_of_several_is_counted_once():
    sound = voice()
    for seconds in (0.4, 0.9, 1.5):
        sound = moved(sound, int(seconds * RATE))
    assert clicks(sound, RATE) == pytest.approx([0.4, 0.9, 1.5], abs=0.002)
