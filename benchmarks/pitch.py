"""How well every tracker follows a voice whose pitch is known, and how fast.

    python benchmarks/pitch.py [NAME ...] [--gaps bridged]

The voice is made here, by nobody's model: harmonics of a falling source through the formants of five
vowels, six phrases from 90 to 990 Hz with vibrato, glides and leaps, hiss and pauses between them.
It is heard clean and with white noise at 20 dB SNR. Median and 95th percentile are over frames that tracker
and truth both call voiced; an octave error there is one of more than half an octave; voicing errors are a
share of all frames. The speed is seconds of audio a second of CPU.
"""

import argparse
import time
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import PITCH_NAMES, PitchName
from svcfx.chain.families import GapRule
from svcfx.chain.pitch.gaps import Filled
from svcfx.chain.pitch.phrase import phrase_f0
from svcfx.errors import MissingPartError

RATE, HOP = 44100, 512
SNR_DB = 20.0
STEP = 64
"""Samples between two values of what moves slowly."""
VOWELS = {
    "a": ((730, 90), (1090, 110), (2440, 170), (3400, 250)),
    "e": ((530, 80), (1840, 120), (2480, 170), (3500, 250)),
    "i": ((270, 60), (2290, 120), (3010, 180), (3700, 250)),
    "o": ((570, 80), (840, 100), (2410, 170), (3300, 250)),
    "u": ((300, 70), (870, 100), (2240, 170), (3300, 250)),
}
"""Centre and bandwidth in Hz, after G. Peterson and H. Barney, 1952."""
PHRASES = (
    # singer's lowest Hz, notes in semitones above it, seconds a note
    (90.0, (0, 5, 7, 12, 10, 3), 0.45),
    (150.0, (0, 12, 4, 16, 7, -2), 0.35),
    (220.0, (0, 2, 4, 5, 7, 9, 11, 12), 0.22),
    (330.0, (7, 0, 12, 5, 19, 12), 0.4),
    (110.0, (12, 0, 7, 19, 5), 0.5),
    (490.0, (0, 5, 12, 9, 2), 0.4),
)
PAUSE_SECONDS = 0.35
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """How far off: cents (median, 95th percentile), octave and voicing errors in per cent."""

    median_cents: float
    p95_cents: float
    octave_percent: float
    voicing_percent: float


@dataclass(frozen=True)
class Row:
    """One tracker: clean, in noise, and seconds of audio a second of CPU."""

    name: str
    clean: Scores
    noisy: Scores
    speed: float


def accuracy(name: PitchName, gaps: GapRule = "early") -> Row:
    """Measure one tracker, as a voice whose family follows it so hears it."""
    audio, truth = sung()
    _follow(name, gaps, audio[:RATE])  # loads the network
    start = time.process_time()
    clean = _follow(name, gaps, audio)
    noisy = _follow(name, gaps, with_noise(audio, truth))
    seconds = time.process_time() - start
    return Row(name, scores(clean, truth), scores(noisy, truth), 2 * len(audio) / RATE / seconds)


def _follow(name: PitchName, gaps: GapRule, audio: NDArray[np.float32]) -> Filled:
    return phrase_f0(audio, RATE, HOP, name, gaps=gaps, octave_repair=True)


def scores(found: Filled, truth: Values) -> Scores:
    """A track against the truth (T,), 0 where nobody sings."""
    f0, voiced = found.f0_hz, found.voiced > 0
    sung_here = truth > 0
    both, voicing = voiced & sung_here, 100.0 * float(np.mean(voiced != sung_here))
    if not both.any():
        return Scores(np.nan, np.nan, np.nan, voicing)
    cents = np.abs(1200.0 * np.log2(f0[both] / truth[both]))
    octaves = 100.0 * float(np.mean(cents > 600.0))
    return Scores(float(np.median(cents)), float(np.percentile(cents, 95)), octaves, voicing)


@cache
def sung() -> tuple[NDArray[np.float32], Values]:
    """The voice (n,) at 44.1 kHz, and its f0 in the middle of every 512 samples, 0 where it rests."""
    rng = np.random.default_rng(20)
    pause = round(PAUSE_SECONDS * RATE)
    parts, truths = [np.zeros(pause)], [np.zeros(pause)]
    for number, (lowest, notes, seconds) in enumerate(PHRASES):
        f0 = _melody(lowest, notes, seconds, rng)
        parts += [_voice(f0, "aeiou"[number % 5 :] + "aeiou"[: number % 5], rng), _hiss(pause, rng)]
        truths += [f0, np.zeros(pause)]
    audio, truth = np.concatenate(parts), np.concatenate(truths)
    return (0.5 * audio / np.abs(audio).max()).astype(np.float32), truth[HOP // 2 :: HOP][: len(audio) // HOP]


def with_noise(audio: NDArray[np.float32], truth: Values) -> NDArray[np.float32]:
    """The voice in white noise, 20 dB below what is sung."""
    loud = np.repeat(truth > 0, HOP)
    power = float(np.mean(audio[: len(loud)][loud].astype(np.float64) ** 2))
    noise = np.random.default_rng(21).standard_normal(len(audio))
    return (audio + noise * np.sqrt(power) * 10.0 ** (-SNR_DB / 20.0)).astype(np.float32)


def _melody(lowest: float, notes: tuple[int, ...], seconds: float, rng: np.random.Generator) -> Values:
    """f0 of a phrase, a value a sample: notes joined by glides of 60 ms, vibrato that grows on each."""
    each = round(seconds * RATE)
    semitones = np.repeat(np.asarray(notes, np.float64), each)
    glide = np.hanning(round(0.06 * RATE))
    semitones = np.convolve(np.pad(semitones, len(glide), mode="edge"), glide / glide.sum(), mode="same")
    semitones = semitones[len(glide) : len(glide) + each * len(notes)]
    t = np.arange(len(semitones)) / RATE
    depth = 0.5 * np.minimum((t % seconds) / 0.25, 1.0)
    knots = np.arange(0.0, t[-1] + 0.1, 0.05)
    drift = np.interp(t, knots, 0.03 * rng.standard_normal(len(knots)))
    return np.asarray(lowest * 2.0 ** ((semitones + depth * np.sin(2 * np.pi * 5.5 * t) + drift) / 12.0))


def _voice(f0: Values, vowels: str, rng: np.random.Generator) -> Values:
    """Harmonics up to 16 kHz, falling 6 dB an octave at the lips, through vowels that follow each other."""
    turn = np.exp(2j * np.pi * np.cumsum(f0) / RATE)
    at = np.arange(0, len(f0), STEP)
    formants = _formants(len(at), vowels)
    out, carrier = np.zeros(len(f0)), np.ones(len(f0), complex)
    for harmonic in range(1, int(16000 / f0.min()) + 1):
        carrier *= turn
        hz = harmonic * f0[at]
        gain = _response(hz, formants) / harmonic
        out += np.interp(np.arange(len(f0)), at, np.where(hz < 16000, gain, 0.0)) * carrier.imag
    edge = np.minimum(np.arange(len(f0)), np.arange(len(f0))[::-1]) / (0.02 * RATE)
    breath = 0.002 * rng.standard_normal(len(f0))
    return np.asarray((out / np.sqrt(np.mean(out**2)) + breath) * np.minimum(edge, 1.0))


def _formants(count: int, vowels: str) -> Values:
    """Formants over a phrase, (4, 2, count): each vowel goes over into the next."""
    table = np.array([VOWELS[vowel] for vowel in vowels], np.float64)
    place = np.linspace(0.0, len(vowels) - 1.0, count)
    return np.array(
        [[np.interp(place, np.arange(len(vowels)), table[:, i, j]) for j in (0, 1)] for i in range(4)]
    )


def _response(hz: Values, formants: Values) -> Values:
    """Magnitude of four resonances in a row at `hz` (T,)."""
    gain = np.ones(len(hz))
    for centre, width in formants:
        gain *= centre**2 / np.sqrt((centre**2 - hz**2) ** 2 + (hz * width) ** 2)
    return gain


def _hiss(frames: int, rng: np.random.Generator) -> Values:
    """An s of 0.12 s in the middle of a pause."""
    noise = np.diff(rng.standard_normal(frames + 1)) * 0.15
    place = np.arange(frames) / RATE - PAUSE_SECONDS / 2
    return np.asarray(noise * (np.abs(place) < 0.06))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", default=list(PITCH_NAMES), metavar="NAME")
    parser.add_argument("--gaps", choices=("early", "bridged"), default="early")
    asked = parser.parse_args()
    print("tracker     | clean: median  p95 cents  octave %  voicing % | 20 dB: same | x real time")
    for name in asked.names:
        try:
            row = accuracy(name, asked.gaps)
        except MissingPartError as error:
            print(f"{name:11s} | {error.message}")
            continue
        both = " | ".join(
            f"{s.median_cents:5.1f} {s.p95_cents:7.1f} {s.octave_percent:6.2f} {s.voicing_percent:6.2f}"
            for s in (row.clean, row.noisy)
        )
        print(f"{name:11s} | {both} | {row.speed:7.1f}", flush=True)


if __name__ == "__main__":
    main()
