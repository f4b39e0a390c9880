"""The one door to Rubber Band (R3, its finer engine): a shift as long as its input, and another tempo.

As a library, from a wheel that carries it: no program, no files, the same on every such machine. Where there
is no wheel (Linux on ARM), the `rubberband` program does it, through a 16-bit file.
"""

import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.dsp.reading import read_at
from svcfx.errors import MissingPartError, SvcfxError
from svcfx.events import UNHEARD, Events, go_on
from svcfx.time_map import TimeMap

NAME = "rubberband"
_GLIDE_BLOCK = 256
_HIGH_CONSISTENCY: Any = 0x04000000
"""Rubber Band's own flag, for which the wheel has no name. Without it a glide that leaves 0 st clicks at
-34 dBFS, one that crosses it at -9 (measured)."""
_EARLY = 0.004
"""How early onsets come, in windows a semitone (measured: 0.0022 to 0.005, -5 to 12 semitones)."""
_BLOCK = 1024
"""Frames given at a time. As one block the onsets drift, by up to 3 ms a second (measured)."""
_HOP = 32
"""Frames given at a time while a tempo is followed: fewer than any hop takes, so that each is seen."""
_HOLD = 0.15
"""Share of what a hop lies beside its place that the next makes up: under 10 frames are left (measured)."""
_ALIKE = 1e-4
"""What ratios may differ by and still be one: a map holds whole microseconds a quarter."""
_EARLY_SECONDS = (
    (0.5, 0.7, 0.9, 1.1, 1.2, 1.4, 1.5, 1.6, 2.0),
    (-0.0002, -0.0006, -0.0005, -0.0003, 0.0, 0.0008, 0.0011, 0.0024, 0.0048),
)
"""How early onsets come where sound is made so much longer, at 44.1 and 48 kHz (measured); at other rates the
windows are others, and onsets within 1 ms from 0.6 to 1.3."""


def shift(
    samples: Samples, sample_rate: float, semitones: float, formants: bool, events: Events = UNHEARD
) -> Samples:
    """Shift (channels, frames) of at least 0.25 s, peak near -6 dBFS; `formants` keeps the envelope.

    Raises:
        MissingPartError: Neither the library nor the program is installed.
        SvcfxError: The program failed.
        Cancelled: `events` asked the library to stop.
    """
    if find_spec("pylibrb") is not None:
        return _by_library(samples, sample_rate, semitones, formants, events)
    if shutil.which(NAME) is not None:
        return _by_program(samples, sample_rate, semitones, formants)
    raise _missing("key")


def _missing(what: str) -> MissingPartError:
    return MissingPartError(
        f"the {what} cannot be moved: this machine has no Rubber Band",
        hint="pip install pylibrb or, where it has no wheel, install rubberband-cli (Debian)",
    )


def stretch(samples: Samples, sample_rate: float, time: TimeMap, events: Events = UNHEARD) -> Samples:
    """Play (channels, frames), peak near -6 dBFS, from its second 0 on as `time` says; the pitch stays.

    Raises:
        MissingPartError, SvcfxError, Cancelled: As `shift`.
    """
    if find_spec("pylibrb") is not None:
        return _followed(samples, sample_rate, time, events)
    if shutil.which(NAME) is not None:
        return _stretched_by_program(samples, sample_rate, time)
    raise _missing("tempo")


def _followed(samples: Samples, sample_rate: float, time: TimeMap, events: Events) -> Samples:
    """Hop by hop. The real-time mode takes another ratio with each hop, but rounds it to whole frames and
    drifts by that (0.5 ms a second). So what came out is counted: the hop whose middle is frame `heard`
    begins behind `made` frames, and the next is as long as it takes to lie where `time` has it.
    """
    import pylibrb  # here: not every machine has a wheel of it

    shifter = _shifter(pylibrb.Option.PROCESS_REALTIME, samples.shape[0], sample_rate, 0.0, formants=False)
    shifter.set_max_process_size(_HOP)
    window, late = shifter.get_preferred_start_pad(), shifter.get_start_delay()
    frames = round(time.played(samples.shape[1] / sample_rate) * sample_rate)
    padded = scratch.placed(samples, window, samples.shape[1] + 9 * window)
    _, ratio = _place(time, 0.0, sample_rate)
    shifter.time_ratio = ratio
    made, given, out = 0, 0, scratch.zeros((samples.shape[0], frames))
    for block, _ in _blocks(padded, _HOP, events):
        shifter.process(block, final=False)
        given += block.shape[1]
        piece = np.asarray(shifter.retrieve_available(), np.float32)
        if hop := piece.shape[1]:
            scratch.lay(piece, out, made - late)
            made += hop
            heard = given - 2 * window + hop / ratio
            place, slope = _place(time, heard, sample_rate)
            ratio = float(np.clip(slope + _HOLD * (place - made) * ratio / hop, 0.5 * slope, 2.0 * slope))
            shifter.time_ratio = ratio
        if made >= late + frames:
            break
    return out


def _place(time: TimeMap, frame: float, sample_rate: float) -> tuple[float, float]:
    """Where a frame is played, in frames, and how much longer the sound around it is made."""
    around = (frame + np.array([-_HOP, 0.0, _HOP])) / sample_rate
    before, here, after = (time.played_at(around) * sample_rate).tolist()
    ratio = (after - before) / (2 * _HOP)
    early = np.interp(ratio, *_EARLY_SECONDS) if 40_000 < sample_rate < 50_000 else 0.0
    return here + float(early) * sample_rate, ratio


def _by_library(
    samples: Samples, sample_rate: float, semitones: float, formants: bool, events: Events
) -> Samples:
    """The whole is studied first, as Rubber Band's offline mode wants it."""
    import pylibrb  # here: not every machine has a wheel of it

    mode = pylibrb.Option.PROCESS_OFFLINE
    shifter = _shifter(mode, samples.shape[0], sample_rate, semitones, formants)
    shifter.set_max_process_size(_BLOCK)
    shifter.set_expected_input_duration(samples.shape[1])
    for block, last in _blocks(samples, _BLOCK, events):
        shifter.study(block, final=last)
    return _played(shifter, _blocks(samples, _BLOCK, events), samples.shape)


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


def glide(
    samples: Samples,
    sample_rate: float,
    semitones: NDArray[np.float64],
    formants: bool,
    events: Events = UNHEARD,
) -> Samples:
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
    padded = scratch.placed(samples, window, math.ceil(places[-1]) + 2 * window)

    def moved() -> Iterator[tuple[Samples, bool]]:
        for number, block in enumerate(_blocks(padded, _GLIDE_BLOCK, events)):
            at = min(max(number * _GLIDE_BLOCK - window, 0), samples.shape[1] - 1)
            shifter.pitch_scale = 2.0 ** (float(given[at]) / 12.0)
            yield block

    return read_at(_played(shifter, moved(), padded.shape), places)


def _played(shifter: Any, blocks: Iterator[tuple[Samples, bool]], shape: tuple[int, ...]) -> Samples:
    """What a shifter makes of blocks, each with whether it is the last: so much of it, or silence behind."""
    out, made = scratch.zeros(shape), 0
    for block, last in blocks:
        shifter.process(block, final=last)
        piece = np.asarray(shifter.retrieve_available(), np.float32)
        scratch.lay(piece, out, made)
        made += piece.shape[1]
    return out


def _blocks(samples: Samples, frames: int, events: Events) -> Iterator[tuple[Samples, bool]]:
    """Pieces of at most `frames` frames, and whether each is the last, until `events` ask to stop."""
    for start in range(0, samples.shape[1], frames):
        go_on(events)
        block = np.ascontiguousarray(samples[:, start : start + frames])
        yield block, start + frames >= samples.shape[1]


def _by_program(samples: Samples, sample_rate: float, semitones: float, formants: bool) -> Samples:
    options = {"--fine": "", "--pitch": f"{semitones:.6f}"} | ({"--formant": ""} if formants else {})
    return _program(lambda pyrb: pyrb.pitch_shift(samples.T, round(sample_rate), semitones, rbargs=options))


def _stretched_by_program(samples: Samples, sample_rate: float, time: TimeMap) -> Samples:
    """At one ratio: along a map the program lays onsets up to 18 ms beside their place (3.1.2, measured)."""
    seconds = samples.shape[1] / sample_rate
    recorded, played = np.array(time.within(0.0, seconds).points).T
    slopes = np.diff(played) / np.diff(recorded)
    if np.ptp(slopes) > _ALIKE:
        raise MissingPartError(
            "a tempo that changes needs Rubber Band as a library, and this machine has it as a program",
            hint="pip install pylibrb where it has a wheel, or play the song at one ratio",
        )
    place, ratio = _place(time, 0.0, sample_rate)
    frames, early, options = round(time.played(seconds) * sample_rate), round(place), {"--fine": ""}
    made = _program(
        lambda pyrb: pyrb.time_stretch(samples.T, round(sample_rate), 1.0 / ratio, rbargs=options)
    )
    laid = np.pad(made, ((0, 0), (max(early, 0), frames)))
    return laid[:, max(-early, 0) :][:, :frames]


def _program(work: Callable[[Any], NDArray[Any]]) -> Samples:
    """What the program makes, (channels, frames)."""
    import pyrubberband

    try:
        made = work(pyrubberband.pyrb)
    except (subprocess.CalledProcessError, RuntimeError) as error:
        raise SvcfxError(
            f"the program 'rubberband' failed: {error}", hint="svcfx needs Rubber Band 3 or later"
        ) from error
    return np.asarray(made.T, np.float32)
