"""Who writes down what is heard: words by Whisper base and by PocketSphinx, phones by hama.

None teaches a voice here. Errors are edit distances over what the recording's text says.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judging import whisper

Samples = NDArray[np.float32]
ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SPELLED = {"mr": "mister", "mrs": "missus", "ok": "okay", "st": "saint"}


def plain(text: str) -> list[str]:
    """Words in lower case, numbers spelled, marks gone."""
    text = re.sub(r"\d+", lambda found: f" {_number(int(found.group()))} ", text.lower())
    found = re.findall(r"[a-z']+", text.replace("-", " "))
    return [SPELLED.get(word, word).replace("'", "") for word in found]


def _number(value: int) -> str:
    if value < 20:
        return ONES[value]
    if value < 100:
        return TENS[value // 10 - 2] + (f" {ONES[value % 10]}" if value % 10 else "")
    return " ".join(ONES[int(digit)] for digit in str(value))


def edits(heard: Sequence[str], said: Sequence[str]) -> int:
    """Insertions, deletions and substitutions from what was said to what was heard."""
    row = np.arange(len(heard) + 1)
    for place, item in enumerate(said, 1):
        before, row = row, row.copy()
        row[0] = place
        for at, other in enumerate(heard, 1):
            row[at] = min(before[at - 1] + (item != other), before[at] + 1, row[at - 1] + 1)
    return int(row[-1])


def base_words(audio: Samples) -> list[str]:
    """Words by Whisper base."""
    return plain(whisper.words(audio))


def sphinx_words(audio: Samples) -> list[str]:
    """Words by PocketSphinx with its own language model."""
    decoder = _sphinx()
    decoder.start_utt()
    decoder.process_raw((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    return plain(decoder.hyp().hypstr) if decoder.hyp() else []


def hama_phones(audio: Samples) -> list[str]:
    """Phones by hama."""
    return list(_hama()[0].transcribe_waveform(audio, 16000).phonemes)


@cache
def phones_of(text: str) -> tuple[str, ...]:
    """Phones of a text in hama's symbols, by its own dictionary."""
    listener, spell = _hama()
    known = sorted((token for token in listener.decoder_tokens if token), key=len, reverse=True)
    found: list[str] = []
    for word in plain(text):
        ipa = spell.predict(word).ipa
        while ipa:
            token = next((t for t in known if ipa.startswith(t)), ipa[0])
            found.append(token)
            ipa = ipa[len(token) :]
    return tuple(found)


@cache
def _hama() -> tuple[Any, Any]:
    from hama import ASRModel, G2PModel

    return ASRModel(), G2PModel()


@cache
def _sphinx() -> Any:
    from pocketsphinx import Decoder

    return Decoder(samprate=16000, loglevel="FATAL")


READERS: dict[str, Callable[[Samples], list[str]]] = {
    "base": base_words,
    "sphinx": sphinx_words,
    "hama": hama_phones,
}
"""By name; what `hama` gives is compared with `phones_of`, the others with `plain`."""
