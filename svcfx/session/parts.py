"""Harmonies and doubles of a stem: more strips of the same recording, each sung by itself.

Each is the stem's strip with another line: its f0 is moved before it is sung. What is heard of the recording
is the same for all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from svcfx import midi
from svcfx.errors import SessionError
from svcfx.lanes import Curve, Lane
from svcfx.session import contents
from svcfx.session.automation import Lanes
from svcfx.session.fader import Fader
from svcfx.session.intervals import Interval, interval
from svcfx.session.part_model import Doubles, Harmony
from svcfx.session.strip import Strip
from svcfx.session.strip_model import Stem
from svcfx.session.timeline import Sum, Timeline

if TYPE_CHECKING:
    from svcfx.board import Board

HARMONY_PANS = (-0.4, 0.4, -0.7, 0.7, 0.0)
DRIFT_SECONDS = 2.0
"""Time from one place to the next between which a double's detuning moves."""
_SEEDS = 2**32


@dataclass(frozen=True, slots=True)
class PartPlan:
    """What one part is beside its stem: its name, what its preset sets otherwise, its lanes and seed."""

    name: str
    key_path: str
    lanes: Lanes
    seed: int
    set: Mapping[str, str | float] = field(default_factory=dict)


def names(model: Stem, stem: str) -> list[str]:
    """What the parts of the stem called `stem` are called, harmonies first."""
    texts = [harmony.interval for harmony in model.harmony]
    times = [texts[: number + 1].count(text) for number, text in enumerate(texts)]
    sung = [
        f"{stem} {text}" + (f" {time}" if time > 1 else "") for text, time in zip(texts, times, strict=True)
    ]
    count = model.doubles.count if model.doubles is not None else 0
    return [*sung, *(f"{stem} double {number}" for number in range(1, count + 1))]


def of_stem(
    model: Stem, strip: Strip, board: "Board | None", timeline: Timeline, seed: int | None
) -> Iterator[PartPlan]:
    """The parts of a stem, harmonies first.

    Args:
        model: What the session says of the stem.
        strip: Its own strip, and `board` that strip's.
        timeline: The song's time.
        seed: Of the song's voices; None leaves it to the preset.

    Raises:
        SessionError: No voice sings the stem, or a harmony counts steps of no scale, or there is no MIDI.
        MidiError: The track that a harmony names is not there, or has no notes.
    """
    if not (model.harmony or model.doubles):
        return
    if board is None or not strip.voices:
        wanted = "harmony" if model.harmony else "doubles"
        raise SessionError(f"{strip.key_path}.{wanted} is sung by a voice, but the stem's preset has none")
    first = int(contents.voice(board, strip.voices[0]).seed if seed is None else seed)
    seeds = ((first + number) % _SEEDS for number in range(1, 100))
    named = iter(names(model, strip.name))
    for number, harmony in enumerate(model.harmony):
        key_path = f"{strip.key_path}.harmony[{number + 1}]"
        lanes = _harmony_lanes(strip, board, timeline, harmony, key_path)
        lanes = replace(lanes, fader=_fader(strip, harmony.gain_db, _pan(harmony, number)))
        own = {f"{voice}.voice": harmony.voice for voice in strip.voices if harmony.voice}
        yield PartPlan(next(named), key_path, lanes, next(seeds), own)
    if model.doubles is not None:
        yield from _doubles(strip, model.doubles, list(zip(named, seeds, strict=False)))


def _pan(harmony: Harmony, number: int) -> float:
    return HARMONY_PANS[number % len(HARMONY_PANS)] if harmony.pan is None else harmony.pan


def _fader(strip: Strip, gain_db: float, pan: float) -> Fader:
    """The stem's fader, so much louder, at a place of its own."""
    gain = Sum((strip.lanes.fader.gain_db, Lane.constant(gain_db)))
    return replace(strip.lanes.fader, gain_db=gain, pan=Lane.constant(pan))


def _harmony_lanes(
    strip: Strip, board: "Board", timeline: Timeline, harmony: Harmony, key_path: str
) -> Lanes:
    """The stem's lanes, the line moved to where a harmony is."""
    asked, lanes = interval(harmony.interval), strip.lanes
    if asked.kind == "semitones":
        return replace(lanes, pitch=(*lanes.pitch, Lane.constant(float(asked.amount))))
    if asked.kind == "steps":
        _refuse_scaleless(strip, board, harmony, key_path)
        return _with(strip, "scale_steps", Lane.constant(float(asked.amount)), key_path)
    notes = _notes(timeline, asked, key_path)
    moved = _with(strip, "part_note", notes, key_path)
    return replace(moved, used=(*lanes.used, (asked.track, "notes")))


def _with(strip: Strip, knob: str, curve: Curve, key_path: str) -> Lanes:
    """The strip's lanes with one for a knob of its voices."""
    made = {f"{voice}.{knob}": curve for voice in strip.voices}
    for address in made:
        if address in strip.lanes.board:
            raise SessionError(f"{key_path}: both a lane of '{address}' and a harmony move it")
    return replace(strip.lanes, board={**strip.lanes.board, **made})


def _refuse_scaleless(strip: Strip, board: "Board", harmony: Harmony, key_path: str) -> None:
    for voice in strip.voices:
        if not contents.voice(board, voice).scale:
            raise SessionError(
                f"{key_path} is '{harmony.interval}', and {voice}.scale names no scale to count in",
                hint=f'name one: set = {{ "{voice}.scale" = "A minor" }}, or count semitones',
            )


def _notes(timeline: Timeline, asked: Interval, key_path: str) -> Curve:
    if timeline.song is None:
        raise SessionError(f"{key_path} names a track, but the session names no MIDI file")
    return midi.note_lane(timeline.song, asked.track).shift(timeline.offset_seconds)


def _doubles(strip: Strip, doubles: Doubles, seeds: list[tuple[str, int]]) -> Iterator[PartPlan]:
    """The doubles, of these names and seeds."""
    for number, (name, seed) in enumerate(seeds):
        away = doubles.spread * (1.0 - number // 2 / max((doubles.count + 1) // 2, 1))
        pan = -away if number % 2 == 0 else away
        lanes = replace(
            strip.lanes,
            fader=_fader(strip, doubles.gain_db, pan),
            pitch=(*strip.lanes.pitch, _drift(strip, doubles.detune_cents, seed)),
        )
        own: dict[str, str | float] = {f"{voice}.timing_ms": doubles.timing_ms for voice in strip.voices}
        if doubles.voices:
            singer = doubles.voices[number % len(doubles.voices)]
            own |= {f"{voice}.voice": singer for voice in strip.voices}
        key_path = f"{strip.key_path}.doubles"
        yield PartPlan(name, key_path, lanes, seed, own)


def _drift(strip: Strip, most_cents: float, seed: int) -> Lane:
    """Semitones of detuning over the song, straight lines between random places."""
    start, end = strip.start_seconds, strip.recording.end_seconds
    seconds = np.arange(start, end + DRIFT_SECONDS, DRIFT_SECONDS)
    semitones = np.random.default_rng(seed).uniform(-most_cents, most_cents, len(seconds)) / 100.0
    return Lane(tuple(zip(seconds.tolist(), semitones.tolist(), strict=True)))
