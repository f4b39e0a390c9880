"""The voice as its users meet it: the public node with its default settings, at 44.1 kHz.

`use` puts a weight file that is not shipped in its place, to judge a training run on its way.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

import svcfx
from svcfx.chain.config import ChainSettings
from svcfx.chain.parametric import network
from svcfx.chain.voice import NEUTRAL, Voice
from svcfx.lanes import Lane

Samples = NDArray[np.float32]
RATE = 44100
_other: list[Voice] = []


def use(weights: Path | None) -> None:
    """Judge this weight file from here on, or the shipped voice."""
    _other[:] = [] if weights is None else [Voice(weights.stem, network.load(weights))]


def convert(audio: Samples, singer: str, semitones: float) -> Samples:
    """Convert audio at 44.1 kHz, (frames,) -> (frames,)."""
    if _other:
        curves = {**NEUTRAL, "transpose_semitones": Lane.constant(semitones)}
        return _other[0].convert(audio, RATE, ChainSettings(singer), curves)
    return np.asarray(_node(singer, semitones)(audio[None], RATE)[0])


@lru_cache(maxsize=4)
def _node(singer: str, semitones: float) -> "svcfx.VoiceConversion":
    return svcfx.VoiceConversion(voice=singer, transpose_semitones=semitones)


def digest(weights: Path | None) -> str:
    """Names and SHA-256 (its first 12 digits) of the weights that are judged."""
    shipped = Path(svcfx.__file__).parent / "voices" / "builtin"
    files = sorted(shipped.glob("*.safetensors")) if weights is None else [weights]
    return ", ".join(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()[:12]}" for file in files)


def up(audio: Samples) -> Samples:
    """16 kHz to 44.1 kHz."""
    return np.asarray(signal.resample_poly(audio, 441, 160), np.float32)


def down(audio: Samples) -> Samples:
    """44.1 kHz to 16 kHz."""
    return np.asarray(signal.resample_poly(audio, 160, 441), np.float32)
