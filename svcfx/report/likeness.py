"""How like a result is to its source's singer, and to the voice that sings it: cosines of GE2E embeddings.

A voice is known by how it sings another recording, the lead of the bundled song: its own recordings do not
come with it. The judge is one that no voice is made with (`svcfx.training.cloning.similarity`).
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import svcfx
from svcfx import audio
from svcfx.audio import Samples
from svcfx.errors import MissingPartError, SvcfxError
from svcfx.report.subject import FRAME_SECONDS
from svcfx.training.cloning import similarity
from svcfx.voices import shelf

PROBE = Path(svcfx.__file__).parent / "demo" / "lead.ogg"
_PROBED = (10.0, 18.0)
"""Seconds of the probe that a voice sings to be known."""
MOST_SECONDS, LEAST_SECONDS = 30.0, 2.0
"""Singing that is judged at the most, and below which nothing is."""
_NEAR_FRAMES = 10


@dataclass(frozen=True, slots=True)
class Likeness:
    """Cosines of a result to its source and to the voice (None: not measured); 1 is the same speaker."""

    source: float
    voice: float | None


def measure(
    source: Samples, result: Samples, notes: NDArray[np.float64], sample_rate: int, voice: str
) -> Likeness | None:
    """Judge a result beside its source, both (channels, frames) and aligned, where the source sings.

    Args:
        source: What the voice heard.
        result: What came of it.
        notes: MIDI numbers of the source at 10 ms frames, NaN where nothing is voiced.
        sample_rate: Of both.
        voice: Who sings; "" where it is not one voice alone.

    Returns:
        None where less than 2 s are sung, or the judge is not installed (the extra `eval` or `clone`).
    """
    sung = _sung(np.isfinite(notes), source.shape[1], sample_rate)
    if sung.sum() < LEAST_SECONDS * sample_rate:
        return None
    try:
        before, after = (
            similarity.embedding(sound.mean(axis=0)[sung], sample_rate) for sound in (source, result)
        )
        known = _known(voice, shelf.find(voice).sha256) if voice else None
    except MissingPartError:
        return None
    return Likeness(float(before @ after), None if known is None else float(known @ after))


def _sung(voiced: NDArray[np.bool_], frames: int, sample_rate: int) -> NDArray[np.bool_]:
    """Which samples lie within 0.1 s of singing, (frames,): the first 30 s of them."""
    near = np.convolve(voiced, np.ones(2 * _NEAR_FRAMES + 1), "same") > 0.5
    at = np.minimum(np.arange(frames) / (sample_rate * FRAME_SECONDS), len(near) - 1).astype(int)
    sung = near[at]
    return np.asarray(sung & (np.cumsum(sung) <= MOST_SECONDS * sample_rate), np.bool_)


@lru_cache(maxsize=16)
def _known(voice: str, _sha256: str) -> NDArray[np.float32] | None:
    """How a voice sounds that sings the probe in the octave that suits it; None where it cannot."""
    from svcfx.node import VoiceConversion  # here: a report without a voice loads none

    sound = audio.read(PROBE)
    first, last = (round(at * sound.sample_rate) for at in _PROBED)
    given = sound.samples.mean(axis=0, keepdims=True)[:, first:last]
    try:
        node = VoiceConversion(voice)
        if shelf.find(voice).singer(voice).low_hz is not None:
            node.transpose_semitones = node.suggest_transpose(given, sound.sample_rate).semitones
        return similarity.embedding(node(given, sound.sample_rate)[0], sound.sample_rate)
    except MissingPartError:
        raise
    except SvcfxError:
        return None
