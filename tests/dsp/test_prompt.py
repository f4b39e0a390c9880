"""The resampler that does not wait: tones keep their place, what cannot be held is gone."""

import numpy as np
import pytest

from svcfx.dsp.prompt import PromptResampler, lag_seconds

PAIRS = [
    (44_100.0, 16_000.0),
    (48_000.0, 16_000.0),
    (16_000.0, 44_100.0),
    (8_000.0, 16_000.0),
    (44_100.0, 48_000.0),
]


def tone(rate: float, hz: float, seconds: float = 0.5) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)[None].astype(np.float32)


def through(samples, rate_in, rate_out, block=10**9):
    stream = PromptResampler(rate_in, rate_out)
    starts = range(0, samples.shape[1], block)
    pieces = [stream.push(samples[:, at : at + block]) for at in starts]
    return np.concatenate([*pieces, stream.push(np.zeros((1, 0), np.float32), last=True)], 1)


@pytest.mark.parametrize(("rate_in", "rate_out"), PAIRS)
@pytest.mark.parametrize("share", [0.02, 0.4, 0.8])
def test_a_tone_below_the_edge_is_the_same_tone_at_the_other_rate(rate_in, rate_out, share):
    hz = share * min(rate_in, rate_out) / 2
    made, wanted = through(tone(rate_in, hz), rate_in, rate_out), tone(rate_out, hz)
    inside = slice(round(0.02 * rate_out), round(0.48 * rate_out))
    error = made[:, inside] - wanted[:, inside]
    assert np.abs(error).max() < 1e-3  # -60 dB


def test_what_the_slower_rate_cannot_hold_is_gone():
    made = through(tone(44_100.0, 11_000.0), 44_100.0, 16_000.0)[0, 400:-400]
    assert np.abs(made).max() < 1e-3


@pytest.mark.bytes
@pytest.mark.parametrize("rate_in", [44_100.0, 22_050.5])
def test_blocks_of_any_length_give_the_same_bytes(rate_in):
    samples = np.random.default_rng(1).standard_normal((1, 20_000)).astype(np.float32)
    whole = through(samples, rate_in, 16_000.0)
    for block in (1, 97, 4410):
        np.testing.assert_array_equal(through(samples, rate_in, 16_000.0, block), whole)


@pytest.mark.parametrize(("rate_in", "rate_out"), PAIRS)
def test_it_lags_no_more_than_it_says_and_keeps_length(rate_in, rate_out):
    stream, taken, given = PromptResampler(rate_in, rate_out), 0, 0
    for _ in range(200):
        taken += 101
        given += stream.push(np.zeros((1, 101), np.float32)).shape[1]
        assert taken / rate_in - given / rate_out <= lag_seconds(rate_in, rate_out)
    given += stream.push(np.zeros((1, 0), np.float32), last=True).shape[1]
    assert abs(given - taken * rate_out / rate_in) <= 1.0


def test_the_same_rate_is_left_as_it_is():
    samples = tone(44_100.0, 440.0)
    assert PromptResampler(44_100.0, 44_100.0).push(samples) is samples
    assert lag_seconds(44_100.0, 44_100.0) == 0.0
