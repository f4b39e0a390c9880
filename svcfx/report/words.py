"""How many words of its source a result keeps: the one door to Whisper.

The judge is Whisper in the layout of faster-whisper, in a folder that a person put there: a report fetches
nothing. It reads singing less surely than speech, so what it hears of the source is what counts as its words.
The ear of the singers that ship has layers of Whisper tiny.en: of them it judges as a sibling.

Source: A. Radford et al., "Robust speech recognition via large-scale weak supervision", 2022.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain.config import ANALYSIS_RATE
from svcfx.dsp.resample import resample
from svcfx.report.subject import FRAME_SECONDS
from svcfx.voices import home

WINDOW_SECONDS = 30.0
"""What Whisper hears at once: the stretch with the most singing is judged."""
LEAST_WORDS = 4
_WORD = re.compile(r"[\w']+")


@dataclass(frozen=True, slots=True)
class Words:
    """The share of the words heard in the source that are heard in the result, in their order; how many."""

    kept: float
    heard: int


def folder() -> Path:
    """Where the judge lies, if there is one."""
    return home.home() / "judges" / "whisper"


def measure(source: Samples, result: Samples, notes: NDArray[np.float64], sample_rate: int) -> Words | None:
    """Judge a result beside its source, both (channels, frames) and aligned.

    Args:
        source: What the voice heard.
        result: What came of it.
        notes: MIDI numbers of the source at 10 ms frames, NaN where nothing is voiced.
        sample_rate: Of both.

    Returns:
        None where fewer than four words are heard in the source, the judge is not in its folder, or
        faster-whisper (the extra `eval`) is not installed.
    """
    judge = _judge(folder())
    if judge is None or not np.isfinite(notes).any():
        return None
    first = _most_sung(np.isfinite(notes), sample_rate)
    last = first + round(WINDOW_SECONDS * sample_rate)
    said, language = _heard(judge, source[:, first:last], sample_rate, None)
    if len(said) < LEAST_WORDS:
        return None
    again, _ = _heard(judge, result[:, first:last], sample_rate, language)
    return Words(common(said, again) / len(said), len(said))


def common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest sequence of words that stands in both, gaps allowed.

    >>> common("should auld acquaintance be forgot".split(), "should old acquaintance be".split())
    3
    """
    best = [0] * (len(other) + 1)
    for word in one:
        before = best.copy()
        for at, candidate in enumerate(other):
            best[at + 1] = before[at] + 1 if word == candidate else max(before[at + 1], best[at])
    return best[-1]


def _most_sung(voiced: NDArray[np.bool_], sample_rate: int) -> int:
    """The first frame of the window in which the most is voiced."""
    total = np.concatenate([[0], np.cumsum(voiced)])
    size = min(round(WINDOW_SECONDS / FRAME_SECONDS), len(voiced))
    best = int(np.argmax(total[size:] - total[: len(total) - size]))
    return round(best * FRAME_SECONDS * sample_rate)


@cache
def _judge(place: Path) -> Any:
    """The model in a folder; None where there is none, or nobody to open it."""
    if not (place / "model.bin").is_file():
        return None
    try:
        from faster_whisper import WhisperModel
    except ImportError:
        return None
    return WhisperModel(str(place), device="cpu", compute_type="float32", local_files_only=True)


def _heard(judge: Any, sound: Samples, sample_rate: int, language: str | None) -> tuple[list[str], str]:
    """Words of a sound, folded, and their language, which is found where none is given."""
    mono = resample(sound.mean(axis=0, keepdims=True).astype(np.float32), sample_rate, ANALYSIS_RATE)[0]
    pieces, about = judge.transcribe(
        mono, language=language, beam_size=1, temperature=0.0, condition_on_previous_text=False,
        without_timestamps=True,
    )  # fmt: skip
    return _WORD.findall(" ".join(piece.text for piece in pieces).casefold()), str(about.language)
