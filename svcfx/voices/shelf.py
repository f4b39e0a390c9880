"""The shelf: every voice that can be named, by singer; weights load once a process and are shared."""

import os
import threading
from pathlib import Path

from svcfx.chain.parametric import network
from svcfx.chain.parametric.voice import ParametricVoice
from svcfx.chain.voice import Voice
from svcfx.errors import VoiceError, nearest
from svcfx.voices.card import Card, read, verify

BUILTIN = Path(__file__).parent / "builtin"
FOLDERS_VARIABLE = "SVCFX_VOICES"
"""Environment variable: more folders to look in after the builtin one, parted as in PATH."""

_loaded: dict[tuple[Path, str], Voice] = {}
_lock = threading.Lock()


def cards() -> tuple[Card, ...]:
    """Cards of all voices: the builtin ones, then those of the folders that `SVCFX_VOICES` names."""
    more = [Path(part) for part in os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep) if part]
    return tuple(read(path) for folder in (BUILTIN, *more) for path in sorted(folder.glob("*.toml")))


def names() -> list[str]:
    """Names of all singers, in the order of their cards."""
    return [name for card in cards() for name in card.singers]


def find(name: str) -> Card:
    """The card of the voice that holds the singer `name`; the first one, should two voices have it.

    Raises:
        VoiceError: Nobody is called that; the nearest name and the whole list are given.
    """
    there = cards()
    for card in there:
        if name in card.singers:
            return card
    known = [singer for card in there for singer in card.singers]
    hint = f"there are {', '.join(known)}" if known else "no voice is installed; `make voices` trains one"
    raise VoiceError(f"no voice is called '{name}'{nearest(str(name), known)}", hint=hint)


def load(name: str) -> Voice:
    """The voice that holds the singer `name`, its weights checked against the card.

    Raises:
        VoiceError: The name is unknown or the weights are not those of the card.
    """
    card = find(name)
    key = (card.path, card.sha256)
    with _lock:
        if key not in _loaded:
            verify(card)
            _loaded[key] = ParametricVoice(card.name, network.load(card.path), card.stream.loudness_db)
        return _loaded[key]
