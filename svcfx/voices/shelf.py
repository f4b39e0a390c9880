"""The shelf: every voice that can be named; weights load once a process and are shared."""

import os
import threading
from pathlib import Path

from svcfx.chain import families, own, places
from svcfx.chain.voice import Voice
from svcfx.errors import VoiceError
from svcfx.voices import home
from svcfx.voices.card import Card, read, verify
from svcfx.voices.names import resolve

BUILTIN = Path(__file__).parent / "builtin"
FOLDERS_VARIABLE = "SVCFX_VOICES"
"""Environment variable: more folders to look in after the builtin one, parted as in PATH."""

places.rmvpe_lies_at(home.rmvpe)

_loaded: dict[tuple[Path, str, str], Voice] = {}
_lock = threading.Lock()
_lent: list[Path] = []


def lend(folder: Path) -> None:
    """Know the voices of a folder until this process ends, before others of the same name."""
    _lent.insert(0, folder)


def cards() -> tuple[Card, ...]:
    """Cards of all voices: the builtin ones, those of folders lent or named by `SVCFX_VOICES`, the added."""
    more = [Path(part) for part in os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep) if part]
    given = [read(path) for folder in (BUILTIN, *_lent, *more) for path in sorted(folder.glob("*.toml"))]
    return (*given, *added()[0])


def added() -> tuple[list[Card], list[VoiceError]]:
    """Cards of the voices that were added, and an error for each of them whose card cannot be read."""
    found: list[Card] = []
    broken: list[VoiceError] = []
    for path in sorted(home.voices().glob("[!.]*/card.toml")):
        try:
            found.append(read(path))
        except VoiceError as error:
            broken.append(error)
    return found, broken


def names() -> list[str]:
    """Names of all singers, in the order of their cards."""
    return [name for card in cards() for name in card.addresses]


def find(name: str) -> Card:
    """The card that `name` means: a voice, voice/singer, or a singer that one voice has.

    Raises:
        VoiceError: Nobody is called that (the nearest name and the whole list are given), several singers
            are, or the card of that voice is broken.
    """
    damaged = home.voices() / str(name).partition("/")[0] / "card.toml"
    if damaged.is_file():
        read(damaged)
    return resolve(str(name), cards())


def singer(name: str) -> str:
    """The singer's own name, as the voice knows it, that `name` means; raises as `find` does."""
    return find(name).singer_name(str(name))


def load(name: str, device: str = "") -> Voice:
    """The voice that `name` means, its weights checked against the card, on a device as `device.resolve`
    knows it.

    Raises:
        VoiceError: The name is unknown or the weights are not those of the card.
    """
    return opened(find(name), device)


def opened(card: Card, device: str = "") -> Voice:
    """The voice of a card, its weights checked against it; raises as `load` does."""
    key = (card.path, card.sha256, device)
    with _lock:
        if key not in _loaded:
            verify(card)
            _loaded[key] = _opened(card, device)
        return _loaded[key]


def _opened(card: Card, device: str) -> Voice:
    """Imports stand here, so that listing voices loads no torch."""
    if card.is_one_file:
        module = own.of(families.of(card.family))
        return module.opened(card.name, card.path, card.stream.loudness_db, card.sha256)
    from svcfx.voices import parts

    return parts.voice(card, device)
