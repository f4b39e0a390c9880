"""What a stem plays, as a session says it: its file, or its track of the MIDI file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from svcfx import audio
from svcfx.errors import InputError, SessionError
from svcfx.events import Events
from svcfx.lanes import Curve, Lane
from svcfx.session import instruments
from svcfx.session.document import Document
from svcfx.session.instrument_model import Instrument
from svcfx.session.instruments import PluginFiles
from svcfx.session.strip import ClipPlan, Way
from svcfx.session.strip_model import VOCAL_ROLES, Stem
from svcfx.session.timeline import Timeline

CHANNELS = 2
PLAYED_RATE = 44_100
"""Of a session of instruments alone that names none."""


def sample_rate_of(document: Document) -> int:
    """The rate of the session's mix: as it says, else that of its first stem with a file."""
    if document.session.output.sample_rate:
        return document.session.output.sample_rate
    for number, stem in enumerate(document.session.stems, 1):
        if stem.file is not None:
            return audio.probe(document.reach.find(stem.file, f"stems[{number}].file")).sample_rate
    return PLAYED_RATE


@dataclass(frozen=True, slots=True)
class ClipPlanner:
    """Plans the clips of one session's stems."""

    document: Document
    timeline: Timeline
    key: Lane
    allow_plugins: Sequence[Path]
    events: Events

    def recorded(self, model: Stem, key_path: str) -> ClipPlan | None:
        """A stem's file, as it is; None where the stem is a track. At most two channels."""
        if model.file is None:
            return None
        path = self.document.reach.find(model.file, f"{key_path}.file")
        info = audio.probe(path)
        if info.channels > CHANNELS:
            raise SessionError(
                f"{key_path}.file is '{model.file}' with {info.channels} channels, allowed are 1 and 2"
            )
        start = self.timeline.start_of(model, key_path)
        time = self.timeline.of_file(start, info.seconds)
        return ClipPlan(model.file, path, info, start, model.follows_key, "as it is", time=time)

    def keyed(self, recorded: ClipPlan | None, model: Stem, key_path: str, has_voice: bool) -> ClipPlan:
        """What a stem plays, its file or its track of the MIDI file, with how it follows the key."""
        way = _way(model, self.key, has_voice)
        return (
            self._played(model, key_path, way, has_voice) if recorded is None else replace(recorded, way=way)
        )

    def _played(self, model: Stem, key_path: str, way: Way, has_voice: bool) -> ClipPlan:
        """What an instrument plays."""
        named = self.document.session.midi
        assert named is not None
        assert model.track is not None
        assert model.instrument is not None
        moved: list[Curve] = [Lane.constant(0.0 if has_voice else model.semitones or 0.0)]
        moved += [self.key] if way == "notes" else []
        files = self._files(model.instrument, f"{key_path}.instrument")
        score = instruments.score(
            model.instrument, model.track, self.timeline, moved, key_path, files, self.events
        )
        rate = sample_rate_of(self.document)
        info = audio.AudioInfo(ceil(score.end_seconds * rate), rate, CHANNELS)
        path = self.document.reach.find(named.file, "midi.file")
        return ClipPlan(f"{named.file}: {model.track}", path, info, 0.0, model.follows_key, way, score)

    def _files(self, model: Instrument, key_path: str) -> PluginFiles:
        """What of an instrument lies in files: a plugin by path is to be allowed by the user."""
        state = None if model.state is None else self.document.reach.find(model.state, f"{key_path}.state")
        if model.file is None:
            return PluginFiles(None, state)
        from svcfx.preset import reach

        try:
            return PluginFiles(reach.plugin_file(self.document.path, model.file, self.allow_plugins), state)
        except InputError as error:
            raise SessionError(f"{key_path}.{error.message}", hint=error.hint) from error


def _way(model: Stem, key: Lane, has_voice: bool) -> Way:
    moves = model.follows_key and any(semitones != 0.0 for _, semitones in key.points)
    if has_voice:
        return "voice"
    if not moves:
        return "as it is"
    if model.track is not None:
        return "notes"
    return "stretch with formants" if model.role in VOCAL_ROLES else "stretch"
