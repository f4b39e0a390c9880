"""What a bounce is going to do, settled before a sample is computed, so that mistakes show early."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from svcfx import audio
from svcfx.errors import SessionError
from svcfx.lanes import Curve, Lane
from svcfx.session import automation, contents, midi_notes, singers
from svcfx.session.automation import Lanes
from svcfx.session.document import Document
from svcfx.session.model import VOCAL_ROLES, Stem, stem_names
from svcfx.session.notes import Note
from svcfx.session.timeline import Section, Timeline, sections

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.preset import Preset

Way = Literal["voice", "stretch", "stretch with formants", "as it is"]
"""How a stem follows the key: its voice sings it, its audio is stretched, or not at all."""

# Seconds of work for one second of a stem on two cores, measured on the bundled song.
_COST = {"stretch": 0.15, "stretch with formants": 0.2, "as it is": 0.0}
_NATIVE_COST = 0.01


@dataclass(frozen=True, slots=True)
class StemPlan:
    """One stem, with its file found, its preset read and its lanes collected. Times are song seconds."""

    model: Stem
    name: str
    key_path: str
    path: Path
    info: audio.AudioInfo
    start_seconds: float
    preset: "Preset | None"
    board: "Board | None"
    lanes: Lanes
    way: Way
    voices: tuple[str, ...]
    heard: bool

    @property
    def board_lanes(self) -> dict[str, Curve]:
        """The board's lanes in seconds from the stem's first sample, key and bend on its voices."""
        board = self.board
        return automation.for_board(
            self.lanes, self.voices, lambda address: contents.value(board, address), self.start_seconds
        )

    @property
    def end_seconds(self) -> float:
        """Where its last sample is."""
        return self.start_seconds + self.info.frames / self.info.sample_rate


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole bounce. `frames` counts the mix with its tail, at `sample_rate`."""

    document: Document
    timeline: Timeline
    key: Lane
    stems: tuple[StemPlan, ...]
    master: "Preset | None"
    master_board: "Board | None"
    master_lanes: Mapping[str, Curve]
    sample_rate: int
    frames: int
    notes: tuple[Note, ...]
    cut: tuple[int, int] | None

    @property
    def sections(self) -> tuple[Section, ...]:
        """The song's keys."""
        return sections(self.key)

    @property
    def heard(self) -> tuple[StemPlan, ...]:
        """Stems that sound: not muted, and soloed when any is."""
        return tuple(stem for stem in self.stems if stem.heard)

    @property
    def estimated_seconds(self) -> float:
        """A rough time for the work, on two cores."""
        song = self.frames / self.sample_rate
        each = (_cost(stem) + _NATIVE_COST * (stem.preset is not None) for stem in self.heard)
        return 2.0 + song * (sum(each) + 3 * _NATIVE_COST)

    @property
    def estimated_bytes(self) -> int:
        """Audio held at the worst moment: the mix, and one stem in a few states."""
        return self.frames * 2 * (8 + 8 + 4 * 5)


def make(document: Document, *, bars: str | None = None, allow_plugins: Sequence[Path] = ()) -> Plan:
    """Plan a session.

    Args:
        document: The session.
        bars: A range such as "17-25": the song is rendered whole and only this much is kept.
        allow_plugins: Plug-in files that presets may load by path.

    Raises:
        SvcfxError: Whatever is wrong with the session, its files, presets or lanes.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        made = _made(document, bars, allow_plugins)
    said = [str(item.message) for item in caught]
    changed = dict.fromkeys(text for text in said if text.startswith("preset '"))
    notes = tuple(Note("voice-changed", text) for text in changed)
    return replace(made, notes=(*made.notes, *notes))


def _made(document: Document, bars: str | None, allow_plugins: Sequence[Path]) -> Plan:
    session, reach = document.session, document.reach
    midi_path = reach.find(session.midi.file, "midi.file") if session.midi else None
    timeline = Timeline.read(session.midi, midi_path)
    key = timeline.key()
    names = stem_names(session.stems)
    stems = tuple(
        _stem(document, number, name, timeline, key, allow_plugins) for number, name in enumerate(names)
    )
    sample_rate = session.output.sample_rate or stems[0].info.sample_rate
    heard = [stem for stem in stems if stem.heard]
    if not heard:
        raise SessionError(f"'{document.path}': every stem is muted, there is nothing to mix")
    end = max(stem.end_seconds for stem in heard) + session.master.tail_seconds
    frames = round(end * sample_rate)
    master = contents.load_preset(document, session.master.preset, "master.preset", allow_plugins)
    lanes = {
        address: timeline.lane(model, f"master.automation.{address}")
        for address, model in session.master.automation.items()
    }
    board = contents.build(master)
    contents.check_lanes(board, lanes, frames, sample_rate, "master.automation")
    contents.check_channels(board, 2, "master.preset")
    for stem in stems:
        contents.check_channels(stem.board, 2, f"{stem.key_path}.preset")
        left = max(frames - round(stem.start_seconds * sample_rate), 1)
        contents.check_lanes(stem.board, stem.board_lanes, left, sample_rate, f"{stem.key_path}.automation")
    notes = (*_notes(stems, sample_rate), *midi_notes.of(timeline, key, stems), *_licence_notes(stems))
    cut = _cut(timeline, bars, sample_rate, frames)
    return Plan(document, timeline, key, stems, master, board, lanes, sample_rate, frames, notes, cut)


def _stem(
    document: Document, index: int, name: str, timeline: Timeline, key: Lane, allow_plugins: Sequence[Path]
) -> StemPlan:
    model, key_path = document.session.stems[index], f"stems[{index + 1}]"
    path = document.reach.find(model.file, f"{key_path}.file")
    info = audio.probe(path)
    if info.channels > 2:
        raise SessionError(
            f"{key_path}.file is '{model.file}' with {info.channels} channels, allowed are 1 and 2"
        )
    preset = contents.load_preset(document, model.preset, f"{key_path}.preset", allow_plugins)
    board = contents.build(preset, seed=document.session.seed)
    start = timeline.start_of(model, key_path)
    lanes = automation.stem_lanes(
        model,
        key_path,
        timeline,
        key,
        lambda address: contents.range_of(board, address),
        contents.cc_of(preset),
    )
    voices = contents.first_voices(board)
    if model.bend_track and not voices:
        raise SessionError(f"{key_path}.bend_track bends a voice, but the stem's preset has none")
    if model.transpose and not voices:
        raise SessionError(f"{key_path}.transpose moves a voice, but the stem's preset has none")
    way = _way(model, key, bool(voices))
    soloed = any(stem.solo for stem in document.session.stems)
    heard = not model.mute and (model.solo or not soloed)
    return StemPlan(model, name, key_path, path, info, start, preset, board, lanes, way, voices, heard)


def _cost(stem: StemPlan) -> float:
    """Seconds of work for one second of a stem."""
    if stem.way != "voice":
        return _COST[stem.way]
    assert stem.board is not None
    return float(sum(contents.node(stem.board, address).cost for address in contents.voices(stem.board)))


def _way(model: Stem, key: Lane, has_voice: bool) -> Way:
    moves = model.follows_key and any(semitones != 0.0 for _, semitones in key.points)
    if has_voice:
        return "voice"
    if not moves:
        return "as it is"
    return "stretch with formants" if model.role in VOCAL_ROLES else "stretch"


def _notes(stems: Sequence[StemPlan], sample_rate: int) -> list[Note]:
    notes = []
    for stem in stems:
        if stem.heard and stem.info.sample_rate != sample_rate:
            rates = f"{stem.info.sample_rate} to {sample_rate} Hz"
            notes.append(Note("resampled", f"stem '{stem.name}' is resampled from {rates}"))
    ends = {round(stem.end_seconds, 3) for stem in stems if stem.heard}
    if len(ends) > 1:
        last = max(ends)
        short = [stem.name for stem in stems if stem.heard and round(stem.end_seconds, 3) < last]
        notes.append(Note("padded", f"stems that end before {last:.2f} s are padded: {', '.join(short)}"))
    return notes


def _licence_notes(stems: Sequence[StemPlan]) -> list[Note]:
    heard = {voice.name: voice for stem in stems if stem.heard for voice in singers.used(stem.board)}
    return singers.licence_notes(list(heard.values()))


def _cut(timeline: Timeline, bars: str | None, sample_rate: int, frames: int) -> tuple[int, int] | None:
    if bars is None:
        return None
    start, end = timeline.range_of(bars)
    first, last = round(start * sample_rate), min(round(end * sample_rate), frames)
    if first >= frames:
        raise SessionError(f"--bars is '{bars}', which begins at {start:.2f} s, after the song's end")
    return first, last
