"""MIDI tracks that instruments play: what a plan holds of one, and its samples.

Notes follow the song's key: the synth's glide with it, a VST3's begin in the key of their first moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from svcfx import audio, midi
from svcfx.audio import Samples
from svcfx.dsp import synth
from svcfx.dsp.synth import Sound, Tone
from svcfx.errors import SessionError
from svcfx.events import Events, Note, go_on
from svcfx.lanes import Curve, Lane
from svcfx.render import keys
from svcfx.session.instrument_model import Instrument
from svcfx.session.timeline import Sum, Timeline

MOST_AT_ONCE = 128
"""Notes that sound at one time, in the mean of the whole track."""


class Score(Protocol):
    """What an instrument plays."""

    @property
    def end_seconds(self) -> float:
        """Song second at which it is silent again."""
        ...

    @property
    def used(self) -> tuple[str | int, ...]:
        """What of its track it plays, as `midi.Used` says it."""
        ...

    def key(self) -> str:
        """What its samples depend on; raises `Unkeyable` where nobody can say."""
        ...

    def sounds(self, seconds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Whether a note is held at each of these song seconds."""
        ...

    def play(self, frames: int, sample_rate: int, events: Events) -> Samples:
        """Its samples from the song's beginning, shape (2, `frames`)."""
        ...


@dataclass(frozen=True, slots=True)
class SynthScore:
    """Tones of each channel, with what moves their pitch, and the sound of all."""

    channels: tuple[tuple[tuple[Tone, ...], Curve], ...]
    sound: Sound

    @property
    def end_seconds(self) -> float:
        """As `Score`."""
        shortest, ringing = self.sound.attack_ms * 1e-3, self.sound.release_ms * 1e-3
        ends = (
            max(tone.end_seconds, tone.start_seconds + shortest)
            for tones, _ in self.channels
            for tone in tones
        )
        return max(ends) + ringing

    @property
    def used(self) -> tuple[str | int, ...]:
        """As `Score`."""
        return "notes", "bend", midi.SUSTAIN

    def key(self) -> str:
        """As `Score`."""
        seconds = self.end_seconds
        return keys.digest(
            "synth",
            synth.VERSION,
            [(tones, keys.within(moved, seconds)) for tones, moved in self.channels],
            self.sound,
        )

    def sounds(self, seconds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """As `Score`."""
        return _held(
            [(tone.start_seconds, tone.end_seconds) for tones, _ in self.channels for tone in tones], seconds
        )

    def play(self, frames: int, sample_rate: int, events: Events) -> Samples:
        """As `Score`."""
        mono = np.zeros(frames)
        for tones, moved in self.channels:
            mono += synth.play(tones, moved, self.sound, frames, sample_rate, lambda: go_on(events))
        return np.repeat(mono.astype(np.float32)[np.newaxis], 2, axis=0)


def score(
    model: Instrument,
    track: str,
    timeline: Timeline,
    moved: Sequence[Curve],
    key_path: str,
    events: Events,
) -> Score:
    """What the instrument plays of a track of the song's MIDI file.

    Args:
        model: The instrument.
        track: The track's name.
        timeline: The song's time.
        moved: What its notes are moved by, in semitones over song seconds.
        key_path: Where the session says it, such as `stems[2]`.
        events: Is told what is left out.

    Raises:
        MidiError: The track is not there, or has no notes.
        SessionError: Its notes are drums, too many, or none lies in the song.
    """
    song = timeline.song
    assert song is not None, "a track was asked for before the MIDI file was"
    notes = midi.sounded(song, track)
    made = _synth_score(model, notes, track, timeline, moved, key_path, events)
    if made.end_seconds > audio.MAX_SECONDS:
        raise SessionError(
            f"{key_path}.track is '{track}', which ends at {made.end_seconds / 3600:.1f} hours, "
            f"at most {audio.MAX_SECONDS // 3600} are rendered"
        )
    return made


def _synth_score(
    model: Instrument,
    notes: Sequence[midi.Sounded],
    track: str,
    timeline: Timeline,
    moved: Sequence[Curve],
    key_path: str,
    events: Events,
) -> SynthScore:
    song = timeline.song
    assert song is not None
    drums = sum(note.channel == midi.DRUMS for note in notes)
    if drums:
        raise SessionError(
            f"{key_path}.track is '{track}', and {drums} of its {len(notes)} notes are on channel "
            f"{midi.DRUMS}, where General MIDI has drums: the synth plays pitches",
            hint="move them to another channel, or give the track to a VST3 that has drums",
        )
    tones = _in_song(notes, track, timeline.offset_seconds, key_path, events)
    _refuse_flood(tones, track, key_path)
    channels = []
    for channel in sorted({note.channel for note in tones}):
        own = tuple(
            Tone(note.start_seconds, note.end_seconds, note.number, note.velocity)
            for note in tones
            if note.channel == channel
        )
        channels.append((own, Sum((*moved, *_wheel(song, track, channel, timeline, events)))))
    sound = Sound(model.waveform, model.attack_ms, model.decay_ms, model.sustain, model.release_ms)
    return SynthScore(tuple(channels), sound)


def _in_song(
    notes: Sequence[midi.Sounded], track: str, offset_seconds: float, key_path: str, events: Events
) -> list[midi.Sounded]:
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
        raise SessionError(f"{key_path}.track is '{track}', and all its notes lie before the song begins")
    if early := len(shifted) - len(inside):
        events.note(
            Note("midi-ignored", f"track '{track}': {early} notes before the song's second 0 are left out")
        )
    return inside


def _refuse_flood(notes: Sequence[midi.Sounded], track: str, key_path: str) -> None:
    """Refuse a file that would keep the machine busy for days."""
    sounding = sum(note.end_seconds - note.start_seconds for note in notes)
    span = max(note.end_seconds for note in notes) - min(note.start_seconds for note in notes)
    if sounding > MOST_AT_ONCE * max(span, 1.0):
        raise SessionError(
            f"{key_path}.track is '{track}', where {sounding / max(span, 1.0):,.0f} notes sound at once in "
            f"the mean, at most {MOST_AT_ONCE} are played"
        )


def _wheel(song: midi.Song, track: str, channel: int, timeline: Timeline, events: Events) -> tuple[Lane, ...]:
    """What the pitch wheel of one channel of a track does, in song seconds."""
    part = song.track(track)
    bends = tuple(bend for bend in part.bends if bend.channel == channel)
    if not bends:
        return ()
    controls = tuple(control for control in part.controls if control.channel == channel)
    own = replace(song, tracks=(replace(part, bends=bends, controls=controls),))
    lane = midi.bend_lane(own, part.name, say=lambda said: events.note(Note("midi-ignored", said)))
    return (lane.shift(timeline.offset_seconds),)


def _held(spans: Sequence[tuple[float, float]], seconds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Whether one of the spans lies over each of `seconds`."""
    begun = np.searchsorted(np.sort([start for start, _ in spans]), seconds, side="right")
    ended = np.searchsorted(np.sort([end for _, end in spans]), seconds, side="right")
    return np.asarray(begun > ended)
