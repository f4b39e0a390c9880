"""WORLD's own renditions of a recording: as it is (the ceiling), and sung at a pitch with its words known.

Source: M. Morise, F. Yokomori, K. Ozawa, "WORLD", IEICE Trans. Inf. Syst. E99-D(7), 2016.
"""

import numpy as np
from numpy.typing import NDArray

from svcfx.training import world

Samples = NDArray[np.float32]
SLOWER = 1.35
VIBRATO_HZ, VIBRATO_SEMITONES = 5.5, 0.4


def again(audio: Samples, semitones: float = 0.0) -> Samples:
    """Audio at 16 kHz, (frames,), analysed and made anew at its own pitch, or so far from it."""
    found = world.analyse(audio)
    f0 = found.f0_hz * 2.0 ** (semitones / 12.0)
    return world.resynthesise(world.Analysis(f0, found.power, found.aperiodicity))


def slower(audio: Samples) -> world.Analysis:
    """Audio at 16 kHz analysed, a third slower, at its own pitch."""
    found = world.analyse(audio)
    count = int(len(found.f0_hz) * SLOWER)
    rows = np.minimum((np.arange(count) / SLOWER).astype(int), len(found.f0_hz) - 1)
    return world.Analysis(found.f0_hz[rows], found.power[rows], found.aperiodicity[rows])


def sung(audio: Samples, centre_hz: float) -> Samples:
    """Audio at 16 kHz a third slower, on notes about `centre_hz`: a step every 0.6 s, with vibrato."""
    found = slower(audio)
    times = np.arange(len(found.f0_hz)) * world.FRAME_S
    steps = np.array([0, 2, 4, 2, 0, -3, 0, 5])[(times / 0.6).astype(int) % 8]
    glide = np.hanning(25)
    steps = np.convolve(np.pad(steps, 12, mode="edge"), glide / glide.sum(), "valid")
    semitones = steps + VIBRATO_SEMITONES * np.sin(2.0 * np.pi * VIBRATO_HZ * times)
    f0 = centre_hz * 2.0 ** (semitones / 12.0) * (found.f0_hz > 0)
    return world.resynthesise(world.Analysis(f0, found.power, found.aperiodicity))
