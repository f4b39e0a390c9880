"""One stem's lanes: what the session writes, what its MIDI tracks play, and the song's key."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from svcfx import midi
from svcfx.errors import SessionError
from svcfx.lanes import Curve, Lane
from svcfx.session.model import Controlled, Stem
from svcfx.session.timeline import Sum, Timeline

FADER = ("gain_db", "pan")
_FADER_RANGES = {"gain_db": (-60.0, 6.0, None), "pan": (-1.0, 1.0, 0.0)}
_TRANSPOSE = "transpose_semitones"

RangeOf = Callable[[str], tuple[float, float] | None]
"""The range of a parameter by address, None when the board has no such one or it tells none."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Curves in song seconds: for the board by address, and for the fader. `used` is what MIDI gave."""

    board: Mapping[str, Curve]
    gain_db: Curve
    pan: Curve
    used: tuple[midi.Used, ...] = ()
    remarks: tuple[str, ...] = ()


def stem_lanes(stem: Stem, key: str, timeline: Timeline, range_of: RangeOf) -> Lanes:
    """Collect a stem's lanes.

    Args:
        stem: The stem.
        key: Its key path, such as `stems[2]`, for messages.
        timeline: The song's time.
        range_of: Gives the range of a parameter of the stem's board by its address.

    Raises:
        SessionError: An address that is not there, two sources for one, or bars without MIDI.
        MidiError: A track or controller that is named is not in the file.
    """
    written = {
        address: timeline.lane(model, f"{key}.automation.{address}")
        for address, model in stem.automation.items()
    }
    lanes: dict[str, Curve] = dict(written)
    used: list[midi.Used] = []
    for track, number, target in _controllers(stem, key, timeline, range_of):
        if target.to in lanes:
            raise SessionError(
                f"{key}: both {'automation' if target.to in written else 'another controller'} and "
                f"CC {number} of track '{track}' move '{target.to}'",
                hint=f'take one away, or send the controller elsewhere with cc = {{ {number} = "..." }}',
            )
        lanes[target.to] = _played(timeline, track, number, target)
        used.append((track, number))
    fader = {name: lanes.pop(name, Lane.constant(getattr(stem, name))) for name in FADER}
    return Lanes(lanes, fader["gain_db"], fader["pan"], tuple(used))


def bend(stem: Stem, timeline: Timeline) -> tuple[Curve | None, tuple[str, ...]]:
    """The pitch wheel that the stem names, in song seconds, and what is to be said about it."""
    if stem.bend_track is None or timeline.song is None or timeline.midi_model is None:
        return None, ()
    said: list[str] = []
    lane = midi.bend_lane(timeline.song, stem.bend_track, say=said.append)
    return lane.shift(timeline.midi_model.offset_seconds), tuple(said)


def transposed(own: Curve, *moves: Curve | None) -> Curve:
    """A voice's own transposition with the song's key and bend on top."""
    moving = [curve for curve in moves if curve is not None and not _is_zero(curve)]
    return Sum((own, *moving)) if moving else own


def _is_zero(curve: Curve) -> bool:
    return isinstance(curve, Lane) and all(value == 0.0 for _, value in curve.points)


def _controllers(
    stem: Stem, key: str, timeline: Timeline, range_of: RangeOf
) -> Iterator[tuple[str, int, Controlled]]:
    """Track, number and whole target of each controller that moves something of this stem."""
    if stem.cc_tracks and timeline.song is None:
        raise SessionError(f"{key}.cc_tracks names a track, but the session names no MIDI file")
    for track in stem.cc_tracks:
        assert timeline.song is not None
        for number in timeline.song.track(track).controllers:
            asked = stem.cc.get(str(number))
            target = asked or _usual(number, range_of)
            if target is not None:
                yield track, number, _ranged(target, f"{key}.cc.{number}", range_of)


def _usual(number: int, range_of: RangeOf) -> Controlled | None:
    """Where a controller goes that the session does not map, if this stem has that parameter."""
    default = midi.DEFAULTS.get(number)
    if default is None or (range_of(default.target) is None and default.target not in FADER):
        return None
    return Controlled(to=default.target, low=default.low, high=default.high, centre=default.centre)


def _ranged(target: Controlled, key: str, range_of: RangeOf) -> Controlled:
    if target.low is not None:
        return target
    for default in midi.DEFAULTS.values():
        if default.target == target.to:
            return Controlled(to=target.to, low=default.low, high=default.high, centre=default.centre)
    if target.to in _FADER_RANGES:
        low, high, centre = _FADER_RANGES[target.to]
        return Controlled(to=target.to, low=low, high=high, centre=centre)
    known = range_of(target.to)
    if known is None:
        raise SessionError(
            f"{key} goes to '{target.to}', whose range svcfx does not know",
            hint=f'write {{ to = "{target.to}", low = ..., high = ... }}',
        )
    return Controlled(to=target.to, low=known[0], high=known[1])


def _played(timeline: Timeline, track: str, number: int, target: Controlled) -> Curve:
    assert timeline.song is not None
    assert timeline.midi_model is not None
    assert target.low is not None
    assert target.high is not None
    lane = midi.cc_lane(timeline.song, track, number, target.low, target.high, centre=target.centre)
    return lane.shift(timeline.midi_model.offset_seconds)
