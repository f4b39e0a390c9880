"""The slice grid with nets of full size: slices of any length give one signal."""

import numpy as np
import pytest
import torch
from voices.random_nets import random_network

from svcfx.chain.config import SLICE, ChainSettings
from svcfx.chain.parametric.voice import ParametricVoice
from svcfx.chain.voice import AT_REST

RATE = 16000


@pytest.fixture(scope="module")
def voice():
    return ParametricVoice("random", random_network(2))


@pytest.fixture(scope="module")
def sound():
    t = np.arange(round(2.5 * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(180 * 2 ** (0.4 * np.sin(2 * np.pi * 4 * t) / 12)) / RATE
    out = 0.1 * sum(np.sin(k * phase) / k for k in range(1, 12)) * (np.sin(2 * np.pi * t) > -0.6)
    return out.astype(np.float32)


def sung(voice, sound, slice_frames, **settings):
    stream = voice.stream(RATE, ChainSettings("vela", **settings), slice_frames=slice_frames)
    return np.concatenate([stream.push(sound, AT_REST), stream.flush(AT_REST)])


@pytest.mark.bytes
def test_slices_of_any_length_differ_by_rounding_alone(voice, sound):
    short = sung(voice, sound, SLICE)
    assert np.abs(short).max() > 0.01
    for steps in (2, 8):
        assert np.abs(sung(voice, sound, steps * SLICE) - short).max() < 1e-6  # -120 dBFS


@pytest.mark.bytes
def test_the_number_of_torch_threads_changes_no_sample(voice, sound):
    before = torch.get_num_threads()
    made = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            made.append(sung(voice, sound, SLICE))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*made)


def test_a_quieter_stem_is_sung_the_same_but_quieter(voice, sound):
    sound = sound + 3e-3 * np.random.default_rng(0).standard_normal(len(sound)).astype(np.float32)
    loud = voice.convert(sound, RATE, ChainSettings("vela"))
    soft = voice.convert(sound * np.float32(2**-2), RATE, ChainSettings("vela"))
    assert np.abs(loud).max() > 0.01
    assert np.sqrt(np.mean((soft * 4 - loud) ** 2) / np.mean(loud**2)) < 0.02


def test_singers_of_one_voice_differ(voice, sound):
    made = [voice.convert(sound, RATE, ChainSettings(name)) for name in ("vela", "corin")]
    assert np.abs(made[0] - made[1]).max() > 1e-3
