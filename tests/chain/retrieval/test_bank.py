"""A bank draws content towards a singer's own, and says so when it cannot."""

import pytest
import torch

from svcfx.chain.retrieval.bank import Bank, BankKind
from svcfx.errors import VoiceError


def bank(kind: BankKind = "neighbours") -> Bank:
    generator = torch.Generator().manual_seed(1)
    return Bank(kind, {name: torch.randn(60, 12, generator=generator) for name in ("mei", "jo")})


@pytest.mark.parametrize("kind", ["centres", "neighbours"])
def test_each_singer_is_drawn_towards_their_own_table(kind: BankKind) -> None:
    made = bank(kind)
    content = made.tables["mei"][:7]
    torch.testing.assert_close(made.draw(content, "mei", 1.0), content)
    assert float((made.draw(content, "jo", 1.0) - content).abs().max()) > 0.1
    torch.testing.assert_close(made.draw(content, "jo", 0.0), content)


@pytest.mark.parametrize("kind", ["centres", "neighbours"])
def test_a_ratio_may_move_from_frame_to_frame(kind: BankKind) -> None:
    made, content = bank(kind), torch.zeros(4, 12)
    ratio = torch.tensor([0.0, 0.5, 1.0, 0.0])[:, None]
    drawn = made.draw(content, "mei", ratio)
    torch.testing.assert_close(drawn[0], made.draw(content[:1], "mei", 0.0)[0])
    torch.testing.assert_close(drawn[1], made.draw(content[:1], "mei", 0.5)[0])
    torch.testing.assert_close(drawn[2], made.draw(content[:1], "mei", 1.0)[0])


def test_a_singer_whom_it_does_not_know_is_refused() -> None:
    with pytest.raises(VoiceError, match=r"nothing of 'mai' \(did you mean 'mei'\?\); it has jo, mei"):
        bank().draw(torch.zeros(1, 12), "mai", 0.5)


def test_content_of_another_width_is_refused_with_both_widths() -> None:
    bank().require_width(12)
    with pytest.raises(VoiceError, match=r"'km\.pt' holds content of width 12, .* of width 768"):
        bank().require_width(768, "'km.pt'")
