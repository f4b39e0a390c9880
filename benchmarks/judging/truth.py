"""The judges' hearing of what no voice changes: a stem's source, and the singers' ground truth for a pair."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from factory.phones import PAUSE
from judging import clicks, converter, phones, pitch, singer, sources, speaker, spectrum
from judging.kept import kept
from judging.pairs import Pair, Stem
from judging.sources import Passage, Source

Samples = NDArray[np.float32]
LOW, HIGH = sources.RATE, converter.RATE


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A source: pitch by both trackers at 10 ms, pooled embedding, phone accuracy."""

    track: pitch.Track
    praat: pitch.Track
    embedding: speaker.Embedding
    phone: float


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Ground truth of a pair, a value a passage; `phone` over all, `clicks` their number.

    `cents` is what the pitch judge finds between the pitch it was rendered at and its own hearing of it.
    """

    embeddings: tuple[speaker.Embedding, ...]
    spectra: tuple[spectrum.Spectrum, ...]
    phone: float
    clicks: int
    cents: float


@lru_cache(maxsize=2)
def hear(stem: Stem) -> Heard:
    """Judge a stem's source."""
    return kept(f"{stem.name} {len(stem.texts)}", lambda: _hear(sources.build(stem)))


def _hear(source: Source) -> Heard:
    pieces = [piece(source.audio, p, LOW) for p in source.passages]
    return Heard(
        track=pitch.swift(source.audio, LOW),
        praat=pitch.praat(source.audio, LOW),
        embedding=speaker.pooled(embeddings(pieces, source)),
        phone=phone_accuracy(pieces, source),
    )


def truth(pair: Pair) -> Truth:
    """Render and judge the singer's own performance of a pair."""
    return kept(f"{pair.name} {len(pair.stem.texts)}", lambda: _truth(pair))


def _truth(pair: Pair) -> Truth:
    source, track = sources.build(pair.stem), hear(pair.stem).track
    wide = [_render(pair, track, passage) for passage in source.passages]
    narrow = [converter.down(audio) for audio in wide]
    return Truth(
        embeddings=tuple(embeddings(narrow, source)),
        spectra=tuple(
            spectrum.measure(audio, spoken_frames(p)) for audio, p in zip(wide, source.passages, strict=True)
        ),
        phone=phone_accuracy(narrow, source),
        clicks=sum(len(clicks.find(audio, HIGH)) for audio in wide),
        cents=_cents(pair, track, narrow, source),
    )


def _cents(pair: Pair, track: pitch.Track, narrow: list[Samples], source: Source) -> float:
    """Median error of the judge's hearing of ground truth, whose pitch is known exactly."""
    found = [pitch.swift(audio, LOW) for audio in narrow]
    wanted = [piece(track, p, 100)[: len(part)] for p, part in zip(source.passages, found, strict=True)]
    return pitch.compare(np.concatenate(wanted), np.concatenate(found), pair.semitones).cents


def _render(pair: Pair, track: pitch.Track, passage: Passage) -> Samples:
    wanted = piece(track, passage, 100) * 2.0 ** (pair.semitones / 12.0)
    return singer.ground_truth(passage.text, pair.singer, passage.phones, wanted)


def piece(audio: NDArray[Any], passage: Passage, rate: int) -> NDArray[Any]:
    """A passage cut from a stem, or from its frames, at any rate."""
    first = round(passage.start_s * rate)
    return audio[first : first + round(passage.seconds * rate)]


def embeddings(pieces: list[Samples], source: Source) -> list[speaker.Embedding]:
    """GE2E embeddings of a stem's passages at 16 kHz, each from its first phone to its last."""
    found = []
    for audio, passage in zip(pieces, source.passages, strict=True):
        said = [p for p in passage.phones if p.name != PAUSE]
        found.append(speaker.embed(audio[int(said[0].start_s * LOW) : int(said[-1].end_s * LOW)]))
    return found


def phone_accuracy(pieces: list[Samples], source: Source) -> float:
    """Phone accuracy of a stem's passages at 16 kHz, weighed by their length."""
    right = [phones.accuracy(audio, p.phones) for audio, p in zip(pieces, source.passages, strict=True)]
    return float(np.average(right, weights=[p.seconds for p in source.passages]))


def spoken_frames(passage: Passage) -> NDArray[np.bool_]:
    """Which of a passage's 10 ms frames lie in no pause."""
    times = np.arange(round(passage.seconds * 100)) * 0.01
    starts = np.array([phone.start_s for phone in passage.phones])
    index = np.clip(np.searchsorted(starts, times, side="right") - 1, 0, None)
    return np.array([phone.name != PAUSE for phone in passage.phones])[index]
