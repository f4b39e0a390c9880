"""A small synthesizer: notes as waveforms without aliases, each with an envelope.

A note is read out of one period that is summed from its harmonics below the limit of hearing, so nothing
folds back (an additive synthesis, J. O. Smith, https://ccrma.stanford.edu/~jos/sasp/). The same notes give
the same samples: each begins at phase 0 in its own frame, and nothing is drawn by chance.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from svcfx.lanes import Curve

Waveform = Literal["sine", "triangle", "square", "saw"]
VERSION = 1
"""Counts up when the same notes sound otherwise."""
SETTLED_SECONDS = 0.01
"""Keys and wheels glide for so long from where they change: a note that begins there begins where the glide
ends."""
LOUDEST_RMS = 0.2
"""Level of a note of velocity 127 that is held at a `sustain` of 1."""
HIGHEST_HZ, _OF_RATE = 20_000.0, 0.45
_RMS = {"sine": 0.5**0.5, "triangle": np.pi**2 / 192**0.5, "square": np.pi / 4, "saw": np.pi / 12**0.5}
"""Of the whole series of each waveform, whose first harmonic is 1."""
_PERIOD = 16_384
"""Frames of one period: what straight lines between them miss lies 85 dB and more below the note."""
_BLOCK = 65_536
_GRID_HZ = 1000.0


@dataclass(frozen=True, slots=True)
class SynthSound:
    """What every note sounds like: its waveform, and its envelope in ms; `sustain` is a level from 0 to 1."""

    waveform: Waveform
    attack_ms: float
    decay_ms: float
    sustain: float
    release_ms: float


@dataclass(frozen=True, slots=True)
class Tone:
    """A note from its key going down to its key going up; `number` is MIDI's, `velocity` 1 to 127."""

    start_seconds: float
    end_seconds: float
    number: int
    velocity: int


def play(
    tones: Sequence[Tone],
    moved: Curve,
    sound: SynthSound,
    frames: int,
    sample_rate: int,
    between: Callable[[], None] = lambda: None,
) -> NDArray[np.float64]:
    """All `tones`, added up.

    Args:
        tones: Each begins in the frame nearest to its start, and not before 0.
        moved: What moves their pitch, in semitones over seconds.
        sound: What they sound like. The level goes by the square of the velocity, 40 dB for a tenth, as
            General MIDI 2 recommends.
        frames: Length of the result; what lies beyond is cut.
        sample_rate: In Hz.
        between: Called before each tone; what it raises ends all.

    Returns:
        Mono samples, shape (frames,).
    """
    result = np.zeros(frames)
    pitch = _Pitch(moved, frames / sample_rate)
    for tone in tones:
        between()
        _add(result, tone, pitch, sound, sample_rate)
    return result


def _add(
    result: NDArray[np.float64], tone: Tone, pitch: "_Pitch", sound: SynthSound, sample_rate: int
) -> None:
    """One tone, block by block; its phase goes on through all."""
    first = round(tone.start_seconds * sample_rate)
    held = round(tone.end_seconds * sample_rate) - first
    held = max(held, round(sound.attack_ms * 1e-3 * sample_rate), 1)
    last = min(first + held + round(sound.release_ms * 1e-3 * sample_rate), len(result))
    if first >= last:
        return
    settled = tone.start_seconds + SETTLED_SECONDS
    highest = pitch.highest(settled, last / sample_rate)
    limit = min(HIGHEST_HZ, _OF_RATE * sample_rate)
    period = _period(sound.waveform, int(limit / hz_of(tone.number + highest)))
    gain = LOUDEST_RMS / _RMS[sound.waveform] * (tone.velocity / 127) ** 2
    phase = 0.0
    for start in range(first, last, _BLOCK):
        frame = np.arange(start, min(start + _BLOCK, last))
        moved = pitch.at(np.maximum(frame / sample_rate, settled))
        steps = np.broadcast_to(hz_of(tone.number + moved) / sample_rate, frame.shape)
        turned = phase + np.concatenate([[0.0], np.cumsum(steps)])
        phase = float(turned[-1] % 1.0)
        level = _envelope(frame - first, held, sound, sample_rate)
        result[frame[0] : frame[-1] + 1] += gain * level * _read(period, turned[:-1])


def hz_of(number: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Frequency of a MIDI note, 440 Hz for 69; fractions count cents."""
    return np.asarray(440.0 * 2.0 ** ((np.asarray(number, np.float64) - 69.0) / 12.0))


def _read(period: NDArray[np.float64], turns: NDArray[np.float64]) -> NDArray[np.float64]:
    """A period of `_PERIOD` frames and its first again, at phases in turns; straight lines between frames."""
    place = (turns - np.floor(turns)) * _PERIOD
    index = place.astype(np.int64)
    low = period[index]
    return np.asarray(low + (period[index + 1] - low) * (place - index), np.float64)


def _envelope(
    frame: NDArray[np.int64], held: int, sound: SynthSound, sample_rate: int
) -> NDArray[np.float64]:
    """The level at frames from the tone's first, whose key goes up at frame `held`.

    A straight attack; decay and release are cubes, near to exponentials and at their end exactly there.
    """
    release = sound.release_ms * 1e-3 * sample_rate
    level = _pressed(np.minimum(frame, held), sound, sample_rate)
    left = 1.0 - np.maximum(frame - held, 0) / release if release else (frame < held).astype(float)
    return np.asarray(level * np.clip(left, 0.0, 1.0) ** 3, np.float64)


def _pressed(frame: NDArray[np.int64], sound: SynthSound, sample_rate: int) -> NDArray[np.float64]:
    """The level while the key is down."""
    attack, decay = (ms * 1e-3 * sample_rate for ms in (sound.attack_ms, sound.decay_ms))
    rising = np.minimum(frame / attack, 1.0) if attack else np.ones(len(frame))
    left = np.clip(1.0 - (frame - attack) / decay, 0.0, 1.0) if decay else np.zeros(len(frame))
    falling = sound.sustain + (1.0 - sound.sustain) * left**3
    return np.asarray(np.where(frame < attack, rising, falling), np.float64)


@lru_cache(maxsize=256)
def _period(waveform: Waveform, harmonics: int) -> NDArray[np.float64]:
    """One period of the first `harmonics` of a waveform, its first frame again at the end."""
    number = np.arange(1, max(min(harmonics, _PERIOD // 4), 0) + 1)
    odd = number % 2
    strength = {
        "sine": (number == 1).astype(float),
        "triangle": odd * (1.0 - 2.0 * (number // 2 % 2)) / number**2,
        "square": odd / number,
        "saw": 1.0 / number,
    }[waveform]
    spectrum = np.zeros(_PERIOD // 2 + 1, np.complex128)
    spectrum[1 : len(number) + 1] = -0.5j * _PERIOD * strength
    period = np.fft.irfft(spectrum, _PERIOD)
    return np.append(period, period[0])


class _Pitch:
    """What moves the pitch, read a thousand times a second: straight lines between."""

    def __init__(self, moved: Curve, seconds: float) -> None:
        count = 1 if moved.is_constant else int(np.ceil(seconds * _GRID_HZ)) + 2
        self._grid = moved.at(np.arange(count) / _GRID_HZ)

    def at(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Semitones at `seconds`; one value where it stays the same."""
        low, high = (self._index(float(end)) for end in (seconds[0], seconds[-1]))
        near = self._grid[low : high + 2]
        if np.all(near == near[0]):
            return near[:1]
        place = np.clip(seconds * _GRID_HZ, 0, len(self._grid) - 1)
        return np.asarray(np.interp(place - low, np.arange(len(near)), near), np.float64)

    def highest(self, start: float, end: float) -> float:
        """The most that it is from `start` to `end`."""
        return float(self._grid[self._index(start) : self._index(end) + 2].max())

    def _index(self, seconds: float) -> int:
        return int(min(max(seconds * _GRID_HZ, 0), len(self._grid) - 1))
