"""Move the key of a finished stem without moving its time: the one door to pyrubberband.

Each section of constant key is rendered with real sound on both sides, put back in time (a shifter's
onsets come early or late), brought back to its level, and crossfaded into its neighbours.
"""

import shutil
import subprocess
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pedalboard
import pyrubberband

from svcfx.audio import Samples
from svcfx.dsp.lag import lag_seconds
from svcfx.dsp.overlap import crossfade
from svcfx.dsp.sections import Section, sections
from svcfx.errors import AudioShapeError, MissingPartError, ParamError, SvcfxError, nearest
from svcfx.lanes import Curve

Stretcher = Literal["auto", "rubberband", "pedalboard"]
STRETCHERS = ("auto", "rubberband", "pedalboard")
CONTEXT_SECONDS = 0.5
FADE_SECONDS = 0.012
_LEAST_SECONDS = 0.25  # shorter buffers come back empty, or never
_PEAK = 0.5  # what a stretcher is given: as loud as leaves 6 dB for the peaks that shifting makes
_SILENCE = 1e-9  # -180 dBFS: passes as it is, as digital silence does
_MAX_GAIN = 4.0


@dataclass(frozen=True, slots=True)
class Shifted:
    """What was done to one section: its lag before correction, and the gain that kept its level."""

    section: Section
    lag_seconds: float = 0.0
    gain: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Stretched:
    """Samples, shape as given, which stretcher made them ("none" when all passed), and each section."""

    samples: Samples
    stretcher_used: str
    sections: tuple[Shifted, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Rendered:
    """Shifted samples whose first frame is `start` of the stem."""

    start: int
    samples: Samples
    done: Shifted

    def between(self, start: int, stop: int) -> Samples:
        return self.samples[:, start - self.start : stop - self.start]


def follow_key(
    samples: Samples,
    sample_rate: float,
    lane: Curve,
    *,
    formant_preserved: bool = False,
    stretcher: str = "auto",
) -> Stretched:
    """Shift a stem as the key lane says; its length stays, its onsets stay within 1 ms, its level too.

    Args:
        samples: Shape (channels, frames), finite.
        sample_rate: Hz.
        lane: Semitones over seconds of this array. A glide under 0.1 s is a border between two keys.
        formant_preserved: Keep the spectral envelope, for backing vocals.
        stretcher: "rubberband" is the `rubberband` program (R3), "pedalboard" needs no program,
            "auto" the first that is installed.

    Returns:
        Sections of 0 st are the same samples, bit for bit; the same input gives the same bytes.

    Raises:
        AudioShapeError: `samples` is not (channels, frames).
        MissingPartError: "rubberband" was asked for and is not installed.
        ParamError: An unknown stretcher, samples that are not finite, a key beyond 24 semitones.
    """
    if samples.ndim != 2:
        raise AudioShapeError(f"samples to shift have shape {samples.shape}, must be (channels, frames)")
    engine = _chosen(stretcher)
    if not np.isfinite(samples).all():
        raise ParamError("samples to shift are not all finite")
    parts = sections(lane, samples.shape[1], sample_rate)
    out = np.array(samples, np.float32)
    fade = round(FADE_SECONDS * sample_rate)
    done, before = [], None
    for section in parts:
        after = _rendered(samples, section, sample_rate, fade, engine, formant_preserved)
        out[:, section.start : section.stop] = after.between(section.start, section.stop)
        if before is not None:
            _blend(out, before, after, fade)
        done.append(after.done)
        before = after
    moved = any(part.semitones for part in parts)
    return Stretched(out, engine if moved else "none", tuple(done))


def _chosen(stretcher: str) -> str:
    if stretcher not in STRETCHERS:
        allowed = ", ".join(STRETCHERS)
        raise ParamError(f"stretcher is '{stretcher}', allowed are {allowed}{nearest(stretcher, STRETCHERS)}")
    installed = shutil.which("rubberband") is not None
    if stretcher == "rubberband" and not installed:
        raise MissingPartError(
            "the program 'rubberband' is not installed",
            hint='install rubberband-cli (Debian) or rubberband (Homebrew), or set stretcher = "pedalboard"',
        )
    if stretcher == "auto":
        return "rubberband" if installed else "pedalboard"
    return stretcher


def _blend(out: Samples, before: _Rendered, after: _Rendered, fade: int) -> None:
    """Crossfade at the border between two sections, on the side of one that is shifted."""
    left, right = before.done.section, after.done.section
    # Half of a section at most: a short one has a fade at its other end too.
    if right.semitones == 0.0:
        start, stop = right.start - min(fade, left.frames // 2), right.start
    else:
        start, stop = right.start, right.start + min(fade, right.frames // 2)
    out[:, start:stop] = crossfade(before.between(start, stop), after.between(start, stop))


def _rendered(
    samples: Samples, section: Section, sample_rate: float, fade: int, engine: str, formants: bool
) -> _Rendered:
    """One section and `fade` frames on both sides, shifted, in time and at its level."""
    start, stop = max(section.start - fade, 0), min(section.stop + fade, samples.shape[1])
    core = samples[:, start:stop]
    if section.semitones == 0.0 or float(np.abs(core).max(initial=0.0)) < _SILENCE:
        return _Rendered(start, core, Shifted(section))
    context = round(CONTEXT_SECONDS * sample_rate)
    low, high = start - context, stop + context
    source = _with_zeros(samples, low, high)
    shifted = _shift(source, sample_rate, section.semitones, engine, formants)
    # Where nothing begins, the measured drift of held tones (Rubber Band 0.3 ms, pedalboard 3 ms) stays.
    lag = round((lag_seconds(source, shifted, sample_rate) or 0.0) * sample_rate)
    moved = _with_zeros(shifted, start - low + lag, stop - low + lag)
    gain = _matching_gain(core, moved)
    done = Shifted(section, lag / sample_rate, gain)
    return _Rendered(start, np.asarray(moved * np.float32(gain), np.float32), done)


def _with_zeros(samples: Samples, start: int, stop: int) -> Samples:
    """Frames `start` up to `stop`, which may lie outside: there is silence."""
    frames = samples.shape[1]
    inside = samples[:, max(start, 0) : min(stop, frames)]
    return np.pad(inside, ((0, 0), (max(-start, 0), stop - max(start, 0) - inside.shape[1])))


def _matching_gain(before: Samples, after: Samples) -> float:
    """Gain that gives `after` the power of `before`, within 12 dB; 1 for silence."""
    old, new = (float(np.einsum("cf,cf->", x, x, dtype=np.float64)) for x in (before, after))
    if old <= 0.0 or new <= 0.0:
        return 1.0
    return float(np.clip(np.sqrt(old / new), 1.0 / _MAX_GAIN, _MAX_GAIN))


def _shift(samples: Samples, sample_rate: float, semitones: float, engine: str, formants: bool) -> Samples:
    """Shift (channels, frames) by one amount; the length stays, the time not quite."""
    frames = samples.shape[1]
    padded = _with_zeros(samples, 0, max(frames, round(_LEAST_SECONDS * sample_rate)))
    # Both stretchers treat what is quiet as silence, and one passes through 16-bit files: one level for all.
    level = np.float32(_PEAK / np.abs(padded).max())
    padded = np.ascontiguousarray(padded * level)
    if engine == "rubberband":
        shifted = _by_rubberband(padded, sample_rate, semitones, formants)
    else:
        # Not its PitchShift: that one is for live use, its level, pitch and time are coarser.
        shifted = pedalboard.time_stretch(padded, sample_rate, 1.0, semitones, preserve_formants=formants)
    return _with_zeros(np.asarray(shifted / level, np.float32), 0, frames)


def _by_rubberband(samples: Samples, sample_rate: float, semitones: float, formants: bool) -> Samples:
    options = {"--fine": "", "--pitch": f"{semitones:.6f}"} | ({"--formant": ""} if formants else {})
    try:
        shifted = pyrubberband.pyrb.pitch_shift(samples.T, round(sample_rate), semitones, rbargs=options)
    except (subprocess.CalledProcessError, RuntimeError) as error:
        raise SvcfxError(
            f"the program 'rubberband' failed: {error}",
            hint='svcfx needs Rubber Band 3 or later, or stretcher = "pedalboard"',
        ) from error
    return np.asarray(shifted.T, np.float32)
