"""A card that records what it plays: how late it is comes out to the sample."""

import numpy as np
import pytest

from svcfx.errors import InputError
from svcfx.realtime import loopback

RATE = 48_000


class Cable:
    """What is played comes back `late` frames later, `gain` times as loud, over noise."""

    sample_rate, channels, speed = RATE, 1, 1.0

    def __init__(self, late, gain=0.3, noise=1e-3):
        self._late, self._gain, self._noise = late, gain, noise
        self._played, self._at, self._random = np.zeros((1, late), np.float32), 0, np.random.default_rng(1)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None

    def play(self, samples):
        self._played = np.concatenate([self._played, self._gain * samples], axis=1)

    def read(self, frames):
        heard = self._played[:, self._at : self._at + frames]
        self._at += frames
        silence = np.zeros((1, frames - heard.shape[1]), np.float32)
        noise = self._noise * self._random.standard_normal((1, frames))
        return (np.concatenate([heard, silence], axis=1) + noise).astype(np.float32)


@pytest.mark.parametrize("late", [0, 1, 977, 40_000])
@pytest.mark.parametrize("block_ms", [10.0, 43.0])
def test_the_card_s_own_latency_is_found_to_the_sample(late, block_ms):
    assert loopback.measure(Cable(late), block_ms) == late


def test_it_is_found_under_noise_as_loud_as_the_tone():
    assert loopback.measure(Cable(500, noise=0.3 * loopback.LEVEL), 40.0) == 500


@pytest.mark.parametrize("noise", [0.0, 1e-3, 0.1])
def test_a_cable_that_is_not_there_is_said(noise):
    with pytest.raises(InputError, match="is not in what was recorded"):
        loopback.measure(Cable(0, gain=0.0, noise=noise), 40.0)
