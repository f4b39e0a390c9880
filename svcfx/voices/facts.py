"""What a program may want to know of a singer, as plain values."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from svcfx.voices.card import Card


def about(card: "Card", name: str) -> str:
    """What a singer is, in a few words."""
    extras = [card.about, "diffusion" if card.k_step_max else "", "index" if card.index else ""]
    return card.singers[name].about or ", ".join(part for part in extras if part)


def facts(card: "Card", name: str) -> dict[str, Any]:
    """All that the card says of one singer and its voice."""
    singer = card.singers[name]
    found: dict[str, Any] = {
        "name": card.address(name), "voice": card.name, "singer": name, "family": card.family,
        "rate": card.rate, "low_hz": singer.low_hz, "high_hz": singer.high_hz, "licence": card.terms,
        "consent": card.consent, "about": about(card, name), "sha256": card.sha256,
    }  # fmt: skip
    if not card.is_one_file:
        found |= {"content_encoder": card.content_encoder, "k_step_max": card.k_step_max, "index": card.index,
                  "source": card.source, "added": str(card.added or ""), "said": dict(card.said)}  # fmt: skip
    return found
