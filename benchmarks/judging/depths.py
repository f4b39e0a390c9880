"""The refiner of the singers that ship, at some depths, on one pair of each stem."""

from dataclasses import dataclass

import numpy as np

from judging import converter, sources, speaker, spectrum, truth
from judging.pairs import PAIRS, Pair
from judging.truth import HIGH, LOW, piece, spoken_frames

DEPTHS = (0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrawn:
    """What a pair's figures become at a depth; they mean what a `Verdict`'s do."""

    pair: str
    depth: float
    phone: float
    phone_source: float
    cos_truth: float
    variance_ratio: float
    distance_db: float


def chosen() -> list[Pair]:
    """One pair of each stem, not transposed, the singers by turns."""
    still = [pair for pair in PAIRS if pair.semitones == 0]
    return [pair for number, pair in enumerate(still) if number % 4 in (0, 3)]


def judge(pair: Pair) -> list[Redrawn]:
    """Convert a pair at each depth and judge it."""
    return [_judge(pair, depth) for depth in DEPTHS]


def _judge(pair: Pair, depth: float) -> Redrawn:
    source, ideal = sources.build(pair.stem), truth.truth(pair)
    wide = converter.convert(converter.up(source.audio), pair.singer, pair.semitones, depth)
    narrow = converter.down(wide)[: len(source.audio)]
    pieces = [piece(narrow, p, LOW) for p in source.passages]
    made, wanted = speaker.pooled(truth.embeddings(pieces, source)), speaker.pooled(ideal.embeddings)
    spectra = [
        spectrum.compare(spectrum.measure(piece(wide, p, HIGH), spoken_frames(p)), one)
        for p, one in zip(source.passages, ideal.spectra, strict=True)
    ]
    return Redrawn(
        pair=pair.name,
        depth=depth,
        phone=truth.phone_accuracy(pieces, source),
        phone_source=truth.hear(pair.stem).phone,
        cos_truth=speaker.cosine(made, wanted),
        variance_ratio=float(np.mean([one.variance_ratio for one in spectra])),
        distance_db=float(np.mean([one.distance_db for one in spectra])),
    )
