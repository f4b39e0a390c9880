"""What the strangers say of one recording: words, phones, pitch, likeness, quality. Kept by its samples."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from judging import quality, readers, speaker, tracks

Samples = NDArray[np.float32]
KEPT = Path("build/benchmarks/listening/kept")


@dataclass(frozen=True, slots=True)
class Said:
    """Which recording, whose, what it says, and whether it is spoken or sung."""

    clip: str
    speaker: str
    text: str
    genre: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Edits out of `said` words and `said_phones` phones; pitch by FCPE and Praat where there is a source.

    `cents` is the median absolute error about the transposition found, `octaves` the share of frames nearer
    to another octave, `voicing` the share of frames whose voicing differs; `nearer` whether a conversion is
    nearer to other conversions' singer than to its source (GE2E, known when a source is given); `peak` is
    the largest sample's magnitude.
    """

    clip: str
    speaker: str
    genre: str
    kind: str
    said: int
    said_phones: int
    words: float
    sphinx: float
    phones: float
    p808: float
    distilled: float
    peak: float
    cents: tuple[float, ...] = ()
    octaves: tuple[float, ...] = ()
    voicing: tuple[float, ...] = ()
    source_likeness: float = 0.0
    singer_likeness: float = 0.0

    @property
    def nearer(self) -> bool:
        """Whether the voice is nearer to the singer than to its source."""
        return self.singer_likeness > self.source_likeness


WORDS_ALONE = False
"""Whether to leave out the predictors of quality, which take most of the time; 0 is in their place."""


def judge(said: Said, kind: str, audio: Samples, source: Samples | None = None) -> Finding:
    """Findings of audio at 16 kHz, (frames,), with the source of the conversion where it is one."""
    about = (said, kind, "words") if WORDS_ALONE else (said, kind)
    digest = hashlib.sha256(np.ascontiguousarray(audio).tobytes() + repr(about).encode())
    path = KEPT / f"{digest.hexdigest()[:24]}.json"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(_judged(said, kind, audio, source))), encoding="utf-8")
    return Finding(**json.loads(path.read_text(encoding="utf-8")))


def _judged(said: Said, kind: str, audio: Samples, source: Samples | None) -> Finding:
    words, phones = readers.plain(said.text), readers.phones_of(said.text)
    agreement = None if source is None else tracks.compare(source, audio)
    likeness = {} if source is None else _likeness(kind.split()[0], audio, source)
    return Finding(
        clip=said.clip,
        speaker=said.speaker,
        genre=said.genre,
        kind=kind,
        said=len(words),
        said_phones=len(phones),
        words=readers.edits(readers.base_words(audio), words),
        sphinx=readers.edits(readers.sphinx_words(audio), words),
        phones=readers.edits(readers.hama_phones(audio), phones),
        p808=0.0 if WORDS_ALONE else quality.dnsmos(audio),
        distilled=0.0 if WORDS_ALONE else quality.distilled(audio),
        peak=float(np.abs(audio).max()),
        **({} if agreement is None else agreement),
        **likeness,
    )


def _likeness(singer: str, audio: Samples, source: Samples) -> dict[str, float]:
    one = speaker.embed(audio)
    return {
        "source_likeness": speaker.cosine(one, speaker.embed(source)),
        "singer_likeness": speaker.cosine(one, speaker.shipped(singer)),
    }
