"""Take voices off the shelf, and give them other names."""

from pathlib import Path

from svcfx.errors import OutputExistsError, VoiceError, nearest
from svcfx.voices import home, names, shelf, staging


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
