"""Speech with phone labels from the two engines of the training material, flite and espeak-ng.

    speak("hello there", EngineVoice("flite", "slt")) -> Utterance(audio, rate, phones)

Both engines are deterministic; the same text and voice give the same samples. Neither takes part
in rendering: they only make material for training and sources for the benchmark.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from svcfx.errors import InputError

Samples = NDArray[np.float32]


class Phone(NamedTuple):
    """One CMU phone and where it is, in seconds from the start of the audio."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class EngineVoice:
    """A voice of an engine; rate and pitch (0 to 99) only move espeak-ng."""

    engine: Literal["flite", "espeak"]
    name: str
    words_per_minute: int = 160
    pitch: int = 50

    @property
    def key(self) -> str:
        """A name for files and seeds."""
        moved = f":{self.words_per_minute}:{self.pitch}" if self.engine == "espeak" else ""
        return f"{self.engine}:{self.name}{moved}"


@dataclass(frozen=True, slots=True)
class Utterance:
    """Audio, shape (frames,), float32 in -1..1, its rate in Hz, and its phones in order."""

    audio: Samples
    rate: int
    phones: tuple[Phone, ...]


def speak(text: str, voice: EngineVoice) -> Utterance:
    """Speak `text`; phones are contiguous, cover the audio, and are CMU names with "pau".

    Raises:
        InputError: The engine does not know the voice, or gave no sound for the text.
        MissingPartError: The engine is not installed.
    """
    if voice.engine == "flite":
        from factory.engines.flite import render
    else:
        from factory.engines.espeak import render
    audio, rate, marks = render(text, voice)
    if len(audio) == 0 or not marks:
        raise InputError(f"voice '{voice.key}' gave no sound for '{text}'")
    return Utterance(audio, rate, _contiguous(marks, len(audio) / rate))


def _contiguous(starts: list[tuple[str, float]], seconds: float) -> tuple[Phone, ...]:
    """Phones from their start times, the first stretched to 0, equal pauses in a row joined."""
    phones: list[Phone] = []
    for index, (name, start) in enumerate(starts):
        end = min(starts[index + 1][1] if index + 1 < len(starts) else seconds, seconds)
        start = phones[-1].end_s if phones else 0.0
        if end <= start + 1e-4:
            continue
        if phones and name == "pau" == phones[-1].name:
            phones[-1] = phones[-1]._replace(end_s=end)
        else:
            phones.append(Phone(name, start, end))
    phones[-1] = phones[-1]._replace(end_s=seconds)
    return tuple(phones)
