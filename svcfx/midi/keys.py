"""MIDI into lanes: the song's key, the pitch wheel, controllers.

MIDI has no message for "the song is now two semitones higher". Here a track named `key` says it with held
notes (note 60 is 0 st, note 62 is +2 st) or with channel tuning (RPN 0,2 and 0,1); key signatures say it only
when asked, since an export describes a modulation that the stems already have. Note 60 is C3 in some
programs, C4 in others, C5 in a few: see `doubts`.
"""

import math
from collections.abc import Callable, Iterable
from typing import Literal

from svcfx.errors import MidiError, nearest
from svcfx.lanes import Interpolation, Lane
from svcfx.midi.controls import BEND_RANGE, COARSE_TUNING, FINE_TUNING, registered
from svcfx.midi.song import ControlChange, MidiSong, MidiTrack

KeyFrom = Literal["track", "signatures", "none"]
KEY_FROM = ("track", "signatures", "none")
AS_PLAYED = 60
KEY_TRACK = "key"
GLIDE_MS = 10.0
RESET_ALL, _MOD, _EXPRESSION = 121, 1, 11
_AFTER_RESET = {_MOD: 0, _EXPRESSION: 127}  # RP-015; pan, volume and sound controllers keep theirs


def _silent(_sentence: str) -> None:
    """Say nothing."""


def key_lane(
    song: MidiSong, key_from: str = "track", *, track: str | None = None, glide_ms: float = GLIDE_MS
) -> Lane:
    """The song's transposition in semitones over its seconds.

    Args:
        song: The MIDI file.
        key_from: "track" reads the notes and tunings of the key track; "signatures" the differences between
            key signatures; "none" is 0 st throughout.
        track: Name of the key track, upper and lower case alike. By default "key", and 0 st where no track
            has that name; one that is named must be there.
        glide_ms: Length of the glide that starts at each change; 0 steps.

    Returns:
        0 st until the first note; each note holds until the next, and of several at one tick the highest.

    Raises:
        MidiError: `key_from` is none of the three, no track has the name that was given, or several have it.
    """
    if key_from == "none" or (key_from == "track" and track is None and not song.has_track(KEY_TRACK)):
        return Lane.constant(0.0)
    if key_from == "track":
        changes = track_changes(song.track(track or KEY_TRACK))
    elif key_from == "signatures":
        changes = _signature_changes(song)
    else:
        allowed = ", ".join(KEY_FROM)
        raise MidiError(f"key_from is '{key_from}', allowed are {allowed}{nearest(key_from, KEY_FROM)}")
    return _lane(song, changes, "smooth" if glide_ms > 0 else "step", glide_ms, initial=0.0)


def note_lane(song: MidiSong, track: str) -> Lane:
    """The notes of one track by number over the song's seconds: 0 until the first, each until the next.

    Of several at one tick the highest counts.

    Raises:
        MidiError: No such track, or it has no notes.
    """
    notes = [(note.tick, float(note.number)) for note in song.track_with_notes(track).notes]
    return _lane(song, notes, "step", GLIDE_MS, initial=0.0)


def bend_lane(
    song: MidiSong,
    track: str,
    *,
    range_semitones: float | None = None,
    interpolation: Interpolation = "smooth",
    smooth_ms: float = 10.0,
    say: Callable[[str], None] = _silent,
) -> Lane:
    """The pitch wheel of one track in semitones; 0 until it first moves.

    Args:
        song: The MIDI file.
        track: Whose wheel.
        range_semitones: Full throw. By default the file's own (RPN 0,0), else 2, which `say` is told.
        interpolation: How the lane goes between events.
        smooth_ms: Glide of "smooth".
        say: Receives a sentence when the range had to be assumed.
    """
    part = song.track(track)
    ranges = [
        (item.tick, item.coarse + item.fine / 100)
        for item in registered(part)
        if item.parameter == BEND_RANGE
    ]
    if range_semitones is not None:
        ranges = [(0, range_semitones)]
    elif part.bends and not ranges:
        say(
            f"track '{part.name}' of '{song.name}' sets no pitch-bend range (RPN 0,0):"
            " 2 semitones are assumed"
        )
    resets = [(control.tick, 0) for control in part.controls if control.controller == RESET_ALL]
    # Range and wheel are one timeline: a new range moves a wheel that is held.
    timeline = sorted(
        [(tick, 0, value) for tick, value in ranges]
        + [(bend.tick, 1, float(bend.value)) for bend in part.bends]
        + [(tick, 1, float(value)) for tick, value in resets],
        key=lambda event: event[:2],
    )
    throw, wheel, changes = 2.0, 0.0, []
    for tick, kind, value in timeline:
        throw, wheel = (value, wheel) if kind == 0 else (throw, value)
        changes.append((tick, throw * wheel / (8191 if wheel > 0 else 8192)))
    return _lane(song, changes, interpolation, smooth_ms, initial=0.0)


def cc_lane(
    song: MidiSong,
    track: str,
    controller: int,
    low: float,
    high: float,
    *,
    centre: float | None = None,
    initial: float | None = None,
    channel: int | None = None,
    interpolation: Interpolation = "smooth",
    smooth_ms: float = 20.0,
) -> Lane:
    """One controller of one track as values from `low` to `high`.

    Without `centre` 0..127 is linear. With it 64 is exactly `centre`, and 0..64 and 64..127 are scaled
    apart, so that a bipolar target has a true zero. Controllers 0 to 31 are read in 14 bits where their
    pair (number + 32) occurs too.

    Args:
        song: The MIDI file.
        track: Whose controller.
        controller: Its number, 0 to 127.
        low: Value at 0.
        high: Value at 127.
        centre: Value at 64, for a bipolar target.
        initial: Value until the first event; by default the first event's.
        channel: Only this channel (from 1); by default all of the track.
        interpolation: How the lane goes between events.
        smooth_ms: Glide of "smooth".

    Raises:
        MidiError: No such track, or the controller does not occur in it.
    """
    part = song.track(track)
    events = [event for event in part.controls if channel in (None, event.channel)]
    fractions = list(_fractions(events, controller, bipolar=centre is not None))
    if not fractions:
        present = ", ".join(str(number) for number in part.controllers) or "none"
        raise MidiError(
            f"track '{part.name}' of '{song.name}' has no controller {controller}",
            hint=f"its controllers are {present}",
        )
    values = [(tick, scaled(fraction, low, high, centre)) for tick, fraction in fractions]
    return _lane(song, values, interpolation, smooth_ms, initial=initial)


def _fractions(
    events: Iterable[ControlChange], controller: int, *, bipolar: bool
) -> Iterable[tuple[int, float]]:
    """(tick, fraction): 0 to 1, or -1 to 1 with 0 at 64 when bipolar."""
    wanted = [event for event in events if event.controller in (controller, controller + 32, RESET_ALL)]
    if not any(event.controller == controller for event in wanted):
        return
    fine = controller < 32 and any(event.controller == controller + 32 for event in wanted)
    full, middle = (16383, 8192) if fine else (127, 64)
    coarse = 0
    for event in wanted:
        if event.controller == RESET_ALL:
            if controller not in _AFTER_RESET:
                continue
            coarse, value = _AFTER_RESET[controller], _AFTER_RESET[controller] / 127 * full
        elif event.controller == controller:
            coarse = event.value
            value = coarse << 7 if fine else coarse
        elif fine:
            value = coarse << 7 | event.value
        else:
            continue
        above = value / full if not bipolar else (value - middle) / (full - middle)
        yield event.tick, above if above >= 0 else (value - middle) / middle


def scaled(fraction: float, low: float, high: float, centre: float | None) -> float:
    """Where 0 to 1 leads between `low` and `high`; with `centre` where -1 to 1 does, 0 being there."""
    if centre is None:
        return low + (high - low) * fraction
    return centre + fraction * ((high - centre) if fraction > 0 else (centre - low))


def track_changes(track: MidiTrack) -> list[tuple[int, float]]:
    """(tick, semitones) of a key track: held notes plus coarse and fine tuning."""
    notes = [(note.tick, 0, float(note.number - AS_PLAYED)) for note in track.notes]
    tunings = [
        (item.tick, 1, float(item.coarse - 64))
        if item.parameter == COARSE_TUNING
        else (item.tick, 2, ((item.coarse << 7 | item.fine) - 8192) / 8192)
        for item in registered(track)
        if item.parameter in (COARSE_TUNING, FINE_TUNING)
    ]
    parts, changes = [0.0, 0.0, 0.0], []
    # Sorting is stable and notes come lowest first, so the last at a tick is the highest.
    for tick, part, value in sorted(notes + tunings, key=lambda event: event[0]):
        parts[part] = value
        changes.append((tick, math.fsum(parts)))
    return changes


def _signature_changes(song: MidiSong) -> list[tuple[int, float]]:
    """(tick, semitones) from the first key signature: nearest interval, -5 to +6.

    Sharps and flats are compared, not tonics: a relative minor has the signature of its major.
    """
    if not song.key_signatures:
        return []
    first = song.key_signatures[0].fifths
    return [(key.tick, float(((key.fifths - first) * 7 + 5) % 12 - 5)) for key in song.key_signatures]


def _lane(
    song: MidiSong,
    changes: list[tuple[int, float]],
    interpolation: Interpolation,
    smooth_ms: float,
    *,
    initial: float | None,
) -> Lane:
    """Breakpoints at the seconds of `changes`; the last at a tick counts, repeats are dropped."""
    points: list[tuple[float, float]] = []
    for tick, value in dict(changes).items():
        if not points and initial is not None and tick > 0:
            points.append((song.tempo_map.seconds(0), initial))
        if not points or points[-1][1] != value or interpolation == "linear":
            points.append((song.tempo_map.seconds(tick), value))
    if not points:
        return Lane.constant(0.0 if initial is None else initial)
    return Lane(tuple(points), interpolation, smooth_ms if smooth_ms > 0 else GLIDE_MS)
