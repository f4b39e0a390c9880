"""MIDI tracks that instruments play: from the track and the song's time to what is played.

Notes follow the song's key: the synth's glide with it, a VST3's begin in the key of their first moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from svcfx import audio, midi
from svcfx.dsp.synth import SETTLED_SECONDS, SynthSound, Tone
from svcfx.errors import InputError, SessionError
from svcfx.events import Code, Events, Note
from svcfx.lanes import Curve, Lane
from svcfx.session.instrument_model import Instrument
from svcfx.session.scores import PluginScore, SynthScore, TrackScore
from svcfx.session.timeline import Sum, Timeline

MOST_AT_ONCE = 128
"""Notes that sound at one time, in the mean of the whole track."""
_WHOLE = 0.01
"""Semitones so near to a whole number are that."""


@dataclass(frozen=True, slots=True)
class PluginFiles:
    """Files of a VST3: itself, where it is not installed, and a .vstpreset."""

    plugin: Path | None = None
    state: Path | None = None


def score(
    model: Instrument,
    track: str,
    timeline: Timeline,
    moved: Sequence[Curve],
    key_path: str,
    files: PluginFiles,
    events: Events,
) -> TrackScore:
    """What the instrument plays of a track of the song's MIDI file.

    Args:
        model: The instrument.
        track: The track's name.
        timeline: The song's time.
        moved: What its notes are moved by, in semitones over song seconds.
        key_path: Where the session says it, such as `stems[2]`.
        files: What of a VST3 lies in files.
        events: Is told what is left out.

    Raises:
        MidiError: The track is not there, or has no notes.
        SessionError: Its notes are drums, too many, or none lies in the song; or the VST3 is none.
    """
    song = timeline.song
    assert song is not None, "a track was asked for before the MIDI file was"
    said = TrackSaid(track, key_path, events)
    notes = _in_song(midi.sounded(song, track), timeline.offset_seconds, said)
    _refuse_flood(notes, said)
    if model.is_plugin:
        return _plugin_score(model, notes, timeline, moved, files, said)
    return _synth_score(model, notes, timeline, moved, said)


@dataclass(frozen=True, slots=True)
class TrackSaid:
    """What sentences about a track begin with, and who hears them."""

    track: str
    key_path: str
    events: Events

    def refused(self, why: str, hint: str = "") -> SessionError:
        """An error."""
        return SessionError(f"{self.key_path}.track is '{self.track}', {why}", hint=hint)

    def note(self, code: Code, text: str) -> None:
        """A note."""
        self.events.note(Note(code, f"track '{self.track}': {text}"))


def _synth_score(
    model: Instrument,
    notes: Sequence[midi.Sounded],
    timeline: Timeline,
    moved: Sequence[Curve],
    said: TrackSaid,
) -> SynthScore:
    drums = sum(note.channel == midi.DRUMS for note in notes)
    if drums:
        raise said.refused(
            f"and {drums} of its {len(notes)} notes are on channel {midi.DRUMS}, where General MIDI has "
            "drums: the synth plays pitches",
            hint="move them to another channel, or give the track to a VST3 that has drums",
        )
    channels = []
    for channel in sorted({note.channel for note in notes}):
        own = tuple(
            Tone(note.start_seconds, note.end_seconds, note.number, note.velocity)
            for note in notes
            if note.channel == channel
        )
        channels.append((own, Sum((*moved, *_wheel(timeline, channel, said)))))
    sound = SynthSound(model.waveform, model.attack_ms, model.decay_ms, model.sustain, model.release_ms)
    return SynthScore(said.track, tuple(channels), sound)


def _plugin_score(
    model: Instrument,
    notes: Sequence[midi.Sounded],
    timeline: Timeline,
    moved: Sequence[Curve],
    files: PluginFiles,
    said: TrackSaid,
) -> PluginScore:
    from svcfx.node import instrument, plugin_state, resting  # here: only a VST3 loads pedalboard

    try:
        state = plugin_state.read(files.state, model.state or "") if files.state else None
        asked = instrument.Asked(model.vst3 or "", files.plugin, state, dict(model.set))
        plugin = instrument.opened(asked)
    except InputError as error:
        raise SessionError(f"{said.key_path}.instrument: {error.message}", hint=error.hint) from error
    name = str(plugin.name)
    resting.give_back([plugin])
    song, by, offset = timeline.song, Sum(tuple(moved)), timeline.offset_seconds
    assert song is not None

    def semitones(note: midi.Note) -> int:
        if note.channel == midi.DRUMS:
            return 0
        start = song.tempo_map.seconds(note.tick) + offset + SETTLED_SECONDS
        exact = float(by.at(np.array([start]))[0])
        if abs(exact - round(exact)) > _WHOLE:
            said.note("midi-doubtful", "its notes move by whole semitones, and the song's key by fractions")
        return round(exact)

    timed = ((seconds + offset, data) for seconds, data in midi.messages(song, said.track, semitones))
    played = tuple((max(seconds, 0.0), data) for seconds, data in timed if seconds >= 0 or _sets(data))
    spans = tuple((note.start_seconds, note.end_seconds) for note in notes)
    return PluginScore(said.track, name, asked, played, spans, model.tail_seconds)


def _sets(data: bytes) -> bool:
    """Whether a message sets something for what comes later: any but a note's beginning."""
    return data[0] & 0xF0 != 0x90


def _in_song(notes: Sequence[midi.Sounded], offset_seconds: float, said: TrackSaid) -> list[midi.Sounded]:
    """Notes in song seconds; those that begin before the song are left out, which is told."""
    shifted = [
        replace(
            note,
            start_seconds=note.start_seconds + offset_seconds,
            end_seconds=note.end_seconds + offset_seconds,
        )
        for note in notes
    ]
    inside = [note for note in shifted if note.start_seconds >= 0]
    if not inside:
        raise said.refused("and all its notes lie before the song begins")
    if early := len(shifted) - len(inside):
        said.note("midi-ignored", f"{early} notes before the song's second 0 are left out")
    return inside


def _refuse_flood(notes: Sequence[midi.Sounded], said: TrackSaid) -> None:
    """Refuse a file that would keep the machine busy for days, or fill it."""
    end = max(note.end_seconds for note in notes)
    sounding = sum(note.end_seconds - note.start_seconds for note in notes)
    at_once = sounding / max(end - min(note.start_seconds for note in notes), 1.0)
    if at_once > MOST_AT_ONCE:
        raise said.refused(
            f"where {at_once:,.0f} notes sound at once in the mean, at most {MOST_AT_ONCE} are played"
        )
    if end > audio.MAX_SECONDS:
        hours = audio.MAX_SECONDS // 3600
        raise said.refused(f"which ends at {end / 3600:.1f} hours, at most {hours} are rendered")


def _wheel(timeline: Timeline, channel: int, said: TrackSaid) -> tuple[Lane, ...]:
    """What the pitch wheel of one channel of a track does, in song seconds."""
    assert timeline.song is not None
    part = timeline.song.track(said.track)
    bends = tuple(bend for bend in part.bends if bend.channel == channel)
    if not bends:
        return ()
    controls = tuple(control for control in part.controls if control.channel == channel)
    own = replace(timeline.song, tracks=(replace(part, bends=bends, controls=controls),))
    lane = midi.bend_lane(own, part.name, say=lambda text: said.events.note(Note("midi-ignored", text)))
    return (lane.shift(timeline.offset_seconds),)
