"""The song's time: bars into seconds, the key over time, and lanes that a session writes."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from svcfx import midi
from svcfx.errors import SessionError
from svcfx.lanes import Curve, Lane, Seconds, Values
from svcfx.session import retiming
from svcfx.session.model import KeyModel, MidiModel, Tempo
from svcfx.session.retiming import Retimed
from svcfx.session.strip_model import LaneModel, Stem
from svcfx.time_map import TimeMap

GLIDE_MS = 10.0
_TICKS = 480
_MOST_LISTED = 40


@dataclass(frozen=True, slots=True)
class Sum:
    """Curves added up: a voice's own transposition, the song's key, a singer's bend."""

    curves: tuple[Curve, ...]

    def at(self, seconds: Seconds) -> Values:
        """Values at `seconds`, same shape."""
        return np.asarray(sum(curve.at(seconds) for curve in self.curves), np.float64)

    def shift(self, seconds: float) -> "Sum":
        """The same curve, later by `seconds`."""
        return Sum(tuple(curve.shift(seconds) for curve in self.curves))

    @property
    def is_constant(self) -> bool:
        """Whether no part ever moves."""
        return all(curve.is_constant for curve in self.curves)


@dataclass(frozen=True, slots=True)
class Moved:
    """Notes by number, moved by whole semitones of other curves where there is a note, which 0 is not."""

    notes: Curve
    by: Sum

    def at(self, seconds: Seconds) -> Values:
        """Values at `seconds`, same shape."""
        notes = self.notes.at(seconds)
        return np.where(notes > 0, notes + np.round(self.by.at(seconds)), 0.0)

    def shift(self, seconds: float) -> "Moved":
        """The same curve, later by `seconds`."""
        return Moved(self.notes.shift(seconds), self.by.shift(seconds))

    @property
    def is_constant(self) -> bool:
        """Whether neither ever moves."""
        return self.notes.is_constant and self.by.is_constant


@dataclass(frozen=True, slots=True)
class KeySpan:
    """A stretch of the song in one key."""

    start_seconds: float
    semitones: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The song's tempo map and key. Without MIDI or a tempo there are no bars; without MIDI or a key of the
    session's own, the key stays. Where another tempo is played, all is in its time."""

    midi_model: MidiModel | None = None
    song: midi.MidiSong | None = None
    tempo: Tempo | None = None
    own_key: KeyModel | None = None
    retimed: Retimed | None = None

    @classmethod
    def recorded(
        cls,
        model: MidiModel | None,
        path: Path | None,
        tempo: Tempo | None = None,
        own_key: KeyModel | None = None,
    ) -> "Timeline":
        """Read the session's MIDI file; `tempo` and `own_key` are what the session says itself.

        Raises:
            MidiError: It is missing, or none that svcfx reads.
        """
        song = midi.read(path) if model is not None and path is not None else None
        return cls(model if song is not None else None, song, tempo, own_key)

    def at_tempo(self, to: Path | None = None) -> "Timeline":
        """The song as it is played, at the session's ratio or at the tempos of the MIDI file `to`.

        Raises:
            MidiError: The file is missing, or none that svcfx reads.
            SessionError: It is no map of this song, or leads beyond what can be played.
        """
        other = midi.read(to) if to is not None else None
        if self.song is not None and other is not None:
            retiming.check_length(self.song, other)
        found = retiming.retimed(self.tempo, self.tempo_map, self.offset_seconds, other)
        song = self.song.in_time(found.tempo_map) if self.song and found and found.tempo_map else self.song
        return replace(self, song=song, retimed=found)

    @property
    def time(self) -> TimeMap | None:
        """Where each second of the recording is played; None where the recording's time is the song's."""
        return self.retimed.time if self.retimed is not None else None

    def played(self, seconds: float) -> float:
        """Song second of one of the recording, which is what a session writes."""
        return self.time.played(seconds) if self.time is not None else seconds

    def of_file(self, start: float, seconds: float) -> TimeMap | None:
        """The time of a recording that lasts `seconds` and begins at song second `start`: from its own
        seconds to those since it began."""
        if self.time is None or not seconds:
            return None
        recorded = self.time.recorded(start)
        return self.time.within(recorded, recorded + seconds)

    @property
    def tempo_map(self) -> midi.TempoMap | None:
        """Where bars and beats are, in seconds before `offset_seconds`; None without MIDI or a tempo."""
        if self.retimed is not None:
            return self.retimed.tempo_map
        if self.song is not None:
            return self.song.tempo_map
        if self.tempo is None or self.tempo.bpm is None:
            return None
        return _steady(self.tempo.bpm, self.tempo.beats_per_bar)

    @property
    def offset_seconds(self) -> float:
        """Song second at which the tempo map's second 0 lies."""
        if self.retimed is not None:
            return self.retimed.offset_seconds
        given = self.midi_model if self.song is not None else self.tempo
        return given.offset_seconds if given is not None else 0.0

    def seconds_of_bar(self, bar: float, key: str) -> float:
        """Song second at which `bar` (from 1, fractions allowed) begins; `key` asks."""
        tempo_map, whole = self.tempo_map, int(bar)
        if tempo_map is None:
            raise SessionError(
                f"{key} counts bars, but the session names no MIDI file",
                hint='add [midi] with file = "song.mid" or [tempo] with bpm = 120, or write seconds',
            )
        first, last = (tempo_map.tick(tempo_map.seconds_of_bar(number)) for number in (whole, whole + 1))
        return tempo_map.seconds(first + (bar - whole) * (last - first)) + self.offset_seconds

    def bar_of(self, seconds: float) -> float:
        """The bar, with fraction, of a song second: the inverse of `seconds_of_bar`, where there are bars."""
        tempo_map = self.tempo_map
        assert tempo_map is not None
        at = seconds - self.offset_seconds
        whole = max(tempo_map.bar_beat(at).bar, 1)
        first, last = (tempo_map.tick(tempo_map.seconds_of_bar(number)) for number in (whole, whole + 1))
        return whole + (tempo_map.tick(at) - first) / (last - first)

    def start_of(self, stem: Stem, key: str) -> float:
        """Song second at which a stem's first sample sounds.

        Raises:
            SessionError: Bars without MIDI, or a bar that the offset puts before the song.
        """
        if stem.start_bar is None:
            return self.played(stem.start_seconds or 0.0)
        start = self.seconds_of_bar(stem.start_bar, f"{key}.start_bar")
        if start < 0:
            raise SessionError(
                f"{key}.start_bar is {stem.start_bar:g}, which {self._offset} puts at {start:.3f} s; "
                "a stem starts at 0 s or later"
            )
        return start

    @property
    def _offset(self) -> str:
        return "midi.offset_seconds" if self.song is not None else "tempo.offset_seconds"

    def lane(self, model: LaneModel, key: str) -> Lane:
        """A lane of the session, in song seconds."""
        bars = model.unit == "bars"
        first = model.points[0][0]
        if bars and first < 1:
            raise SessionError(f"{key}.points begins at bar {first:g}, bars count from 1")
        times = [time for time, _ in model.points]
        if bars:
            times = [self.seconds_of_bar(time, key) for time in times]
        elif self.time is not None:
            times = self.time.played_at(np.array(times)).tolist()
        points = tuple((time, value) for time, (_, value) in zip(times, model.points, strict=True))
        return Lane(points, model.interpolation, model.smooth_ms)

    def key(self) -> Lane:
        """The song's transposition in semitones, in song seconds.

        Raises:
            MidiError: The key's track or controller is not there.
            SessionError: The session's own key counts bars, and nothing says where they are.
        """
        if self.own_key is not None:
            return self.lane(self.own_key, "key")
        if self.song is None or self.midi_model is None:
            return Lane.constant(0.0)
        model = self.midi_model
        if model.key_from != "cc" or model.key_cc is None:
            lane = midi.key_lane(self.song, model.key_from, track=self._named_track(), glide_ms=GLIDE_MS)
        else:
            lane = midi.cc_lane(
                self.song, model.key_track, model.key_cc, -64, 63, centre=0, smooth_ms=GLIDE_MS
            )
        return lane.shift(self.offset_seconds)

    def _named_track(self) -> str | None:
        """The key track if the session names one: that one must be there, a track `key` need not."""
        model = self.midi_model
        return model.key_track if model is not None and "key_track" in model.model_fields_set else None

    def doubts(self) -> tuple[str, ...]:
        """Why the key may not be the one that was meant."""
        song, model = self.song, self.midi_model
        if song is None or model is None or self.own_key is not None:
            return ()
        asked = "key_from" in model.model_fields_set and model.key_from == "track"
        if asked and self._named_track() is None and not song.has_track(model.key_track):
            near = song.like(model.key_track)
            names = ", ".join(track.name for track in song.tracks[:_MOST_LISTED])
            return (
                f"midi.key_from is 'track', but '{song.name}' has no track named '{model.key_track}'{near}: "
                f"the key stays as it is; its tracks are {names}",
            )
        return midi.doubts(song, model.key_from, track=self._named_track())

    def range_of(self, bars: str) -> tuple[float, float]:
        """Song seconds from the start of the first to the end of the last bar of "17-25" (or "17").

        Raises:
            SessionError: It is no such range, or the session has no MIDI file.
        """
        match = re.fullmatch(r"\s*(\d{1,6})\s*(?:-\s*(\d{1,6})\s*)?", bars)
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else 0
        if not 1 <= first <= last:
            raise SessionError(f"`bars` is '{bars}', must be a range of bars from 1, such as 17-25")
        start, end = (self.seconds_of_bar(bar, "`bars`") for bar in (first, last + 1))
        if end <= 0:
            raise SessionError(f"`bars` is '{bars}', which {self._offset} puts before the song")
        return max(start, 0.0), end


@lru_cache(maxsize=64)
def _steady(bpm: float, beats_per_bar: int) -> midi.TempoMap:
    """One tempo and one measure all through; asked at each point of a lane in bars."""
    quarters = (midi.TempoChange(0, round(60e6 / bpm)),)
    return midi.TempoMap(_TICKS, quarters, (midi.TimeSignature(0, beats_per_bar, 4),))


def key_spans(key: Lane) -> tuple[KeySpan, ...]:
    """The stretches of one key, each from where its change begins."""
    found: list[KeySpan] = []
    for start, semitones in key.points:
        if not found or found[-1].semitones != semitones:
            found.append(KeySpan(start, semitones))
    return tuple(found)
