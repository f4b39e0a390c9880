"""How well a stem that follows the key stays on the beat, in tune, and what that costs.

    python benchmarks/stretch.py [--seconds 6] [--program]

Clicks are bursts of noise, 3.7 a second, alone and over a held tone; a click arrives when a third of its
energy above 5 kHz has. Late is a click's arrival after the shift less that before, over all clicks of the
stem: a stretcher that drifts shows in the worst, one that is late in the median. The pitch is that of a held
tone of 55 Hz, the level that of the whole stem, the speed seconds of stereo a second of CPU.
`--program` measures the `rubberband` program, which stands in where the library has no wheel.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from svcfx.dsp import rubberband
from svcfx.dsp.stretch import follow_key
from svcfx.lanes import Lane

RATE = 44_100
INTERVALS = (-12.0, -7.0, -5.0, -3.0, -1.0, -0.5, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 12.0)
EVERY_SECONDS, BURST_FRAMES = 0.27, 400
BRIGHT_HZ, NEAR_FRAMES = 5000, 1200
BASS_HZ = 55.0
Audio = NDArray[np.float32]


def clicks(seconds: float, tone: bool) -> tuple[Audio, list[int]]:
    """Stereo clicks and the frames at which they begin."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    burst = np.random.default_rng(0).standard_normal((2, BURST_FRAMES)) * np.exp(
        -np.arange(BURST_FRAMES) / 60
    )
    at = [round(start * RATE) for start in np.arange(0.3, seconds - 0.3, EVERY_SECONDS)]
    wave = np.zeros((2, len(time_s)))
    for start in at:
        wave[:, start : start + BURST_FRAMES] += 0.3 * burst / np.abs(burst).max()
    held = sum(np.sin(2 * np.pi * 220 * k * time_s) / k for k in range(1, 6))
    return (wave + 0.05 * held * tone).astype(np.float32), at


def arrival(audio: Audio, near: int) -> int:
    """Frame, counted from before `near`, at which a third of a click's brightness has come."""
    piece = audio[0, near - NEAR_FRAMES : near + NEAR_FRAMES].astype(np.float64)
    spectrum = np.fft.rfft(piece)
    spectrum[: round(BRIGHT_HZ * len(piece) / RATE)] = 0.0
    energy = np.cumsum(np.fft.irfft(spectrum, len(piece)) ** 2)
    return int(np.searchsorted(energy, energy[-1] / 3))


def late_ms(seconds: float, tone: bool, semitones: float) -> tuple[NDArray[np.float64], float, float]:
    """Lateness of every click, what the level changed by in dB, and seconds of audio a second of CPU."""
    before, at = clicks(seconds, tone)
    started = time.process_time()
    after = follow_key(before, RATE, Lane.constant(semitones)).samples
    speed = seconds / (time.process_time() - started)
    late = np.array([arrival(after, start) - arrival(before, start) for start in at]) / RATE * 1000
    level = 10 * np.log10(float(np.square(after).mean() / np.square(before).mean()))
    return late, level, speed


def cents_off(semitones: float) -> float:
    """How far a held tone of 55 Hz is from where it should be."""
    tone = 0.3 * np.sin(2 * np.pi * BASS_HZ * np.arange(2 * RATE) / RATE)
    made = follow_key(tone.astype(np.float32)[None], RATE, Lane.constant(semitones)).samples[0]
    inner = made[RATE // 4 : -RATE // 4]
    size = 1 << 20
    spectrum = np.abs(np.fft.rfft(inner * np.hanning(len(inner)), size))
    wanted = BASS_HZ * 2 ** (semitones / 12)
    return float(1200 * np.log2(np.argmax(spectrum) * RATE / size / wanted))


def table(seconds: float, say: Callable[[str], None] = print) -> None:
    """Print a row an interval and material."""
    say("| st | material | late, ms: median | worst | 55 Hz, cents off | level, dB | speed |")
    say("| --- | --- | --- | --- | --- | --- | --- |")
    for semitones in INTERVALS:
        cents = cents_off(semitones)
        for tone, name in ((False, "clicks"), (True, "clicks over a tone")):
            late, level, speed = late_ms(seconds, tone, semitones)
            worst = late[int(np.argmax(np.abs(late)))]
            row = f"{np.median(late):+.2f} | {worst:+.2f} | {cents:+.1f} | {level:+.2f} | {speed:.1f}"
            say(f"| {semitones:+g} | {name} | {row} |")


def glide_table(seconds: float, say: Callable[[str], None] = print) -> None:
    """Print how late the clicks of a glide are, and what it costs beside a key that stands still."""
    say("| glide, st | late, ms: median | worst | speed | standing still |")
    say("| --- | --- | --- | --- | --- |")
    before, at = clicks(seconds, True)
    for semitones in (-5.0, -2.0, 2.0, 5.0):
        started = time.process_time()
        after = follow_key(before, RATE, Lane(((0.0, 0.0), (seconds, semitones)))).samples
        middle = time.process_time()
        follow_key(before, RATE, Lane.constant(semitones))
        took = middle - started, time.process_time() - middle
        late = np.array([arrival(after, start) - arrival(before, start) for start in at]) / RATE * 1000
        worst = late[int(np.argmax(np.abs(late)))]
        row = f"{np.median(late):+.2f} | {worst:+.2f} | {seconds / took[0]:.1f} | {seconds / took[1]:.1f}"
        say(f"| {semitones:+g} | {row} |")


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--program", action="store_true")
    given = parser.parse_args()
    if given.program:
        rubberband.find_spec = lambda _name, _package=None: None  # type: ignore[assignment]
    table(given.seconds)
    print()
    glide_table(given.seconds)


if __name__ == "__main__":
    main()
