"""A session as a song that other programs know, and by name what they do not."""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from svcfx.lanes import Lane
from svcfx.session import grid, overview
from svcfx.session.document import Document
from svcfx.session.exchange.song import Lost, Piece, Placed, Send, Song, Track
from svcfx.session.strip_model import Bus, Channel, LaneModel, Stem, stem_names
from svcfx.session.tables import Table
from svcfx.session.timeline import Timeline

_MIXER = {"gain_db", "pan", "mute", "solo", "to", "sends"}
_OF_STEM = {"file", "name", "role", "start_seconds", "start_bar", *_MIXER}
_OF_BUS = {"name", *_MIXER}
_OF_SESSION = {"svcfx_session", "title", "stems", "buses", "tempo", "midi"}
_GLIDE_POINTS = 17


def of(document: Document) -> Placed:
    """What leaves a session.

    Raises:
        SvcfxError: A file of it is missing, or its bars cannot be counted.
    """
    session, timeline = document.session, overview.timeline_of(document, as_recorded=True)
    found, lost, recordings = [], Lost(_unsaid("", session, _OF_SESSION)), {}
    for number, (stem, name) in enumerate(zip(session.stems, stem_names(session.stems), strict=True), 1):
        key = f"stems[{number}]"
        pieces: tuple[Piece, ...] = ()
        if stem.file is not None:
            recordings[stem.file] = document.reach.find(stem.file, f"{key}.file")
            pieces = (Piece(stem.file, timeline.start_of(stem, key)),)
        found.append(_track(stem, name, key, timeline, lost, pieces))
    for number, bus in enumerate(session.buses, 1):
        found.append(_track(bus, bus.name, f"buses[{number}]", timeline, lost))
    for said in _untimed(timeline):
        lost.add(said)
    song = Song(tuple(found), session.title, timeline.tempo_map, grid.markers(timeline), lost.lines)
    return Placed(song, recordings)


def _track(
    strip: Stem | Bus,
    name: str,
    key: str,
    timeline: Timeline,
    lost: Lost,
    pieces: tuple[Piece, ...] = (),
) -> Track:
    for said in _unsaid(
        f"{key}.", strip, (_OF_STEM if isinstance(strip, Stem) else _OF_BUS) | {"automation"}
    ):
        lost.add(said)
    return Track(
        name=name,
        pieces=pieces,
        is_bus=isinstance(strip, Bus),
        gain_db=strip.gain_db,
        pan=strip.pan,
        mute=strip.mute,
        solo=strip.solo,
        to=strip.to,
        sends=tuple(Send(send.bus, send.gain_db, send.tap) for send in strip.sends),
        lanes=dict(_lanes(strip, key, timeline, lost)),
        role=strip.role if isinstance(strip, Stem) else None,
    )


def _lanes(strip: Channel, key: str, timeline: Timeline, lost: Lost) -> Iterator[tuple[str, Lane]]:
    moved = {"gain_db", "pan", *(f"sends.{send.bus}.gain_db" for send in strip.sends)}
    for address, model in strip.automation.items():
        if address in moved:
            if model.interpolation == "smooth":
                lost.add(f"{key}.automation.{address}: its glides are straight lines")
            yield address, _drawn(timeline.lane(model, f"{key}.automation.{address}"))
        else:
            lost.add(f"{key}.automation.{address}")


def _drawn(lane: Lane) -> Lane:
    """A lane as steps or straight lines: a glide as lines along it."""
    if lane.interpolation != "smooth":
        return lane
    times = np.unique([np.linspace(start, end, _GLIDE_POINTS) for start, end in lane.turns])
    return Lane(tuple(zip(times.tolist(), lane.at(times).tolist(), strict=True)), "linear")


def _unsaid(key: str, part: Table, known: Collection[str]) -> Iterator[str]:
    """Each key that the session writes and a song has no word for."""
    for name in type(part).model_fields:
        if name in part.model_fields_set and name not in known:
            yield from _named(f"{key}{name}", getattr(part, name))


def _named(key: str, value: Any) -> Iterator[str]:
    """A key with what it says, or the keys below it."""
    if isinstance(value, LaneModel):
        yield key
    elif isinstance(value, Table):
        yield from _unsaid(f"{key}.", value, ())
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _named(f"{key}.{name}", inner)
    elif isinstance(value, str):
        yield f"{key} = '{value}'"
    elif value not in ([], None):
        yield key


def _untimed(timeline: Timeline) -> Iterator[str]:
    """What is said of time that a song has no word for."""
    if timeline.tempo is not None and timeline.tempo.is_another:
        yield "the tempo that the song is played at: it goes at the tempo of its recordings"
    if timeline.offset_seconds:
        yield f"bar 1 begins at {timeline.offset_seconds:g} s: other programs begin it at 0 s"
    if any(semitones for _, semitones in timeline.key().points):
        yield "the song's key: nothing is transposed there"
    if timeline.midi_model is not None:
        yield "the MIDI file's tracks: its tempo, time signatures and markers go along"
