from dataclasses import dataclass

import torch

from svcfx.chain.parametric.nets import Envelope
from svcfx.training.tuning.losses import WEIGHTS, sung


@dataclass
class Frames:
    envelope: torch.Tensor
    aperiodicity: torch.Tensor
    loudness: torch.Tensor
    weight: torch.Tensor
    voiced: torch.Tensor


def wanted(weight=1.0):
    random = torch.Generator().manual_seed(1)
    return Frames(
        envelope=torch.randn(2, 40, 80, generator=random),
        aperiodicity=torch.rand(2, 40, 6, generator=random),
        loudness=torch.randn(2, 40, generator=random),
        weight=torch.full((2, 40), weight),
        voiced=torch.ones(2, 40, dtype=torch.bool),
    )


def perfect(given):
    return Envelope(given.envelope, given.aperiodicity, given.loudness)


def test_a_perfect_answer_costs_nothing():
    terms = sung(perfect(wanted()), wanted())
    assert set(terms) == set(WEIGHTS)
    assert all(float(term) < 1e-6 for term in terms.values())


def test_a_blurred_answer_costs_in_every_envelope_term():
    given = wanted()
    blurred = perfect(given)._replace(envelope=given.envelope * 0.5)
    terms = sung(blurred, given)
    assert all(float(terms[name]) > 0.1 for name in ("envelope", "motion", "contrast", "variance"))


def test_frames_without_a_partner_cost_nothing():
    given = wanted(weight=0.0)
    wrong = perfect(given)._replace(envelope=given.envelope + 3.0)
    assert float(sung(wrong, given)["envelope"]) == 0.0
