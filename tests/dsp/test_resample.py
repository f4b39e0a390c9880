import numpy as np
import pytest

from svcfx.dsp.resample import StreamResampler, frames_after, resample


def sine(rate, seconds=0.5, hz=440.0):
    return np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate).astype(np.float32)[None]


@pytest.mark.parametrize(
    ("rate_in", "rate_out"), [(48000, 44100), (44100, 48000), (44099, 16000), (8000, 192000)]
)
def test_length_is_rounded_and_a_sine_stays_that_sine(rate_in, rate_out):
    out = resample(sine(rate_in), rate_in, rate_out)
    assert out.shape == (1, frames_after(round(rate_in * 0.5), rate_in, rate_out))
    middle = slice(rate_out // 8, rate_out // 4)
    np.testing.assert_allclose(out[0, middle], sine(rate_out)[0, middle], atol=2e-3)


@pytest.mark.parametrize("frames", [0, 1, 2, 7])
def test_tiny_arrays_keep_the_rule_of_length(frames):
    assert resample(np.ones((2, frames), np.float32), 44100, 48000).shape == (
        2,
        frames_after(frames, 44100, 48000),
    )


@pytest.mark.bytes
@pytest.mark.parametrize("block", [1, 64, 999])
def test_pieces_give_the_same_samples_as_one_call(block):
    sound = sine(44100, 0.1)
    stream = StreamResampler(44100, 16000)
    pieces = [stream.push(sound[:, i : i + block]) for i in range(0, sound.shape[1], block)]
    joined = np.concatenate([*pieces, stream.push(sound[:, :0], last=True)], axis=1)
    whole = StreamResampler(44100, 16000).push(sound, last=True)
    np.testing.assert_array_equal(joined, whole)


def test_equal_rates_copy():
    sound = sine(44100, 0.01)
    out = resample(sound, 44100, 44100)
    np.testing.assert_array_equal(out, sound)
    assert not np.shares_memory(out, sound)
