"""Sound comes back from its spectrum."""

import numpy as np
import pytest

from svcfx.separation import network


@pytest.mark.parametrize(("fft", "hop", "times"), [(512, 128, 64), (7680, 1024, 32), (256, 100, 20)])
def test_sound_comes_back_from_its_spectrum(fft, hop, times):
    sound = np.random.default_rng(1).standard_normal((2, hop * (times - 1))).astype(np.float32)
    table = network.forward(sound, fft, hop)
    assert table.shape == (2, fft // 2 + 1, times)
    inside = slice(0, sound.shape[1] - hop)
    np.testing.assert_allclose(network.backward(table, fft, hop)[:, inside], sound[:, inside], atol=2e-5)


def test_a_tone_lies_in_its_bin():
    time = np.arange(128 * 63)
    tone = np.cos(2 * np.pi * 32 * time / 512)[None].astype(np.float32)
    heard = np.abs(network.forward(tone, 512, 128))[0, :, 20]
    assert heard.argmax() == 32
    assert heard[:28].max() < 1e-3 * heard[32]


def test_bins_that_are_not_given_count_as_silence():
    sound = np.random.default_rng(2).standard_normal((2, 128 * 63)).astype(np.float32)
    table = network.forward(sound, 512, 128)
    silent = table.copy()
    silent[:, 100:] = 0
    np.testing.assert_array_equal(
        network.backward(table[:, :100], 512, 128), network.backward(silent, 512, 128)
    )
