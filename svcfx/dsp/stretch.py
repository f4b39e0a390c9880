"""Move the key of a finished stem without moving its time, or its time without moving its key.

Each section of constant key is rendered with real sound on both sides, put back in time (a shifter's
onsets come early or late), brought back to its level, and crossfaded into its neighbours. A glide is one
section, with the keys that it leads from and to.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from svcfx import scratch
from svcfx.audio import Samples, all_finite
from svcfx.dsp import levels, rubberband
from svcfx.dsp.lag import lag_seconds
from svcfx.dsp.overlap import crossfade
from svcfx.dsp.reading import read_at
from svcfx.dsp.sections import ShiftedSpan, sections
from svcfx.errors import AudioShapeError, ParamError, nearest
from svcfx.events import UNHEARD, Events
from svcfx.lanes import Curve, Values
from svcfx.time_map import TimeMap

Stretcher = Literal["auto", "rubberband"]
STRETCHERS = ("auto", "rubberband")
CONTEXT_SECONDS = 0.5
FADE_SECONDS = 0.012
_LEAST_SECONDS = 0.25  # much shorter buffers come back empty
_PEAK = 0.5  # what a stretcher is given: as loud as leaves 6 dB for the peaks that shifting makes
_SILENCE = 1e-9  # -180 dBFS: passes as it is, as digital silence does
_MAX_GAIN = 4.0
_HOME = 0.01  # st: where a glide ends, this is the song's own key
_HOMING_SECONDS, _MEETING_SECONDS = 0.0007, 0.05


@dataclass(frozen=True, slots=True)
class Shifted:
    """What was done to one section: its lag before correction, and the gain that kept its level."""

    section: ShiftedSpan
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
    wanted: tuple[int, int] | None = None,
    events: Events = UNHEARD,
) -> Stretched:
    """Shift a stem as the key lane says; its length stays, its onsets stay within 1 ms, its level too.

    What is within 1 ms is the median of a section's onsets; single ones smear with the interval, by up to
    1 ms within 5 semitones and 3 ms at an octave (`benchmarks/stretch.py`).

    Args:
        samples: Shape (channels, frames), finite.
        sample_rate: Hz.
        lane: Semitones over seconds of this array. A glide under 0.1 s is a border between two keys, one of
            more than 6 semitones a second a staircase.
        formant_preserved: Keep the spectral envelope, for backing vocals.
        stretcher: "rubberband", which "auto" is.
        wanted: Frames, the first and the one behind the last, that are needed; sections without any stay as
            they are.
        events: Asked now and then whether to stop.

    Returns:
        Sections of 0 st are the same samples, bit for bit; the same input gives the same bytes.

    Raises:
        AudioShapeError: `samples` is not (channels, frames).
        MissingPartError: A key moves, and this machine has Rubber Band in no form.
        ParamError: An unknown stretcher, samples that are not finite, a key beyond 24 semitones.
        Cancelled: `events` asked to stop.
    """
    _check(samples, stretcher)
    parts = sections(lane, samples.shape[1], sample_rate, stairs=not rubberband.glides())
    out = scratch.copied(samples)
    fade = round(FADE_SECONDS * sample_rate)
    first, last = (0, samples.shape[1]) if wanted is None else wanted
    done, before = [], None
    for section in parts:
        if section.stop + fade <= first or section.start - fade >= last:
            before = None
            continue
        after = _rendered(samples, section, lane, sample_rate, fade, formant_preserved, events)
        out[:, section.start : section.stop] = after.between(section.start, section.stop)
        if before is not None:
            _blend(out, before, after, fade)
        done.append(after.done)
        before = after
    moved = not all(part.untouched for part in parts)
    return Stretched(out, rubberband.NAME if moved else "none", tuple(done))


def follow_tempo(
    samples: Samples,
    sample_rate: float,
    time: TimeMap,
    *,
    stretcher: str = "auto",
    events: Events = UNHEARD,
) -> Stretched:
    """Play a stem from its second 0 on as `time` says, in the pitch that it has.

    Onsets stay within 1 ms in the median between 0.6 and 1.6 times the tempo, at 44.1 and 48 kHz; single ones
    smear by up to 1 ms within a fifth of the tempo, and by up to 3 ms at the half and the double.

    Args:
        samples: Shape (channels, frames), finite.
        sample_rate: Hz.
        time: Seconds of the array against those of the result.
        stretcher: As `follow_key`'s.
        events: As there.

    Returns:
        As long as `time` says; the same input gives the same bytes.

    Raises:
        AudioShapeError, MissingPartError, ParamError, Cancelled: As `follow_key`.
    """
    _check(samples, stretcher)
    frames = round(time.played(samples.shape[1] / sample_rate) * sample_rate)
    if levels.peak(samples) < _SILENCE:
        return Stretched(scratch.zeros((samples.shape[0], frames)), "none", ())
    levelled, level = _levelled(samples)
    made = rubberband.stretch(levelled, sample_rate, time, events)
    return Stretched(np.divide(made, level, out=made), rubberband.NAME, ())


def _check(samples: Samples, stretcher: str) -> None:
    if samples.ndim != 2:
        raise AudioShapeError(f"samples to shift have shape {samples.shape}, must be (channels, frames)")
    _check_stretcher(stretcher)
    if not all_finite(samples):
        raise ParamError("samples to shift are not all finite")


def _check_stretcher(stretcher: str) -> None:
    if stretcher in STRETCHERS:
        return
    allowed, near = ", ".join(STRETCHERS), nearest(stretcher, STRETCHERS)
    gone = "pedalboard's lays onsets up to 20 ms beside the beat and is gone: leave it out"
    raise ParamError(
        f"stretcher is '{stretcher}', allowed are {allowed}{near}",
        hint=gone if stretcher == "pedalboard" else "",
    )


def _blend(out: Samples, before: _Rendered, after: _Rendered, fade: int) -> None:
    """Crossfade at the border between two sections, on the side of one that is shifted."""
    left, right = before.done.section, after.done.section
    # Half of a section at most: a short one has a fade at its other end too.
    if right.untouched:
        start, stop = right.start - min(fade, left.frames // 2), right.start
    else:
        start, stop = right.start, right.start + min(fade, right.frames // 2)
    out[:, start:stop] = crossfade(before.between(start, stop), after.between(start, stop))


def _rendered(
    samples: Samples,
    section: ShiftedSpan,
    lane: Curve,
    sample_rate: float,
    fade: int,
    formants: bool,
    events: Events,
) -> _Rendered:
    """One section and `fade` frames on both sides, shifted, in time and at its level."""
    start, stop = max(section.start - fade, 0), min(section.stop + fade, samples.shape[1])
    core = samples[:, start:stop]
    if section.untouched or levels.peak(core) < _SILENCE:
        return _Rendered(start, core, Shifted(section))
    context = round(CONTEXT_SECONDS * sample_rate)
    low, high = start - context, stop + context
    source = _with_zeros(samples, low, high)
    lag = 0
    if section.glides:  # is put in time as it is made
        heard = np.clip(np.arange(low, high), section.start, section.stop - 1)
        shifted = _glided(source, sample_rate, lane.at(heard / sample_rate), formants, events)
        if abs(lane.at(np.array([section.stop / sample_rate]))[0]) < _HOME:
            shifted = _homing(source, shifted, section.stop - low, sample_rate)
    else:
        shifted = _shift(source, sample_rate, section.semitones, formants, events)
        # What swells instead of beginning is in time by itself (measured: within 0.3 ms), onsets come early.
        lag = round((lag_seconds(source, shifted, sample_rate) or 0.0) * sample_rate)
    moved = _with_zeros(shifted, start - low + lag, stop - low + lag)
    gain = _matching_gain(core, moved)
    done = Shifted(section, lag / sample_rate, gain)
    return _Rendered(start, np.multiply(moved, np.float32(gain), out=moved), done)


def _with_zeros(samples: Samples, start: int, stop: int) -> Samples:
    """Frames `start` up to `stop`, which may lie outside: there is silence. Those inside are no copy."""
    inside = samples[:, max(start, 0) : stop]
    return inside if inside.shape[1] == stop - start else scratch.placed(samples, -start, stop - start)


def _matching_gain(before: Samples, after: Samples) -> float:
    """Gain that gives `after` the power of `before`, within 12 dB; 1 for silence."""
    old, new = (float(np.einsum("cf,cf->", x, x, dtype=np.float64)) for x in (before, after))
    if old <= 0.0 or new <= 0.0:
        return 1.0
    return float(np.clip(np.sqrt(old / new), 1.0 / _MAX_GAIN, _MAX_GAIN))


def _shift(samples: Samples, sample_rate: float, semitones: float, formants: bool, events: Events) -> Samples:
    """Shift (channels, frames) by one amount; the length stays, the time not quite."""
    frames = samples.shape[1]
    padded, level = _levelled(_with_zeros(samples, 0, max(frames, round(_LEAST_SECONDS * sample_rate))))
    shifted = rubberband.shift(padded, sample_rate, semitones, formants, events)
    return _with_zeros(np.divide(shifted, level, out=shifted), 0, frames)


def _glided(
    samples: Samples, sample_rate: float, semitones: Values, formants: bool, events: Events
) -> Samples:
    """Shift (channels, frames) by `semitones` (frames,)."""
    padded, level = _levelled(samples)
    made = rubberband.glide(padded, sample_rate, semitones, formants, events)
    return np.divide(made, level, out=made)


def _homing(before: Samples, shifted: Samples, home: int, sample_rate: float) -> Samples:
    """A glide that is back in the song's own key at frame `home`, drawn along so that it meets the song in
    phase there: by up to 0.7 ms, over its last second."""
    reach, size = round(_HOMING_SECONDS * sample_rate), round(_MEETING_SECONDS * sample_rate)
    song, made = (x[:, home - reach : home + size + reach].astype(np.float64) for x in (before, shifted))
    lags = range(-reach, reach + 1)
    alike = [float((song[:, reach : reach + size] * made[:, reach + lag :][:, :size]).sum()) for lag in lags]
    nearest_lag = max(lags, key=lambda lag: (alike[lag + reach], -abs(lag)))
    share = np.clip(1.0 - (home - np.arange(shifted.shape[1])) / sample_rate, 0.0, 1.0)
    return read_at(shifted, np.arange(shifted.shape[1]) + nearest_lag * share)


def _levelled(samples: Samples) -> tuple[Samples, np.float32]:
    """The stretcher takes what is quiet for silence: one level for all, and the gain that made it."""
    level = np.float32(_PEAK / levels.peak(samples))
    return scratch.times(samples, level), level
