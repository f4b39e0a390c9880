"""The base voices speaking one text, and any rendering's frames found in all three of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from factory.align import locate, place
from factory.engines.identities import BASE_VOICES
from factory.engines.speech import EngineVoice, Phone, speak
from svcfx.chain.parametric.level import envelope_loudness
from svcfx.training import world

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One base voice's bands at 5 ms, its loud frames brought to 0 dB (A-weighted), and its phones."""

    bands: world.Bands
    phones: tuple[Phone, ...]


@lru_cache(maxsize=64)
def spoken(text: str, voice: str) -> Spoken:
    """Analyse one base voice speaking `text`."""
    utterance = speak(text, EngineVoice("flite", voice))
    return level_loud_frames(world.to_bands(world.analyse(utterance.audio)), utterance.phones)


def level_loud_frames(bands: world.Bands, phones: tuple[Phone, ...]) -> Spoken:
    """Bands scaled so that the 95th percentile of frame loudness is 0 dB."""
    loud = float(np.percentile(envelope_loudness(bands.envelope), 95))
    return Spoken(world.Bands(bands.envelope - loud, bands.aperiodicity, bands.voiced), phones)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Base envelopes (3, T, 80) and aperiodicities (3, T, 6) at a rendering's frames, and trust (T,) 0..1."""

    envelope: Array
    aperiodicity: Array
    weight: Array


def aligned(text: str, phones: Sequence[Phone], times_s: Array) -> Aligned:
    """Find each time of a rendering of `text` with these `phones` in the three base voices."""
    index, part = place(phones, times_s)
    envelopes, aperiodicities, weights = [], [], []
    for name in BASE_VOICES:
        voice = spoken(text, name)
        seconds, weight = locate(phones, voice.phones, index, part)
        envelopes.append(read(voice.bands.envelope, seconds))
        aperiodicities.append(read(voice.bands.aperiodicity, seconds))
        weights.append(weight)
    return Aligned(np.array(envelopes), np.array(aperiodicities), np.mean(weights, 0))


def read(frames: NDArray[np.float32], seconds: Array) -> Array:
    """Rows of `frames` (T, n), 5 ms apart, at any times; linear between frames."""
    position = np.clip(seconds / world.FRAME_S, 0.0, len(frames) - 1.0)
    left = np.minimum(position.astype(int), max(len(frames) - 2, 0))
    part = (position - left)[:, None]
    return np.asarray(frames[left] * (1.0 - part) + frames[np.minimum(left + 1, len(frames) - 1)] * part)
