import pytest
import torch

from svcfx.chain.parametric.nets import Envelope

pytestmark = pytest.mark.usefixtures("engines")


def batch(weight=1.0):
    from svcfx.training.parametric.dataset import Batch

    random = torch.Generator().manual_seed(1)
    envelope = torch.randn(2, 40, 80, generator=random)
    return Batch(
        log_mel=torch.zeros(2, 80, 40),
        controls=torch.zeros(2, 40, 4),
        identity=torch.zeros(2, dtype=torch.int64),
        envelope=envelope,
        aperiodicity=torch.rand(2, 40, 6, generator=random),
        loudness=torch.randn(2, 40, generator=random),
        phone=torch.ones(2, 40, dtype=torch.int64),
        weight=torch.full((2, 40), weight),
        voiced=torch.ones(2, 40, dtype=torch.bool),
    )


def perfect(given):
    return Envelope(given.envelope, given.aperiodicity, given.loudness)


def test_a_perfect_answer_costs_nothing_but_the_label_smoothing():
    from svcfx.training.parametric.losses import losses, phone_accuracy

    logits = torch.nn.functional.one_hot(torch.ones(2, 20, dtype=torch.int64), 40) * 20.0
    terms = losses(perfect(batch()), logits, batch())
    assert all(float(terms[name]) < 1e-6 for name in terms if name != "phone")
    assert phone_accuracy(logits, batch()) == 1.0


def test_a_blurred_answer_costs_in_every_envelope_term():
    from svcfx.training.parametric.losses import losses

    given = batch()
    blurred = perfect(given)._replace(envelope=given.envelope * 0.5)
    terms = losses(blurred, torch.zeros(2, 20, 40), given)
    assert all(float(terms[name]) > 0.1 for name in ("envelope", "motion", "contrast", "variance"))


def test_frames_without_a_partner_cost_nothing():
    from svcfx.training.parametric.losses import losses

    given = batch(weight=0.0)
    wrong = perfect(given)._replace(envelope=given.envelope + 3.0)
    assert float(losses(wrong, torch.zeros(2, 20, 40), given)["envelope"]) == 0.0
