"""A card that records what it plays: how late it is comes out to the sample."""

import numpy as np
import pytest

from svcfx.errors import InputError
from svcfx.realtime import loopback

RATE = 48_000


class Cable:
    """What is played comes back `late` frames later, `gain` times as loud, over noise."""

    sample_rate, channels, speed = RATE, 1, 1.0

    def __init__(self, late, gain=0.3, noise=1e-3, loses_at=-1):
        self._gain, self._noise, self._loses_at = gain, noise, loses_at
        self._played, self._at, self._random = np.zeros((1, late), np.float32), 0, np.random.default_rng(1)

    @property
    def position(self):
        return self._at

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None

    def play(self, samples):
        self._played = np.concatenate([self._played, self._gain * samples], axis=1)

    def read(self, frames):
        if self._at == self._loses_at:
            self._at += 500  # the card was not asked in time
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


def test_frames_that_the_card_lost_before_the_tone_count_as_passed():
    assert loopback.measure(Cable(977, loses_at=4800), 100.0) == 977


@pytest.mark.parametrize("noise", [0.0, 1e-3, 0.1])
def test_a_cable_that_is_not_there_is_said(noise):
    with pytest.raises(InputError, match="is not in what was recorded"):
        loopback.measure(Cable(0, gain=0.0, noise=noise), 40.0)
