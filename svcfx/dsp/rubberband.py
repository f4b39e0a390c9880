"""The one door to Rubber Band (R3, its finer engine): a shift by one amount, as long as what it was given.

As a library, from a wheel that carries it: no program, no files, the same on every such machine. Where there
is no wheel (Linux on ARM), the `rubberband` program does it, through a 16-bit file.
"""

import math
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.dsp.reading import read_at
from svcfx.errors import MissingPartError, SvcfxError

NAME = "rubberband"
_GLIDE_BLOCK = 256
_HIGH_CONSISTENCY: Any = 0x04000000
"""Rubber Band's own flag, for which the wheel has no name. Without it a glide that leaves 0 st clicks at
-34 dBFS, one that crosses it at -9 (measured)."""
_EARLY = 0.004
"""How early onsets come, in windows a semitone (measured: 0.0022 to 0.005, -5 to 12 semitones)."""
_BLOCK = 1024
"""Frames given at a time. As one block the onsets drift, by up to 3 ms a second (measured)."""


def shift(samples: Samples, sample_rate: float, semitones: float, formants: bool) -> Samples:
    """Shift (channels, frames) of at least 0.25 s, peak near -6 dBFS; `formants` keeps the envelope.

    Raises:
        MissingPartError: Neither the library nor the program is installed.
        SvcfxError: The program failed.
    """
    if find_spec("pylibrb") is not None:
        return _by_library(samples, sample_rate, semitones, formants)
    if shutil.which(NAME) is not None:
        return _by_program(samples, sample_rate, semitones, formants)
    raise MissingPartError(
        "the key cannot be moved: this machine has no Rubber Band",
        hint="pip install pylibrb or, where it has no wheel, install rubberband-cli (Debian)",
    )


def _by_library(samples: Samples, sample_rate: float, semitones: float, formants: bool) -> Samples:
    """The whole is studied first, as Rubber Band's offline mode wants it."""
    import pylibrb  # here: not every machine has a wheel of it

    mode = pylibrb.Option.PROCESS_OFFLINE
    shifter = _shifter(mode, samples.shape[0], sample_rate, semitones, formants)
    shifter.set_max_process_size(_BLOCK)
    shifter.set_expected_input_duration(samples.shape[1])
    for block, last in _blocks(samples):
        shifter.study(block, final=last)
    made = []
    for block, last in _blocks(samples):
        shifter.process(block, final=last)
        made.append(np.array(shifter.retrieve_available(), np.float32))
    return np.concatenate(made, axis=1)


def _shifter(mode: Any, channels: int, sample_rate: float, semitones: float, formants: bool) -> Any:
    """The library's object that keeps time and moves the pitch, in a mode of its own flags."""
    import pylibrb

    option = pylibrb.Option
    options = mode | option.ENGINE_FINER | option.THREADING_NEVER
    return pylibrb.RubberBandStretcher(
        sample_rate=round(sample_rate),
        channels=channels,
        options=options | option.FORMANT_PRESERVED if formants else options,
        initial_time_ratio=1.0,
        initial_pitch_scale=2.0 ** (semitones / 12.0),
    )


def glides() -> bool:
    """Whether this machine's Rubber Band can `glide`: the library can."""
    return find_spec("pylibrb") is not None


def glide(samples: Samples, sample_rate: float, semitones: NDArray[np.float64], formants: bool) -> Samples:
    """Shift (channels, frames) by `semitones` (frames,), which move slowly; else as `shift`.

    The real-time mode takes another pitch with each block. It is late by a window of the shifted sound, so
    while the pitch moves what comes out slips (5 ms for two semitones) and is sharp by twice as much as
    that bends it (both measured). It is read from where it lies, and the rest is taken off the pitch.
    """
    import pylibrb  # here: not every machine has a wheel of it

    mode = pylibrb.Option.PROCESS_REALTIME | _HIGH_CONSISTENCY
    shifter = _shifter(mode, samples.shape[0], sample_rate, float(semitones[0]), formants)
    shifter.set_max_process_size(_GLIDE_BLOCK)
    window = shifter.get_preferred_start_pad()
    places = np.arange(samples.shape[1]) + window * (2.0 ** (-semitones / 12.0) - _EARLY * semitones)
    given = semitones + 12.0 * np.log2(np.gradient(places))
    padded = np.pad(samples, ((0, 0), (window, math.ceil(places[-1] - samples.shape[1]) + window)))
    made = []
    for start in range(0, padded.shape[1], _GLIDE_BLOCK):
        block = np.ascontiguousarray(padded[:, start : start + _GLIDE_BLOCK])
        at = min(max(start - window, 0), samples.shape[1] - 1)
        shifter.pitch_scale = 2.0 ** (float(given[at]) / 12.0)
        shifter.process(block, final=start + _GLIDE_BLOCK >= padded.shape[1])
        made.append(np.array(shifter.retrieve_available(), np.float32))
    return read_at(np.concatenate(made, axis=1), places)


def _blocks(samples: Samples) -> Iterator[tuple[Samples, bool]]:
    """Pieces of at most `_BLOCK` frames, and whether each is the last."""
    for start in range(0, samples.shape[1], _BLOCK):
        block = np.ascontiguousarray(samples[:, start : start + _BLOCK])
        yield block, start + _BLOCK >= samples.shape[1]


def _by_program(samples: Samples, sample_rate: float, semitones: float, formants: bool) -> Samples:
    import pyrubberband

    options = {"--fine": "", "--pitch": f"{semitones:.6f}"} | ({"--formant": ""} if formants else {})
    try:
        shifted = pyrubberband.pyrb.pitch_shift(samples.T, round(sample_rate), semitones, rbargs=options)
    except (subprocess.CalledProcessError, RuntimeError) as error:
        raise SvcfxError(
            f"the program 'rubberband' failed: {error}", hint="svcfx needs Rubber Band 3 or later"
        ) from error
    return np.asarray(shifted.T, np.float32)
