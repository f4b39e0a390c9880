"""How loud each frame is sung: as loud as the singer would be, carried along by the source.

A singer's own loudness from phone to phone is part of how the words are heard; how loud a line is belongs to
the song. So what `loudness_follow` lets through first is the slow part of the source's departure from the
singer, and only its last stretch the quick part. Natural log of A-weighted amplitude throughout.

And how loud a frame really is: a pitch reads the envelope at its own harmonics alone (`departure`). A pulse
train of rate f0 has lines at k f0 of power 2 f0 / rate each, the power that white noise of variance 1 has
between two of them (`synthesis.render`). Under a smooth envelope the sum over lines is therefore the integral
that `level.envelope_loudness` takes. It is not where lines are few: one line of a whistle at 1.8 kHz may lie
in a valley of the envelope or on a formant, 10 dB off either way.
"""

import numpy as np
from numpy.typing import NDArray

from svcfx.chain import phrases
from svcfx.chain.parametric import bands, synthesis
from svcfx.chain.parametric.level import NEPER, Frames, band_weight
from svcfx.dsp.weighting import a_weight

LARGEST = 3.0
"""A departure is believed up to 26 dB, in natural-log amplitude: a lone line in the deepest valley."""
_STEP = float((bands.mel(bands.HIGH_HZ) - bands.mel(bands.LOW_HZ)) / (bands.BANDS - 1))
_FAINT = 1e-12
Values = NDArray[np.float64]
LOUDER, QUIETER = 1.2, 0.3
"""The singer is at most 10 dB louder than the source, so that pauses stay quiet (hardly louder where sound
begins, if the source is followed), and at most 2.6 dB quieter: where the words are foreign to the nets they
take them for pauses, and would swallow them."""
MEMORY = 100
"""Frames that the slow part remembers, half a raised cosine: 0.3 s in the mean, and none before."""
DOUBT = 9
"""Frames of sound after which half of a departure is believed."""
SLOW_UNTIL = 0.7
"""Where the knob has let the whole slow part through; from here to 1 the quick part comes in."""
UNHEARD_BELOW_LEVEL_DB, HEARD_BELOW_LEVEL_DB = 50.0, 30.0
"""Frames below the first say nothing about dynamics, those above the second everything."""
_TAPS = 0.5 + 0.5 * np.cos(np.pi * np.arange(MEMORY) / MEMORY)


def departure(envelope: Frames, aperiodicity: Frames, f0_hz: NDArray[np.float64]) -> Frames:
    """How much louder than its envelope each frame is rendered, natural log of A-weighted amplitude.

    Args:
        envelope: Natural-log amplitude at the 80 bands, (T, 80).
        aperiodicity: Noise share 0 to 1 at six points, (T, 6).
        f0_hz: Pitch (T,); 0 is unvoiced.

    Returns:
        (T,), 0 where unvoiced, at most `LARGEST` either way. A frame's result depends on that frame alone.
    """
    result = np.zeros(len(f0_hz), np.float32)
    voiced = np.flatnonzero(f0_hz > 0.0)
    if not voiced.size:
        return result
    weighted = np.exp(2.0 * (envelope[voiced] + band_weight()))
    breath = synthesis.breath(bands.centres(), aperiodicity[voiced])
    noise = (weighted * breath**2).sum(1)
    made = noise + _lines(envelope[voiced], aperiodicity[voiced], f0_hz[voiced])
    result[voiced] = 0.5 * np.log(np.maximum(made, _FAINT) / np.maximum(weighted.sum(1), _FAINT))
    return np.clip(result, -LARGEST, LARGEST)


def _lines(envelope: Frames, aperiodicity: Frames, f0_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """A-weighted power (T,) of the harmonics below the topmost that is rendered."""
    top_hz = synthesis.TOP * synthesis.RATE
    count = int(top_hz / f0_hz.min())
    hz = f0_hz[:, None] * np.arange(1, count + 1)
    place = np.clip((bands.mel(hz) - bands.mel(bands.LOW_HZ)) / _STEP, 0.0, bands.BANDS - 1.0)
    left = np.minimum(place.astype(int), bands.BANDS - 2)
    low = np.take_along_axis(envelope, left, 1)
    level = low + (np.take_along_axis(envelope, left + 1, 1) - low) * (place - left)
    share = 1.0 - synthesis.breath(hz, aperiodicity) ** 2
    power = np.exp(2.0 * (level + a_weight(hz))) * share * (hz <= top_hz)
    return np.asarray(power.sum(1) * 2.0 * f0_hz / synthesis.RATE)


class Dynamics:
    """The loudness of one stem at a level in dBFS, asked for once for each frame that sounds, in order."""

    def __init__(self, level_db: float) -> None:
        self._foot = max(level_db - UNHEARD_BELOW_LEVEL_DB, phrases.CLOSED_DB)
        self._past, self._stop = np.zeros((0, 2)), 0

    def follow(self, first: int, source: Values, own: Values, follow: Values, ceiling: Values) -> Values:
        """Loudness (T,) of absolute frames from `first` on: the source's, the singer's, and the knob (T,).

        Where the source falls silent, `ceiling` (T,) holds how loud it may be: no release is sung on.
        """
        span = UNHEARD_BELOW_LEVEL_DB - HEARD_BELOW_LEVEL_DB
        heard = np.clip((source / NEPER - self._foot) / span, 0.0, 1.0)
        past = self.before(first)
        sound = np.convolve(np.concatenate([past[:, 1], heard]), _TAPS, "valid")
        first_part = np.clip(follow / SLOW_UNTIL, 0.0, 1.0)
        louder = LOUDER * (1.0 - first_part * heard * DOUBT / (sound + DOUBT))
        own = np.clip(own, source - QUIETER, source + louder)
        departure = source - own
        rows = np.concatenate([past, np.stack([heard * departure, heard], 1)])
        self.remember(first + len(rows) - len(past), rows[-(MEMORY - 1) :])
        slow = np.convolve(rows[:, 0], _TAPS, "valid") / (sound + DOUBT)
        quick = np.clip((follow - SLOW_UNTIL) / (1.0 - SLOW_UNTIL), 0.0, 1.0)
        followed = own + first_part * slow + quick * (departure - slow)
        return np.asarray(np.minimum(followed, ceiling), np.float64)

    def before(self, first: int) -> Values:
        """What is remembered where frame `first` is the next, (`MEMORY` - 1, 2): that alone, of all that was
        asked for before, matters from there on."""
        gap, rows = first - self._stop, np.zeros((MEMORY - 1, 2))
        if MEMORY > gap >= 0:  # the first frames of all may lie before 0
            there = np.concatenate([self._past, np.zeros((gap, 2))])[-(MEMORY - 1) :]
            rows[len(rows) - len(there) :] = there
        return rows

    def remember(self, stop: int, past: Values) -> None:
        """Go on at frame `stop` with what `before` gave for it elsewhere."""
        self._past, self._stop = past, stop
