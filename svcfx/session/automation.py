"""A strip's lanes: what the session writes, what its MIDI tracks play, and the song's key."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from svcfx import midi
from svcfx.errors import SessionError
from svcfx.lanes import Curve, Lane
from svcfx.session import fader
from svcfx.session.fader import AT_REST, Fader
from svcfx.session.strip_model import Channel, Controlled, Stem, StripModel
from svcfx.session.timeline import Moved, Sum, Timeline

TARGET = "target_note"
"""What a voice draws its line to."""
BEND = "bend_semitones"
"""A stem's own bend of its voices, as a MIDI wheel bends them."""

_STEPS = 127
_WHEEL_STEP = 0.03
_OR_REPLACE = ", or let the lane stand in its place: replaces_midi = true"
RangeOf = Callable[[str], tuple[float, float] | None]
"""The range of a parameter by address, None when the board has no such one or it tells none."""


@dataclass(frozen=True, slots=True)
class Played:
    """What a MIDI track plays of one address, in song seconds.

    Attributes:
        what: A controller by its number, the wheel, "bend", or the notes, "notes".
        step: What one step of a controller moves; of the wheel, three cents; 0 of notes.
        is_replaced: Whether the session's own lane stands in its place.
    """

    track: str
    what: int | str
    lane: Lane
    step: float
    is_replaced: bool = False


@dataclass(frozen=True, slots=True)
class Lanes:
    """Curves in song seconds: for the board by address, for the fader and sends, and what moves the pitch.

    `pitch` holds the song's key and the singer's bend, in semitones; `melody` the notes that are meant,
    if MIDI says. `used` is what MIDI gave, `played` what it plays of which address.
    """

    board: Mapping[str, Curve] = field(default_factory=dict)
    fader: Fader = AT_REST
    pitch: tuple[Curve, ...] = ()
    melody: Lane | None = None
    used: tuple[midi.Used, ...] = ()
    played: Mapping[str, Played] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


STILL = Lanes()


def strip_lanes(
    strip: Channel,
    key_path: str,
    timeline: Timeline,
    song_key: Lane,
    range_of: RangeOf,
    preset_cc: Mapping[int, Controlled] | None = None,
) -> Lanes:
    """Collect the lanes of a stem or a bus.

    Args:
        strip: What the session says of it.
        key_path: Where it stands, such as `stems[2]`, for messages.
        timeline: The song's time.
        song_key: The song's transposition.
        range_of: Gives the range of a parameter of the strip's board by its address.
        preset_cc: Where the strip's preset sends controllers; the session's own `cc` goes over it.

    Raises:
        SessionError: Two sources for one address, a fader out of range, or bars without MIDI.
        MidiError: A track or controller that is named is not in the file.
    """
    lanes = written_lanes(strip, key_path, timeline)
    played: dict[str, Played] = {}
    for track, number, target in _controllers(strip, key_path, timeline, range_of, preset_cc or {}):
        written = strip.automation.get(target.to)
        is_replaced = written is not None and written.replaces_midi
        if target.to in lanes and not is_replaced:
            raise SessionError(
                f"{key_path}: both {'another controller' if written is None else 'automation'} and "
                f"CC {number} of track '{track}' move '{target.to}'",
                hint=f'take one away, or send the controller elsewhere with cc = {{ {number} = "..." }}'
                + _OR_REPLACE * (written is not None),
            )
        played[target.to] = replace(_played(timeline, track, number, target), is_replaced=is_replaced)
        lanes.setdefault(target.to, played[target.to].lane)
    bent = lanes.pop(BEND, None) if isinstance(strip, Stem) else None
    own = fader.taken(strip, lanes, key_path)
    found = Lanes(lanes, own, used=tuple((one.track, one.what) for one in played.values()), played=played)
    return _sung(found, strip, key_path, timeline, song_key, bent) if isinstance(strip, Stem) else found


def written_lanes(strip: StripModel, key_path: str, timeline: Timeline) -> dict[str, Curve]:
    """What the session writes for a strip, by address; raises as `strip_lanes`."""
    return {
        address: timeline.lane(model, f"{key_path}.automation.{address}")
        for address, model in strip.automation.items()
    }


def _sung(
    lanes: Lanes, stem: Stem, key_path: str, timeline: Timeline, song_key: Lane, bent: Curve | None
) -> Lanes:
    """A stem's lanes with what moves the pitch of its voices; `bent` is the session's own bend."""
    wheel, remarks = _wheel(stem, timeline)
    if bent is not None and wheel is not None and not stem.automation[BEND].replaces_midi:
        raise SessionError(
            f"{key_path}: both automation of '{BEND}' and the wheel of track '{wheel.track}' bend the voice",
            hint=f"take one away{_OR_REPLACE}",
        )
    played, bends = dict(lanes.played), [bent]
    if wheel is not None:
        played[BEND] = replace(wheel, is_replaced=bent is not None)
        bends = [bent or wheel.lane]
    moves = (song_key if stem.follows_key else None, *bends)
    used = [(stem.bend_track, "bend"), (stem.melody_track, "notes")]
    return replace(
        lanes,
        pitch=tuple(lane for lane in moves if lane is not None and not _is_zero(lane)),
        melody=_melody(stem, timeline),
        used=(*lanes.used, *((track, what) for track, what in used if track)),
        played=played,
        remarks=remarks if bent is None else (),
    )


def _wheel(stem: Stem, timeline: Timeline) -> tuple[Played | None, tuple[str, ...]]:
    """The pitch wheel that the stem names, and what is to be said about it."""
    if stem.bend_track is None or timeline.song is None:
        return None, ()
    said: list[str] = []
    lane = midi.bend_lane(timeline.song, stem.bend_track, say=said.append)
    return Played(stem.bend_track, "bend", lane.shift(timeline.offset_seconds), _WHEEL_STEP), tuple(said)


def _melody(stem: Stem, timeline: Timeline) -> Lane | None:
    """The notes of the track that the stem names, in song seconds."""
    if stem.melody_track is None or timeline.song is None:
        return None
    return midi.note_lane(timeline.song, stem.melody_track).shift(timeline.offset_seconds)


def noted(lanes: Lanes, stem: Stem, key_path: str, voices: Iterable[str], tuners: Iterable[str]) -> Lanes:
    """The lanes of a stem that names its melody's track, with what those notes play of its voices.

    Raises:
        SessionError: A lane moves the same, and does not stand in their place.
    """
    if lanes.melody is None or stem.melody_track is None:
        return lanes
    played = dict(lanes.played)
    for node in (*voices, *tuners):
        address = f"{node}.{TARGET}"
        written = stem.automation.get(address)
        is_replaced = written is not None and written.replaces_midi and node in voices
        if address in lanes.board and not is_replaced:
            raise SessionError(
                f"{key_path}: both melody_track and a lane of '{address}' move it",
                hint=f"take one away{_OR_REPLACE}" if node in voices else "",
            )
        if node in voices:
            played[address] = Played(stem.melody_track, "notes", lanes.melody, 0.0, is_replaced)
    return replace(lanes, played=played)


def for_board(
    lanes: Lanes,
    voices: Iterable[str],
    value_of: Callable[[str], float],
    start_seconds: float,
    tuners: Iterable[str] = (),
) -> dict[str, Curve]:
    """The board's lanes in seconds from a stem's first sample, with key, bend and melody given to its voices.

    Args:
        lanes: The stem's lanes.
        voices: Addresses of the voices that hear the stem itself.
        tuners: Of what tunes a stem that no voice sings, and hears it in the song's key.
        value_of: What a parameter stands at, by address.
        start_seconds: Where in the song the stem starts.
    """
    found = dict(lanes.board)
    if lanes.melody is not None:
        for voice in voices:
            found.setdefault(f"{voice}.{TARGET}", lanes.melody)
        keyed = Moved(lanes.melody, Sum(lanes.pitch)) if lanes.pitch else lanes.melody
        found |= {f"{tuner}.{TARGET}": keyed for tuner in tuners}
    for voice in voices if lanes.pitch else ():
        address = f"{voice}.transpose_semitones"
        own = found.get(address) or Lane.constant(value_of(address))
        found[address] = Sum((own, *lanes.pitch))
    return {address: lane.shift(-start_seconds) for address, lane in found.items()}


def _is_zero(curve: Curve) -> bool:
    return isinstance(curve, Lane) and all(value == 0.0 for _, value in curve.points)


def _controllers(
    strip: Channel,
    key_path: str,
    timeline: Timeline,
    range_of: RangeOf,
    preset_cc: Mapping[int, Controlled],
) -> Iterator[tuple[str, int, Controlled]]:
    """Track, number and whole target of each controller that moves something of this strip."""
    song = timeline.song
    for name in ("track", "cc_tracks", "bend_track", "melody_track"):
        if getattr(strip, name, None) and song is None:
            raise SessionError(f"{key_path}.{name} names a track, but the session names no MIDI file")
    there = {track: song.track(track).controllers for track in strip.cc_tracks} if song else {}
    for number in strip.cc:
        if not any(int(number) in controllers for controllers in there.values()):
            tracks = ", ".join(strip.cc_tracks) or "cc_tracks, which is empty"
            raise SessionError(f"{key_path}.cc.{number}: there is no controller {number} in {tracks}")
    for track, controllers in there.items():
        for controller in controllers:
            target = strip.cc.get(str(controller)) or preset_cc.get(controller)
            target = target or _usual(controller, range_of)
            if target is not None:
                yield track, controller, _ranged(target, f"{key_path}.cc.{controller}", range_of)


def usual_target(number: int, own: Controlled | None, range_of: RangeOf, key: str) -> Controlled | None:
    """Where a controller goes with its range: where `own` says, else where it usually does, if that is there.

    Raises:
        SessionError: The range of what `own` names is not known.
    """
    target = own or _usual(number, range_of)
    return None if target is None else _ranged(target, key, range_of)


def _usual(number: int, range_of: RangeOf) -> Controlled | None:
    """Where a controller goes that the session does not map, if this strip has that parameter."""
    default = midi.DEFAULTS.get(number)
    if default is None or (range_of(default.target) is None and fader.played(default.target) is None):
        return None
    return Controlled(to=default.target, low=default.low, high=default.high, centre=default.centre)


def _ranged(target: Controlled, key: str, range_of: RangeOf) -> Controlled:
    if target.low is not None:
        return target
    for default in midi.DEFAULTS.values():
        if default.target == target.to:
            return Controlled(to=target.to, low=default.low, high=default.high, centre=default.centre)
    own = fader.played(target.to)
    if own is not None:
        low, high, centre = own
        return Controlled(to=target.to, low=low, high=high, centre=centre)
    known = range_of(target.to)
    if known is None:
        raise SessionError(
            f"{key} goes to '{target.to}', whose range svcfx does not know",
            hint=f'write {{ to = "{target.to}", low = ..., high = ... }}',
        )
    return Controlled(to=target.to, low=known[0], high=known[1])


def _played(timeline: Timeline, track: str, number: int, target: Controlled) -> Played:
    assert timeline.song is not None
    assert target.low is not None
    assert target.high is not None
    lane = midi.cc_lane(timeline.song, track, number, target.low, target.high, centre=target.centre)
    step = abs(target.high - target.low) / _STEPS
    return Played(track, number, lane.shift(timeline.offset_seconds), step)
