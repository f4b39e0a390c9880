"""The index in a stream: what is sung is drawn to what is known, and no cut of the stem shows."""

import dataclasses

import numpy as np
import pytest
import torch
from voices.random_nets import random_network

from svcfx.chain.config import SLICE, ChainSettings
from svcfx.chain.parametric.voice import ParametricVoice
from svcfx.chain.voice import AT_REST
from svcfx.lanes import Lane, SampledLane

RATE = 16000


@pytest.fixture(scope="module")
def plain():
    return ParametricVoice("random", random_network(2))


@pytest.fixture(scope="module")
def voice(plain):
    rows = torch.randn(40, plain.net.config.content, generator=torch.Generator().manual_seed(1))
    return ParametricVoice("random", dataclasses.replace(plain.net, index=rows))


@pytest.fixture(scope="module")
def sound():
    t = np.arange(round(1.7 * RATE)) / RATE
    out = 0.1 * sum(np.sin(2 * np.pi * 180 * k * t) / k for k in range(1, 12)) * (np.sin(5 * t) > -0.5)
    return out.astype(np.float32)


def sung(voice, sound, rate, slice_frames=SLICE, block=None, protect=0.0):
    lane = rate if isinstance(rate, SampledLane) else Lane.constant(rate)
    held = {"protect": protect, "loudness_follow": 0.0}  # dynamics look a second back
    curves = {**AT_REST, **{name: Lane.constant(at) for name, at in held.items()}, "index_rate": lane}
    stream = voice.stream(RATE, ChainSettings("vela"), slice_frames=slice_frames)
    block = block or len(sound)
    pieces = [stream.push(sound[i : i + block], curves) for i in range(0, len(sound), block)]
    return np.concatenate([*pieces, stream.flush(curves)])


@pytest.mark.bytes
def test_rate_0_is_the_voice_without_its_index_to_the_bit(voice, plain, sound):
    np.testing.assert_array_equal(sung(voice, sound, 0.0), sung(plain, sound, 0.0))
    assert voice.latency_seconds(RATE) == plain.latency_seconds(RATE)


def test_the_higher_the_rate_the_farther_from_what_was_heard(voice, sound):
    off = sung(voice, sound, 0.0)
    moved = [np.std(sung(voice, sound, rate) - off) for rate in (0.1, 0.4, 1.0)]
    assert 0.0 < moved[0] < moved[1] < moved[2]


def test_at_rate_1_only_what_is_known_is_sung(plain, sound):
    rows = torch.zeros(1, plain.net.config.content)
    known = ParametricVoice("known", dataclasses.replace(plain.net, index=rows))
    quiet = dataclasses.replace(plain.net, encoder=_Deaf(plain.net.encoder))
    np.testing.assert_array_equal(sung(known, sound, 1.0), sung(ParametricVoice("deaf", quiet), sound, 0.0))


class _Deaf(torch.nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        self.lookback_frames, self.lookahead_frames = encoder.lookback_frames, encoder.lookahead_frames

    def forward(self, log_mel):
        return torch.zeros_like(self.encoder(log_mel))


@pytest.mark.bytes
def test_slices_and_blocks_of_any_size_are_drawn_alike(voice, sound):
    whole = sung(voice, sound, 0.5)
    np.testing.assert_array_equal(whole, sung(voice, sound, 0.5, block=1234))
    assert np.abs(whole - sung(voice, sound, 0.5, 8 * SLICE)).max() < 1e-6  # -120 dBFS


@pytest.mark.bytes
def test_the_rate_moves_by_a_lane_from_step_to_step(voice, sound):
    values = np.where(np.arange(170) < 80, 0.0, 1.0)
    moved = sung(voice, sound, SampledLane(values, 100.0))
    early, late = slice(0, round(0.2 * RATE)), slice(round(1.4 * RATE), round(1.6 * RATE))
    np.testing.assert_array_equal(moved[early], sung(voice, sound, 0.0)[early])
    assert np.abs(moved[late] - sung(voice, sound, 1.0)[late]).max() < 1e-5


@pytest.mark.bytes
def test_protect_keeps_the_index_from_what_has_no_pitch(voice, sound):
    hiss = 0.05 * np.random.default_rng(0).standard_normal(len(sound)).astype(np.float32)
    np.testing.assert_array_equal(sung(voice, hiss, 1.0, protect=1.0), sung(voice, hiss, 0.0))
    assert np.abs(sung(voice, hiss, 1.0) - sung(voice, hiss, 0.0)).max() > 1e-3
    assert np.abs(sung(voice, sound, 1.0, protect=1.0) - sung(voice, sound, 0.0)).max() > 1e-3


def test_knobs_of_the_index_are_refused_where_there_is_none(voice, plain):
    assert voice.lacks("index_rate", 0.5) == voice.lacks("protect", 0.5) == ""
    assert plain.lacks("index_rate", 0.5) == "has no index, so index_rate must be 0"
    assert "no index" in plain.lacks("protect", 0.5)
