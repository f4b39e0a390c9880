"""What a card says, as a person reads it and as a program does."""

from typing import TYPE_CHECKING

from svcfx.chain import families
from svcfx.chain.scales import note_of

if TYPE_CHECKING:
    from svcfx.voices.card import Card, Singer

NOT_KNOWN = "not known"
_SAID = ("author", "epoch", "step", "vocoder", "embedder_model", "creation_date")
"""What of an RVC file's words about itself a person is told."""


def notes_of(singer: "Singer") -> str:
    """The range in notes, "C3 to A5"."""
    if singer.low_hz is None or singer.high_hz is None:
        return NOT_KNOWN
    return f"{note_of(singer.low_hz)} to {note_of(singer.high_hz)}"


def hertz_of(singer: "Singer") -> str:
    """The range in Hz."""
    if singer.low_hz is None or singer.high_hz is None:
        return NOT_KNOWN
    return f"{singer.low_hz:.0f} to {singer.high_hz:.0f} Hz"


def range_of(singer: "Singer") -> str:
    """Both in one line."""
    return NOT_KNOWN if singer.low_hz is None else f"{notes_of(singer)}, {hertz_of(singer)}"


def short(licence: str) -> str:
    """The name at the front of a licence."""
    return licence.split(",")[0].split(". ")[0]


def parts_of(card: "Card") -> dict[str, str]:
    """What an added voice is made of, one line each; empty for a voice that ships."""
    if card.is_one_file:
        return {}
    whose = "svcfx's own" if "content" in card.parts else "ContentVec"
    brought = card.content_encoder in families.OTHER_ENCODERS
    lines = {"encoder": card.content_encoder if brought else f"{card.content_encoder} ({whose})"}
    lines |= {key: value for key, value in card.said.items() if key in _SAID}
    if "refiner" in card.parts:
        lines["diffusion"] = f"'{card.parts['refiner'].source}', trained on {card.k_step_max} noise levels"
    if "vocoder" in card.parts:
        lines["vocoder"] = f"'{card.parts['vocoder'].source}', licence: {card.parts['vocoder'].licence}"
    if card.index:
        lines["index"] = f"'{card.parts['bank'].source}', {card.index}"
    return lines


def summary(card: "Card") -> list[str]:
    """What was added, as a person wants to see it once."""
    from svcfx.voices import licence

    lines = {
        "singers": ", ".join(card.singers),
        **parts_of(card),
        "range": _ranges(card),
        "licence": card.licence,
        "consent": card.consent,
    }
    said = [f"  {key:<10}{value}" for key, value in lines.items()]
    for whose, text in licence.not_for_sale(card).items():
        said.append(f"  The licence{whose} forbids commercial use of what is rendered: {text}")
    if len(card.singers) > 1:
        said.append(f"  Name a singer as {', '.join(card.addresses)}; '{card.name}' alone is the first.")
    return [f"{card.name}: {card.about} at {card.rate} Hz", *said]


def _ranges(card: "Card") -> str:
    known = [f"{name} {range_of(singer)}" for name, singer in card.singers.items() if singer.low_hz]
    return "; ".join(known) or f"{NOT_KNOWN}; --range LOW:HIGH says it, for -t auto"


def quoted(name: str) -> str:
    """A name as a shell takes it."""
    from shlex import quote

    return quote(name)
