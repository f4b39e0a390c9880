"""The judge of who sings: GE2E embeddings by the weights that Resemblyzer ships.

Source: L. Wan et al., "Generalized end-to-end loss for speaker verification", ICASSP 2018. Resemblyzer's
silence detector is not used: source, conversion and ground truth share a time base, so the same frames
of all three are cut by the labels, and a detector's whims on sung tones cannot differ between them.
"""

import contextlib
import io
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Embedding = NDArray[np.float32]
Samples = NDArray[np.float32]
PARTIALS_A_SECOND = 4.0
TARGET_DBFS = -30.0


@cache
def _encoder() -> Any:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        from resemblyzer import VoiceEncoder

        return VoiceEncoder("cpu", verbose=False)


def embed(audio: Samples) -> Embedding:
    """Unit embedding (256,) of audio at 16 kHz, shape (frames,), brought to -30 dBFS."""
    rms = float(np.sqrt(np.mean(audio.astype(np.float64) ** 2))) + 1e-9
    level = audio * (10.0 ** (TARGET_DBFS / 20.0) / rms)
    return np.asarray(_encoder().embed_utterance(level.astype(np.float32), rate=PARTIALS_A_SECOND))


def pooled(embeddings: Sequence[Embedding]) -> Embedding:
    """One speaker's embedding of several utterances: their mean, of unit length."""
    mean = np.mean(embeddings, 0)
    return np.asarray(mean / np.linalg.norm(mean))


def cosine(left: Embedding, right: Embedding) -> float:
    """Cosine of two unit embeddings."""
    return float(left @ right)


@cache
def shipped(singer: str) -> Embedding:
    """How the singer sounds: four texts of an engine that teaches nobody, converted, pooled."""
    from factory.engines.speech import EngineVoice, speak
    from judging import converter, reference

    said = [speak(text, EngineVoice("flite", "awb")) for text in reference.TEXTS]
    return pooled([embed(converter.speech(one.audio, singer, "auto")) for one in said])
