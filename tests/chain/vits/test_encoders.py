"""Contours at their edges."""

import pytest
import torch

from svcfx.chain.vits import encoders
from svcfx.chain.vits.pitch import log_f0


def test_a_contour_goes_to_hz_and_back() -> None:
    f0 = torch.tensor([55.0, 220.0, 880.0])
    torch.testing.assert_close(encoders.from_log_f0(log_f0(f0)), f0, rtol=1e-5, atol=0)


def test_a_normalised_contour_has_no_mean_over_voiced_frames() -> None:
    f0, voiced = torch.tensor([[100.0, 200.0, 400.0]]), torch.tensor([[1.0, 0.0, 1.0]])
    contour = encoders.normalised_log_f0(f0, voiced)[0, 0]
    assert (contour[0] + contour[2]).item() == pytest.approx(0.0, abs=1e-6)


def test_a_phrase_nobody_sings_has_a_finite_contour() -> None:
    contour = encoders.normalised_log_f0(torch.zeros(1, 4), torch.zeros(1, 4))
    assert contour.abs().max() == 0.0
