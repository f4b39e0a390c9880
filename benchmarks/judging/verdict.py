"""Everything measured on one pair."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from judging import clicks, converter, phones, pitch, reference, sources, speaker, spectrum
from judging.pairs import PAUSE_S, Pair, Stem
from judging.sources import Passage, Source
from svcfx.training.groundtruth import ground_truth
from svcfx.training.phones import PAUSE, VOWELS

Samples = NDArray[np.float32]
LOW, HIGH = sources.RATE, converter.RATE
RING_S, EARLY_S = 0.15, 0.05
"""Silence is asked for from so long after a text's last sample to so long before the next one's first."""
BORDER_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One pair's figures; `benchmarks/README.md` says what each means."""

    pair: str
    manner: str
    seconds: float
    cos_truth: float
    cos_truth_each: float
    cos_reference: float
    truth_reference: float
    cos_source: float
    source_reference: float
    source_truth: float
    phone: float
    phone_source: float
    phone_truth: float
    cents: float
    r: float
    voicing: float
    gross: float
    praat_cents: float
    praat_r: float
    distance_db: float
    variance_ratio: float
    air_db: float
    loud_samples_in_silence: int
    clicks: int
    border_clicks: int
    truth_clicks: int


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A stem as the judges hear it unconverted."""

    source: Source
    track: pitch.Track
    praat: pitch.Track
    embedding: speaker.Embedding
    phone: float


@lru_cache(maxsize=2)
def hear(stem: Stem) -> Heard:
    """Judge a stem's source."""
    source = sources.build(stem)
    pieces = [piece(source.audio, p, LOW) for p in source.passages]
    return Heard(
        source=source,
        track=pitch.swift(source.audio, LOW),
        praat=pitch.praat(source.audio, LOW),
        embedding=speaker.pooled([speaker.embed(voiced_part(a, p)) for a, p in _both(pieces, source)]),
        phone=_phone(pieces, source),
    )


def judge(pair: Pair) -> Verdict:
    """Convert a pair and judge it."""
    heard = hear(pair.stem)
    source = heard.source
    wide = converter.convert(converter.up(source.audio), pair.singer, pair.semitones)
    narrow = converter.down(wide)[: len(source.audio)]
    truths = [_truth(pair, heard, p) for p in source.passages]
    made, ideal = _embeddings(narrow, truths, source)
    one, other = speaker.pooled(made), speaker.pooled(ideal)
    own = reference.embedding(pair.singer)
    near = _likeness(wide, truths, source)
    agreed = _spoken_pitch(heard.track, pitch.swift(narrow, LOW), source, pair.semitones)
    second = _spoken_pitch(heard.praat, pitch.praat(narrow, LOW), source, pair.semitones)
    found = clicks.find(wide, HIGH)
    return Verdict(
        pair=pair.name,
        manner=pair.stem.manner,
        seconds=len(wide) / HIGH,
        cos_truth=speaker.cosine(one, other),
        cos_truth_each=float(np.mean([speaker.cosine(a, b) for a, b in zip(made, ideal, strict=True)])),
        cos_reference=speaker.cosine(one, own),
        truth_reference=speaker.cosine(other, own),
        cos_source=speaker.cosine(one, heard.embedding),
        source_reference=speaker.cosine(heard.embedding, own),
        source_truth=speaker.cosine(heard.embedding, other),
        phone=_phone([piece(narrow, p, LOW) for p in source.passages], source),
        phone_source=heard.phone,
        phone_truth=_phone([converter.down(t) for t in truths], source),
        cents=agreed.cents,
        r=agreed.r,
        voicing=agreed.voicing,
        gross=agreed.gross,
        praat_cents=second.cents,
        praat_r=second.r,
        distance_db=float(np.mean([one.distance_db for one in near])),
        variance_ratio=float(np.mean([one.variance_ratio for one in near])),
        air_db=float(np.mean([one.air_db for one in near])),
        loud_samples_in_silence=_leak(wide, source),
        clicks=len(found),
        border_clicks=_near(found, borders(source)),
        truth_clicks=sum(len(clicks.find(t, HIGH)) for t in truths),
    )


def piece(audio: Samples, passage: Passage, rate: int) -> Samples:
    """A passage cut from a stem at any rate."""
    first = round(passage.start_s * rate)
    return audio[first : first + round(passage.seconds * rate)]


def voiced_part(audio: Samples, passage: Passage) -> Samples:
    """A passage at 16 kHz from its first phone to its last, pauses around it apart."""
    said = [p for p in passage.phones if p.name != PAUSE]
    return audio[int(said[0].start_s * LOW) : int(said[-1].end_s * LOW)]


def borders(source: Source) -> NDArray[np.float64]:
    """Seconds at which a stem goes from pause to voice or back."""
    found = []
    for passage in source.passages:
        for phone in passage.phones:
            if phone.name == PAUSE:
                found += [passage.start_s + phone.start_s, passage.start_s + phone.end_s]
        found += [passage.start_s, passage.start_s + passage.seconds]
    return np.array(found)


def vowels(source: Source) -> NDArray[np.float64]:
    """Seconds of the middle of each vowel longer than 60 ms."""
    return np.array(
        [
            p.start_s + 0.5 * (phone.start_s + phone.end_s)
            for p in source.passages
            for phone in p.phones
            if phone.name in VOWELS and phone.end_s - phone.start_s > 0.06
        ]
    )


def _near(seconds: NDArray[np.float64], places: NDArray[np.float64]) -> int:
    """How many of `seconds` lie within 50 ms of one of `places`."""
    return int(np.sum(np.abs(seconds[:, None] - places).min(1) < BORDER_S)) if len(seconds) else 0


def _both(pieces: list[Samples], source: Source) -> list[tuple[Samples, Passage]]:
    return list(zip(pieces, source.passages, strict=True))


def _truth(pair: Pair, heard: Heard, passage: Passage) -> Samples:
    first, count = round(passage.start_s * 100), round(passage.seconds * 100)
    wanted = heard.track[first : first + count] * 2.0 ** (pair.semitones / 12.0)
    return ground_truth(passage.text, reference.identity(pair.singer), passage.phones, wanted)


def _embeddings(
    narrow: Samples, truths: list[Samples], source: Source
) -> tuple[list[speaker.Embedding], list[speaker.Embedding]]:
    made = [speaker.embed(voiced_part(piece(narrow, p, LOW), p)) for p in source.passages]
    ideal = [speaker.embed(voiced_part(converter.down(t), p)) for t, p in _both(truths, source)]
    return made, ideal


def _phone(pieces: list[Samples], source: Source) -> float:
    right = [phones.accuracy(audio, p.phones) for audio, p in _both(pieces, source)]
    return float(np.average(right, weights=[p.seconds for p in source.passages]))


def _likeness(wide: Samples, truths: list[Samples], source: Source) -> list[spectrum.Likeness]:
    return [
        spectrum.compare(piece(wide, p, HIGH), truth, spoken_frames(p)) for truth, p in _both(truths, source)
    ]


def spoken_frames(passage: Passage) -> NDArray[np.bool_]:
    """Which of a passage's 10 ms frames lie in no pause."""
    times = np.arange(round(passage.seconds * 100)) * 0.01
    starts = np.array([phone.start_s for phone in passage.phones])
    index = np.clip(np.searchsorted(starts, times, side="right") - 1, 0, None)
    return np.array([phone.name != PAUSE for phone in passage.phones])[index]


def _spoken_pitch(
    source_track: pitch.Track, track: pitch.Track, source: Source, semitones: float
) -> pitch.Agreement:
    """Agreement over the passages; the silence between them would flatter the voicing."""
    kept = np.concatenate(
        [np.arange(round(p.start_s * 100), round((p.start_s + p.seconds) * 100)) for p in source.passages]
    )
    kept = kept[kept < min(len(source_track), len(track))]
    return pitch.compare(source_track[kept], track[kept], semitones)


def _leak(wide: Samples, source: Source) -> int:
    """Samples that are not exactly 0 where the source has been digitally silent for a while."""
    silent = np.ones(len(wide), bool)
    for passage in source.passages:
        start = max(0, round((passage.start_s - EARLY_S) * HIGH))
        silent[start : round((passage.start_s + passage.seconds + RING_S) * HIGH)] = False
    assert PAUSE_S > RING_S + EARLY_S
    return int(np.count_nonzero(wide[silent]))
