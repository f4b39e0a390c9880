"""The refiner in a stream: what its depth does, and that no cut of the stem shows."""

import dataclasses

import numpy as np
import pytest
import torch
from voices.random_nets import random_network

from svcfx.chain.config import DIFFUSION_METHODS, SLICE, ChainSettings
from svcfx.chain.parametric import redrawing
from svcfx.chain.parametric.refiner import EnvelopeRefiner, RefinerConfig
from svcfx.chain.parametric.voice import ParametricVoice
from svcfx.chain.voice import AT_REST
from svcfx.lanes import Lane, SampledLane

RATE = 16000


def refiner(embedding):
    """A refiner with random weights that does redraw."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        made = EnvelopeRefiner(RefinerConfig(width=24, hidden=32, redrawing=2), embedding)
        torch.nn.init.normal_(made.outward.weight, std=0.05)
    made.scale.fill_(0.4)
    return made.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def plain():
    return ParametricVoice("random", random_network(2))


@pytest.fixture(scope="module")
def voice(plain):
    net = dataclasses.replace(plain.net, refiner=refiner(plain.net.config.embedding))
    return ParametricVoice("random", net)


@pytest.fixture(scope="module")
def sound():
    t = np.arange(round(1.7 * RATE)) / RATE
    out = 0.1 * sum(np.sin(2 * np.pi * 180 * k * t) / k for k in range(1, 12)) * (np.sin(5 * t) > -0.5)
    return out.astype(np.float32)


def sung(voice, sound, depth, slice_frames=SLICE, block=None, **settings):
    lane = depth if isinstance(depth, SampledLane) else Lane.constant(depth)
    curves = {**AT_REST, "diffusion_depth": lane}
    stream = voice.stream(RATE, ChainSettings("vela", **settings), slice_frames=slice_frames)
    block = block or len(sound)
    pieces = [stream.push(sound[i : i + block], curves) for i in range(0, len(sound), block)]
    return np.concatenate([*pieces, stream.flush(curves)])


@pytest.mark.bytes
def test_depth_0_is_the_voice_without_its_refiner_to_the_bit(voice, plain, sound):
    np.testing.assert_array_equal(sung(voice, sound, 0.0), sung(plain, sound, 0.0))
    assert voice.latency_seconds(RATE) == plain.latency_seconds(RATE)


def test_no_refiner_is_asked_at_depth_0(plain, sound):
    class Untouched(EnvelopeRefiner):
        def condition(self, *_given):
            raise AssertionError

    net = dataclasses.replace(plain.net, refiner=Untouched(RefinerConfig(), plain.net.config.embedding))
    assert np.any(sung(ParametricVoice("random", net), sound, 0.0))


@pytest.mark.parametrize("method", DIFFUSION_METHODS)
def test_slices_of_any_length_are_redrawn_alike(voice, sound, method):
    short = sung(voice, sound, 0.5, diffusion_method=method, diffusion_steps=4)
    assert np.abs(short - sung(voice, sound, 0.0)).max() > 1e-2
    long = sung(voice, sound, 0.5, 8 * SLICE, diffusion_method=method, diffusion_steps=4)
    assert np.abs(short - long).max() < 1e-5  # -100 dBFS


@pytest.mark.bytes
def test_blocks_of_any_size_are_the_same_samples_and_a_seed_repeats(voice, sound):
    whole = sung(voice, sound, 0.5)
    np.testing.assert_array_equal(whole, sung(voice, sound, 0.5, block=1234))
    np.testing.assert_array_equal(whole, sung(voice, sound, 0.5))
    assert np.abs(whole - sung(voice, sound, 0.5, seed=1)).max() > 1e-2


@pytest.mark.bytes
def test_the_depth_moves_by_a_lane_from_frame_to_frame(voice, sound):
    seconds = len(sound) / RATE
    values = np.where(np.arange(round(100 * seconds)) < 80, 0.0, 0.6)
    moved = sung(voice, sound, SampledLane(values, 100.0))
    early, late = slice(0, round(0.75 * RATE)), slice(round(0.9 * RATE), round(1.6 * RATE))
    # Rounding differs where a slice holds both: its decoder hears as far back as the refiner does, and the
    # resampler's transforms span what comes after.
    assert np.abs(moved[early] - sung(voice, sound, 0.0)[early]).max() < 1e-7  # -140 dBFS
    assert np.abs(moved[late] - sung(voice, sound, 0.6)[late]).max() < 1e-5


def test_the_deeper_the_farther_from_what_the_decoder_made(voice, sound):
    off = sung(voice, sound, 0.0)
    moved = [np.std(sung(voice, sound, depth) - off) for depth in (0.1, 0.3, 0.9)]
    assert 0.0 < moved[0] < moved[1] < moved[2]


def test_knobs_of_the_refiner_are_refused_where_there_is_none(voice, plain):
    assert voice.lacks("diffusion_depth", 0.5) == voice.lacks("diffusion_method", "ddim") == ""
    assert plain.lacks("diffusion_depth", 0.5) == "has no diffusion refiner, so diffusion_depth must be 0"
    assert "no diffusion refiner" in plain.lacks("diffusion_steps", 4.0)


def test_noise_has_unit_variance_and_is_shared_between_neighbours():
    noise = redrawing.noise_at(-50, 4000, seed=3)
    assert noise.std() == pytest.approx(1.0, abs=0.01)
    assert np.mean(noise[1:] * noise[:-1]) > 0.7
    assert abs(np.mean(noise[8:] * noise[:-8])) < 0.02
    np.testing.assert_array_equal(noise[100:200], redrawing.noise_at(50, 100, seed=3))
