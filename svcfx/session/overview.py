"""A session at a glance: its strips' files and its time, without opening a preset or reading a sample.

A strip whose file is missing is told as such and the others are shown, so that a session can be mended.
"""

from dataclasses import dataclass

from svcfx import audio, midi
from svcfx.errors import SessionError, SvcfxError
from svcfx.lanes import Lane
from svcfx.session import grid, routing, sections
from svcfx.session.document import Document
from svcfx.session.grid import Bar
from svcfx.session.strip_model import Stem, stem_names
from svcfx.session.timeline import Timeline, key_spans
from svcfx.time_map import TimeMap

EMPTY_SECONDS = 30.0
"""How long a song without any file that can be read is shown."""


@dataclass(frozen=True, slots=True)
class StripOverview:
    """One stem: its name and number, where its file sounds in the song, and what is wrong with it.

    `time` is the file's where the song is played at another tempo.
    """

    number: int
    name: str
    start_seconds: float
    seconds: float
    sample_rate: int
    channels: int
    follows_key: bool
    error: str
    hint: str
    time: TimeMap | None = None


@dataclass(frozen=True, slots=True)
class BusOverview:
    """One bus: its name and number, and the strips that go or send to it."""

    number: int
    name: str
    hears: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A song second and what begins there: a marker, a tempo in quarters a minute, a key in semitones."""

    seconds: float
    text: str
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Song seconds of a section in which the session changes something, called as the session calls it."""

    name: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class Track:
    """A track of the MIDI file that a strip can name: its notes, whether its wheel moves, its controllers."""

    name: str
    notes: int
    bends: bool
    controllers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Stems and buses in order, and the song's time in seconds.

    `key` is the lane that holds, MIDI's or its own. `sections` are none where they cannot be read, which a
    plan refuses. `time` leads from what the session writes in seconds to where it is played at another tempo.
    """

    strips: tuple[StripOverview, ...]
    buses: tuple[BusOverview, ...]
    seconds: float
    bars: tuple[Bar, ...]
    markers: tuple[Moment, ...]
    tempos: tuple[Moment, ...]
    key: tuple[tuple[float, float], ...]
    keys: tuple[Moment, ...]
    sections: tuple[Stretch, ...]
    tracks: tuple[Track, ...]
    error: str = ""
    hint: str = ""
    time: TimeMap | None = None


def of(document: Document) -> Overview:
    """What the session's strips and its time are; what cannot be read is told, not raised."""
    try:
        timeline, error, hint = timeline_of(document), "", ""
        key = timeline.key()
    except SvcfxError as raised:
        timeline, key, error, hint = Timeline(), Lane.constant(0.0), raised.message, raised.hint
    names = stem_names(document.session.stems)
    strips = tuple(_strip(document, timeline, at, name) for at, name in enumerate(names))
    end = max((strip.start_seconds + strip.seconds for strip in strips), default=0.0) or EMPTY_SECONDS
    return Overview(
        strips=strips,
        buses=tuple(
            BusOverview(
                at, bus.name, routing.feeding(bus.name, document.session.stems, document.session.buses)
            )
            for at, bus in enumerate(document.session.buses)
        ),
        seconds=end,
        bars=grid.bars(timeline, end),
        markers=tuple(Moment(at, text) for at, text in grid.markers(timeline)),
        tempos=tuple(Moment(at, f"{bpm:.4g} bpm", bpm) for at, bpm in grid.tempos(timeline)),
        key=key.points,
        keys=tuple(
            Moment(part.start_seconds, f"{part.semitones:+g} st", part.semitones) for part in key_spans(key)
        ),
        sections=_sections(document, timeline, end),
        tracks=_tracks(timeline),
        error=error,
        hint=hint,
        time=timeline.time,
    )


def _sections(document: Document, timeline: Timeline, end_seconds: float) -> tuple[Stretch, ...]:
    """Those that begin before the song ends."""
    try:
        found = sections.of(document.session, timeline)
    except SessionError:
        return ()
    return tuple(
        Stretch(part.name, part.start_seconds, min(part.end_seconds, end_seconds))
        for part in found
        if part.start_seconds < end_seconds
    )


def _tracks(timeline: Timeline) -> tuple[Track, ...]:
    """Those with a name and something to play."""
    tracks = timeline.song.tracks if timeline.song else ()
    found = (Track(one.name, len(one.notes), bool(one.bends), one.controllers) for one in tracks if one.name)
    return tuple(one for one in found if one.notes or one.bends or one.controllers)


def timeline_of(document: Document, *, as_recorded: bool = False) -> Timeline:
    """The session's time; `as_recorded` without the tempo that it is to be played at.

    Raises:
        SessionError, MidiError: Its MIDI file is missing or wrong.
    """
    session = document.session
    path = document.reach.find(session.midi.file, "midi.file") if session.midi else None
    timeline = Timeline.recorded(session.midi, path, session.tempo, session.key)
    if as_recorded or session.tempo is None:
        return timeline
    return timeline.at_tempo(document.reach.find(session.tempo.to, "tempo.to") if session.tempo.to else None)


def _strip(document: Document, timeline: Timeline, at: int, name: str) -> StripOverview:
    model, key = document.session.stems[at], f"stems[{at + 1}]"
    try:
        if model.file is None:
            return _played(document, timeline, at, name)
        start = timeline.start_of(model, key)
        info = audio.probe(document.reach.find(model.file, f"{key}.file"))
    except SvcfxError as error:
        return _broken(model, at, name, error)
    time = timeline.of_file(start, info.seconds)
    seconds = info.seconds if time is None else time.played(info.seconds)
    return StripOverview(
        at, name, start, seconds, info.sample_rate, info.channels, model.follows_key, "", "", time
    )


def _played(document: Document, timeline: Timeline, at: int, name: str) -> StripOverview:
    """A strip whose track an instrument plays."""
    model, song = document.session.stems[at], timeline.song
    if song is None or model.track is None:
        raise SessionError(f"stems[{at + 1}].track names a track, but the session names no MIDI file")
    notes = midi.sounded(song, model.track)
    end = max(note.end_seconds for note in notes) + timeline.offset_seconds
    return StripOverview(at, name, 0.0, max(end, 0.0), 0, 2, model.follows_key, "", "")


def _broken(model: Stem, at: int, name: str, error: SvcfxError) -> StripOverview:
    start = model.start_seconds or 0.0
    return StripOverview(at, name, start, 0.0, 0, 0, model.follows_key, error.message, error.hint)
