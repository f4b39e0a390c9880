"""Phrases of a rendered voice a little early or late, as another singer's would be."""

import numpy as np

from svcfx.audio import Samples
from svcfx.chain.svc import phrases

FADE_SECONDS = 0.01


def loosened(audio: Samples, sample_rate: float, most_ms: float, seed: int) -> Samples:
    """`audio` (n,) with each stretch between rests moved by up to `most_ms`, as long as before.

    How far is a function of the seed and of where the stretch begins; a rest is what lies 60 dB below the
    loudest moment for a third of a second. What is moved beyond an end is cut.
    """
    out = np.zeros_like(audio)
    fade = round(FADE_SECONDS * sample_rate)
    for low, high in phrases.runs(audio, round(sample_rate)):
        first, stop = max(low - fade, 0), min(high + fade, len(audio))
        piece = audio[first:stop] * _edges(stop - first, low - first, stop - high)
        drawn = np.random.default_rng((seed, low)).uniform(-most_ms, most_ms)
        begin = first + round(drawn / 1000.0 * sample_rate)
        inside = slice(max(-begin, 0), max(len(audio) - begin, 0))
        kept = piece[inside]
        at = max(begin, 0)
        out[at : at + len(kept)] += kept
    return out


def _edges(frames: int, rise: int, fall: int) -> Samples:
    """Gains (frames,) that rise from 0 over the first and fall to 0 over the last so many frames."""
    gains = np.ones(frames, np.float32)
    gains[:rise] = np.arange(rise) / max(rise, 1)
    gains[frames - fall :] = np.arange(fall)[::-1] / max(fall, 1)
    return gains
