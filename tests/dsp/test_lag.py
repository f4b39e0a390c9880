"""A known delay is found, through tones and across channels; where nothing begins, none is made up."""

import numpy as np
import pytest

from svcfx.dsp.lag import lag_seconds

RATE = 44_100


def hits(seconds: float = 5.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(5).standard_normal((1, len(time)))
    return (0.3 * noise * np.exp(-(time * 3 % 1) * 60)).astype(np.float32)


def chord(seconds: float = 5.0, ratio: float = 1.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return (
        0.1
        * sum(np.sin(2 * np.pi * ratio * hz * k * time) for hz in (110, 138.6, 164.8) for k in (1, 2, 3))[
            None
        ]
    )


@pytest.mark.parametrize("delay", [-700, -44, 0, 9, 441])
@pytest.mark.parametrize("tone", [0.0, 1.0])
def test_a_known_delay_is_found_within_a_fifth_of_a_millisecond(delay, tone):
    before = (hits() + tone * chord()).astype(np.float32)
    after = (np.roll(hits(), delay) + tone * chord()).astype(np.float32)
    assert lag_seconds(before, after, RATE) == pytest.approx(delay / RATE, abs=2e-4)


def test_channels_of_opposite_sign_do_not_cancel():
    both = np.concatenate([hits(), -hits()])
    assert lag_seconds(both, np.roll(both, 100, axis=1), RATE) == pytest.approx(100 / RATE, abs=1e-4)


def test_nothing_begins_in_a_held_chord_or_silence_or_nothing():
    other = chord(ratio=2 ** (3 / 12)).astype(np.float32)
    assert lag_seconds(chord().astype(np.float32), other, RATE) is None
    for frames in (0, 1, 3000, RATE):
        silence = np.zeros((1, frames), np.float32)
        assert lag_seconds(silence, silence, RATE) is None
