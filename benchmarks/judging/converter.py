"""The voice as its users meet it: the public node with its default settings, at 44.1 kHz."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

import svcfx
from svcfx.voices import shelf

Samples = NDArray[np.float32]
RATE = 44100
STREAMED = ""
"""A lookahead with which a node sings as its streams do, by the level of the card; "" is as a render."""


@lru_cache(maxsize=4)
def node(singer: str, semitones: float, depth: float = 0.0) -> "svcfx.VoiceConversion":
    """A node that sings so."""
    made = svcfx.VoiceConversion(voice=singer, transpose_semitones=semitones, diffusion_depth=depth)
    if STREAMED:
        made.lookahead, made.level = STREAMED, "card"
    return made


def convert(audio: Samples, singer: str, semitones: float, depth: float = 0.0) -> Samples:
    """Convert audio at 44.1 kHz, (frames,) -> (frames,)."""
    return np.asarray(node(singer, semitones, depth)(audio[None], RATE)[0])


def speech(audio: Samples, singer: str, move: str) -> Samples:
    """Convert audio at 16 kHz, (frames,), moved by a number of semitones or `auto`, as the CLI would."""
    semitones = suggested(audio, singer) if move == "auto" else float(move)
    return down(convert(up(audio), singer, semitones))[: len(audio)]


def suggested(audio: Samples, singer: str) -> float:
    """Semitones that `auto` moves audio at 16 kHz by, (frames,)."""
    return float(node(singer, 0.0).suggest_transpose(up(audio)[None], RATE).semitones)


def refines(singer: str) -> bool:
    """Whether the singer's voice has a refiner."""
    return not node(singer, 0.0)._voice.lacks("diffusion_depth", 0.5)


def weights(singer: str) -> str:
    """Name and SHA-256 (its first 12 digits) of the singer's weights."""
    card = shelf.find(singer)
    return f"{card.weights} {card.sha256[:12]}"


def is_shipped(singer: str) -> bool:
    """Whether the singer's voice is the one in the package, not one that `SVCFX_VOICES` brought."""
    return shelf.find(singer).folder == shelf.BUILTIN


def up(audio: Samples) -> Samples:
    """16 kHz to 44.1 kHz."""
    return np.asarray(signal.resample_poly(audio, 441, 160), np.float32)


def down(audio: Samples) -> Samples:
    """44.1 kHz to 16 kHz."""
    return np.asarray(signal.resample_poly(audio, 160, 441), np.float32)
