"""What a licence's words say of selling. A reader's hint, no lawyer's."""

import re

from svcfx.voices.card import Card

LONGEST = 200
"""Letters of a licence that are told; a file of terms can be long."""
_FORBIDS = re.compile(
    r"""
    \bNC\b                                          # CC BY-NC-SA 4.0
    | non[- ]?commercial
    | \b(?:forbids|forbidding|prohibits|excludes|excluding|without|no|not\ for)\ (?:any\ )?commercial
    | \bcommercial\ (?:use|usage|purposes?|exploitation)\b[^.;,]{0,60}?
      \b(?:not\ (?:allowed|permitted)|forbidden|prohibited|excluded)\b
    | \bnot\ be\ (?:used|sold|exploited)[^.;,]{0,30}\bcommercial
    | \b(?:research|academic|educational|personal|private)\ (?:and\ \w+\ |or\ \w+\ )?(?:use|purposes?)\ only\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def forbids_commerce(licence: str) -> bool:
    """Whether a licence, by its name or its words, forbids commercial use."""
    return _FORBIDS.search(" ".join(licence.split())) is not None


def not_for_sale(card: Card) -> dict[str, str]:
    """The licences of a voice that forbid commercial use, shortened, by whose they are: "" for the voice's
    own, " of its vocoder" for a part's."""
    terms = {"": card.licence} | {f" of its {name}": part.licence for name, part in card.parts.items()}
    return {whose: shortened(text) for whose, text in terms.items() if forbids_commerce(text)}


def shortened(text: str) -> str:
    """The text in one line of at most 200 letters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."
