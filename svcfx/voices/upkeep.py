"""Look after the shelf: are its voices whole, take one off, give one another name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from svcfx.errors import CheckFailure, OutputExistsError, SvcfxError, VoiceError, nearest
from svcfx.voices import encoder, home, names, parts, shelf, staging
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


def place_of(name: str) -> Path:
    """The folder of an added voice, also of one whose card is broken.

    Raises:
        VoiceError: There is no such voice, or it ships with svcfx and stays.
    """
    there = [path.parent.name for path in home.voices().glob("[!.]*/card.toml")]
    if name in there:
        return home.voices() / name
    for card in shelf.cards():
        if name == card.name or name in card.singers:
            if card.name in there:
                raise VoiceError(
                    f"'{name}' is a singer of voice '{card.name}'", hint=f"name the voice, '{card.name}'"
                )
            raise VoiceError(f"'{name}' was not added by `svcfx voices add`, so it stays as it is")
    known = f"there are {', '.join(there)}" if there else "no voice was added yet"
    raise VoiceError(f"no added voice is called '{name}'{nearest(name, there)}", hint=known)


def remove(name: str) -> None:
    """Delete an added voice: gone in one step."""
    staging.remove(place_of(name))


def rename(old: str, new: str) -> None:
    """Give an added voice another name, in one step.

    Raises:
        VoiceError: There is no such voice, or the new name cannot be.
        OutputExistsError: The new name is taken.
    """
    place = place_of(old)
    names.check(new, shelf.cards())
    if (home.voices() / new).exists() or any(card.name == new for card in shelf.cards()):
        raise OutputExistsError(f"there is a voice '{new}' already", hint="choose another name")
    staging.rename(place, home.voices() / new)


def megabytes(place: Path) -> float:
    """Size of a voice's files."""
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / 1e6
