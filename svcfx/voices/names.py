"""What a voice may be called, and which card a name means."""

from collections.abc import Sequence

from svcfx.errors import VoiceError, nearest
from svcfx.voices.card import Card

LONGEST = 64
_PUNCTUATION = " ._-+()"


def check(name: str, there: Sequence[Card] = ()) -> str:
    """Return `name` when a voice may be called that, and no singer on the shelf is.

    Raises:
        VoiceError: It is empty, too long, holds a character that no folder should, or is somebody's name.
    """
    odd = [letter for letter in name if not (letter.isalnum() or letter in _PUNCTUATION)]
    if odd or not name.strip() or len(name) > LONGEST or name[0] in "-. " or name[-1] in ". ":
        raise VoiceError(
            f"'{name}' cannot be a voice's name",
            hint=f"use 1 to {LONGEST} letters, digits, spaces, {_PUNCTUATION.strip()}; a letter first",
        )
    for card in there:
        if card.name != name and name in card.singers and card.is_made_here:
            raise VoiceError(
                f"'{name}' is a singer of voice '{card.name}' already", hint="choose another name"
            )
    return name


def resolve(name: str, there: Sequence[Card]) -> Card:
    """The card that `name` means: a voice's name, voice/singer, or a singer's own name if one voice has it.

    Raises:
        VoiceError: Nobody is called that (the nearest and the whole list are given), or several voices have
            such a singer and none is that voice.
    """
    called = [card for card in there if card.name == name or name.startswith(f"{card.name}/")]
    if called:
        card = called[0]
        card.singer_name(name)
        return card
    having = [card for card in there if name in card.singers]
    if len({card.name for card in having}) > 1:
        raise VoiceError(
            f"several voices have a singer '{name}'",
            hint="say which: " + ", ".join(f"{card.name}/{name}" for card in having),
        )
    if having:
        return having[0]
    known = [own for card in there for own in card.addresses]
    there_are = f"there are {', '.join(known)}" if known else "no voice is installed"
    hint = f"{there_are}; `svcfx voices add` adds one"
    near = nearest(name, [*known, *(own for card in there for own in card.singers)])
    raise VoiceError(f"no voice is called '{name}'{near}", hint=hint)
