"""Texts to speak: pseudo-words, a wide vocabulary and words of songs, a function of index and seed.

A small vocabulary makes the encoder remember words; pseudo-words make it hear phones.
"""

import zlib
from functools import cache
from pathlib import Path

import numpy as np

from svcfx.errors import MissingPartError
from svcfx.training.heldout import is_held_out_text

LICENCES = Path("/usr/share/common-licenses")
_SOURCES = ("Apache-2.0", "Artistic", "GFDL-1.3", "GPL-1", "GPL-2", "GPL-3", "LGPL-2.1", "LGPL-3", "MPL-2.0")

_ONSETS = ["b", "bl", "br", "ch", "d", "dr", "f", "fl", "fr", "g", "gl", "gr", "h", "j", "k", "kl", "kr", "l", "m", "n", "p", "pl", "pr", "r", "s", "sk", "sl", "sm", "sn", "sp", "st", "str", "sw", "t", "th", "tr", "v", "w", "y", "z", "sh", "shr", "thr", "tw", "kw", "spl", "spr", "skr"] + [""] * 4
_VOWELS = ["a", "e", "i", "o", "u", "ee", "oo", "ai", "ay", "oa", "ow", "ou", "oy", "igh", "ar", "or", "er", "air", "ear", "aw", "ew"]
_CODAS = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "sh", "ch", "th", "ng", "nk", "nd", "nt", "mp", "st", "sk", "lt", "ld", "rm", "rn", "ft", "ve", "ze", "dge", "ks"]
_CODAS += [""] * 12
_SONG = ["la", "la", "la", "ooh", "ah", "hey", "oh", "yeah", "love", "heart", "night", "day", "time", "life", "light", "fire", "rain", "river", "ocean", "sky", "star", "moon", "sun", "wind", "dream", "home", "road", "hand", "eye", "eyes", "face", "voice", "song", "sing", "dance", "cry", "fly", "fall", "rise", "run", "stay", "leave", "wait", "hold", "feel", "know", "need", "want", "give", "take", "believe", "remember", "forget", "forever", "never", "always", "again", "tonight", "tomorrow", "yesterday", "morning", "alone", "away", "above", "below", "under", "over", "into", "through", "without", "within", "baby", "darling", "angel", "stranger", "lover", "friend", "mother", "father", "brother", "sister", "child", "world", "heaven", "gold", "silver", "blue", "red", "green", "white", "black", "cold", "warm", "high", "low", "deep", "wild", "free", "lost", "found", "broken", "open", "close", "gone", "here", "there", "where", "everything", "nothing", "something", "someone", "nobody", "you", "me", "we", "they", "she", "he", "i", "my", "your", "our", "the", "a", "and", "but", "or", "so", "if", "when", "while", "until", "because", "of", "in", "on", "at", "to", "from", "with", "for", "by", "is", "are", "was", "were", "be", "been", "have", "has", "had", "do", "does", "did", "will", "would", "can", "could", "should", "may", "might", "must", "not", "no", "yes"]


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
    words = []
    for _ in range(int(random.integers(4, 9))):
        kind = random.random()
        if share < 0.45 or kind < 0.15:
            words.append(_pseudo_word(random))
        elif kind < 0.3 or share > 0.9:
            words.append(str(random.choice(_SONG)))
        else:
            words.append(str(random.choice(_vocabulary())))
    comma = int(random.integers(2, 4)) if len(words) > 5 and random.random() < 0.3 else -1
    return " ".join(word + ("," if i == comma else "") for i, word in enumerate(words))


def _pseudo_word(random: np.random.Generator) -> str:
    syllables = int(random.choice([1, 2, 3], p=[0.45, 0.4, 0.15]))
    return "".join(
        str(random.choice(_ONSETS)) + str(random.choice(_VOWELS)) + str(random.choice(_CODAS))
        for _ in range(syllables)
    )


@cache
def _vocabulary() -> tuple[str, ...]:
    """Every plain word of the licences that Debian's base-files installs, sorted."""
    words: set[str] = set()
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
                words.add(plain)
    return tuple(sorted(words))
