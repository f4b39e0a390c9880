"""Texts to speak: pseudo-words, a wide vocabulary and words of songs, a function of index and seed.

A small vocabulary makes the encoder remember words; pseudo-words make it hear phones.
"""

import zlib
from functools import cache
from pathlib import Path

import numpy as np

from factory import words
from factory.engines.heldout import is_held_out_text
from svcfx.errors import MissingPartError

LICENCES = Path("/usr/share/common-licenses")
_SOURCES = ("Apache-2.0", "Artistic", "GFDL-1.3", "GPL-1", "GPL-2", "GPL-3", "LGPL-2.1", "LGPL-3", "MPL-2.0")

_ONSETS = (*words.ONSETS, *("",) * 4)
_CODAS = (*words.CODAS, *("",) * 12)


def sentence(index: int, seed: int) -> str:
    """Text number `index`: 4 to 8 words; never one that is held out."""
    attempt = 0
    while True:
        random = np.random.default_rng(zlib.crc32(f"text {seed} {index} {attempt}".encode()))
        text = _draw(random)
        if not is_held_out_text(text):
            return text
        attempt += 1


def _draw(random: np.random.Generator) -> str:
    share = random.random()
    chosen = []
    for _ in range(int(random.integers(4, 9))):
        kind = random.random()
        if share < 0.45 or kind < 0.15:
            chosen.append(pseudo_word(random))
        elif kind < 0.3 or share > 0.9:
            chosen.append(str(random.choice(words.SONG)))
        else:
            chosen.append(str(random.choice(vocabulary())))
    comma = int(random.integers(2, 4)) if len(chosen) > 5 and random.random() < 0.3 else -1
    return " ".join(word + ("," if i == comma else "") for i, word in enumerate(chosen))


def pseudo_word(random: np.random.Generator) -> str:
    syllables = int(random.choice([1, 2, 3], p=[0.45, 0.4, 0.15]))
    return "".join(
        str(random.choice(_ONSETS)) + str(random.choice(words.NUCLEI)) + str(random.choice(_CODAS))
        for _ in range(syllables)
    )


@cache
def vocabulary() -> tuple[str, ...]:
    """Every plain word of the licences that Debian's base-files installs, sorted."""
    found: set[str] = set()
    for name in _SOURCES:
        path = LICENCES / name
        if not path.exists():
            raise MissingPartError(
                f"{path} is missing; its words are part of the training texts",
                hint="It comes with Debian's package base-files.",
            )
        for word in path.read_text(encoding="utf-8", errors="ignore").split():
            plain = word.strip(".,;:()\"'[]<>").lower()
            if plain.isascii() and plain.isalpha() and 2 <= len(plain) <= 12:
                found.add(plain)
    return tuple(sorted(found))
