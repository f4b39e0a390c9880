"""The excitation keeps its pitch for as long as the song lasts."""

import math

import numpy as np
import pytest
import torch

from svcfx.chain.vits.config import PARTIALS
from svcfx.chain.vits.decoder import UNVOICED_NOISE, VOICED_NOISE, HarmonicSource

RATE, HOP = 44100, 512


def fundamental_only() -> HarmonicSource:
    source = HarmonicSource(RATE, HOP, PARTIALS)
    with torch.no_grad():
        source.l_linear.weight.zero_()
        source.l_linear.weight[0, 0] = 1.0
        source.l_linear.bias.zero_()
    return source.requires_grad_(False)


def test_ten_minutes_of_a_constant_tone_end_in_tune() -> None:
    hz, seconds = 443.0, 600
    frames = seconds * RATE // HOP
    tone = fundamental_only().partial(torch.full((1, frames), hz), 1, torch.zeros(1))[0]
    end = tone[-RATE:].double().numpy()  # its phase against the one the true pitch has there
    time = (np.arange(len(tone) - RATE, len(tone)) + 1.0) / RATE
    turn = np.angle(np.sum(end * np.exp(-2j * math.pi * hz * time)))
    drift_cycles = abs((turn + math.pi / 2) / (2 * math.pi))
    assert 1200 * math.log2(1 + drift_cycles / (hz * seconds)) < 1e-3
    assert np.abs(end).max() == pytest.approx(1.0, rel=1e-3)
    assert drift_cycles < 0.05


def test_a_tone_cut_in_two_goes_on_with_the_phase_it_is_given() -> None:
    source = fundamental_only()
    f0 = torch.linspace(200.0, 300.0, 20)[None]
    whole = source(f0)
    cycles = (torch.cumsum(f0.double() / RATE * HOP, -1) % 1.0)[:, 9].float()
    phases = torch.zeros(1, PARTIALS)
    phases[:, 0] = cycles
    second = source(f0[:, 10:], phases)
    torch.testing.assert_close(whole[..., 10 * HOP :], second, atol=2e-4, rtol=0)


def test_noise_is_ten_times_louder_where_nobody_sings() -> None:
    f0 = torch.tensor([[0.0, 440.0]])
    noise = torch.zeros(1, PARTIALS, 2 * HOP)
    noise[:, 0] = 1.0
    source = fundamental_only()
    added = source(f0, None, noise).atanh() - source(f0).atanh()
    assert added[0, 0, 0].item() == pytest.approx(UNVOICED_NOISE, rel=1e-3)
    assert added[0, 0, -1].item() == pytest.approx(VOICED_NOISE, rel=1e-2)


def test_an_unvoiced_frame_has_no_tone() -> None:
    assert fundamental_only()(torch.zeros(1, 3)).abs().max() == 0.0
