"""Everything measured on one pair."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from factory.phones import PAUSE, VOWELS
from judging import clicks, converter, pitch, reference, sources, speaker, spectrum, truth
from judging.pairs import Pair
from judging.sources import Source
from judging.truth import HIGH, LOW, piece, spoken_frames

Samples = NDArray[np.float32]
RING_S, EARLY_S = 0.15, 0.10
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
    truth_cents: float
    semitones: int


def judge(pair: Pair) -> Verdict:
    """Convert a pair and judge it."""
    source, heard, ideal = sources.build(pair.stem), truth.hear(pair.stem), truth.truth(pair)
    wide = converter.convert(converter.up(source.audio), pair.singer, pair.semitones)
    narrow = converter.down(wide)[: len(source.audio)]
    pieces = [piece(narrow, p, LOW) for p in source.passages]
    agreed = _spoken_pitch(heard.track, pitch.swift(narrow, LOW), source, pair.semitones)
    second = _spoken_pitch(heard.praat, pitch.praat(narrow, LOW), source, pair.semitones)
    return Verdict(
        pair=pair.name,
        manner=pair.stem.manner,
        seconds=len(wide) / HIGH,
        **_likeness_to_speakers(pair, truth.embeddings(pieces, source), ideal, heard),
        phone=truth.phone_accuracy(pieces, source),
        phone_source=heard.phone,
        phone_truth=ideal.phone,
        cents=agreed.cents,
        r=agreed.r,
        voicing=agreed.voicing,
        gross=agreed.gross,
        praat_cents=second.cents,
        praat_r=second.r,
        **_likeness_of_spectra(wide, ideal, source),
        loud_samples_in_silence=_leak(wide, source),
        **_clicks(wide, source),
        truth_clicks=ideal.clicks,
        truth_cents=ideal.cents,
        semitones=pair.semitones,
    )


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


def _likeness_to_speakers(
    pair: Pair, made: list[speaker.Embedding], ideal: truth.Truth, heard: truth.Heard
) -> dict[str, float]:
    one, other, own = speaker.pooled(made), speaker.pooled(ideal.embeddings), reference.embedding(pair.singer)
    each = [speaker.cosine(a, b) for a, b in zip(made, ideal.embeddings, strict=True)]
    return {
        "cos_truth": speaker.cosine(one, other),
        "cos_truth_each": float(np.mean(each)),
        "cos_reference": speaker.cosine(one, own),
        "truth_reference": speaker.cosine(other, own),
        "cos_source": speaker.cosine(one, heard.embedding),
        "source_reference": speaker.cosine(heard.embedding, own),
        "source_truth": speaker.cosine(heard.embedding, other),
    }


def _likeness_of_spectra(wide: Samples, ideal: truth.Truth, source: Source) -> dict[str, float]:
    """Means over the passages."""
    found = [
        spectrum.compare(spectrum.measure(piece(wide, p, HIGH), spoken_frames(p)), wanted)
        for p, wanted in zip(source.passages, ideal.spectra, strict=True)
    ]
    return {
        "distance_db": float(np.mean([one.distance_db for one in found])),
        "variance_ratio": float(np.mean([one.variance_ratio for one in found])),
        "air_db": float(np.mean([one.air_db for one in found])),
    }


def _clicks(wide: Samples, source: Source) -> dict[str, int]:
    """All clicks, and those within 50 ms of a border."""
    found = clicks.find(wide, HIGH)
    near = np.abs(found[:, None] - borders(source)).min(1) < BORDER_S if len(found) else found
    return {"clicks": len(found), "border_clicks": int(np.sum(near))}


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
    return int(np.count_nonzero(wide[silent]))
