"""See whether the voices on the shelf are whole: hashes, opening, agreement, content encoder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from svcfx.errors import CheckFailure, SvcfxError
from svcfx.voices import encoder, parts, shelf
from svcfx.voices.card import Card, verify
from svcfx.voices.opening import require_agreement


@dataclass(frozen=True)
class Finding:
    """One voice, and what is wrong with it ("" when nothing is)."""

    voice: str
    problem: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problem


def check(name: str | None = None) -> list[Finding]:
    """Check one voice or all of them; raises `VoiceError` when there is none of that name."""
    if name is not None:
        return [_finding(shelf.find(name))]
    broken = [Finding(_voice_of(error), str(error)) for error in shelf.added()[1]]
    return [*map(_finding, shelf.cards()), *broken]


def require_well(found: Sequence[Finding]) -> None:
    """Raise `CheckFailure` (exit 4) when anything is wrong."""
    wrong = [one.voice for one in found if not one.is_well]
    if wrong:
        raise CheckFailure(f"{len(wrong)} of {len(found)} voices are not well: {', '.join(wrong)}")


def _finding(card: Card) -> Finding:
    try:
        verify(card)
        if not card.is_one_file:
            opened = parts.load(card)
            require_agreement(opened)
            opened.content or encoder.load(card.content_encoder, card.name)
        else:
            shelf.load(card.addresses[0])
    except SvcfxError as error:
        return Finding(card.name, str(error))
    return Finding(card.name)


def _voice_of(error: SvcfxError) -> str:
    """The folder that a broken card's sentence names."""
    return Path(error.message.split("'")[1]).parent.name
