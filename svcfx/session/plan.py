"""What a bounce is going to do, settled before a sample is computed, so that mistakes show early.

A plan is plain data: it holds no board and no weights, and rendering changes nothing in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from svcfx.errors import SessionError
from svcfx.events import Events, Kept, Note
from svcfx.lanes import Curve, Lane
from svcfx.session import contents, midi_notes, named_presets, singers, stem_plan
from svcfx.session.document import Document
from svcfx.session.stem_plan import StemPlan
from svcfx.session.timeline import Section, Timeline, sections

if TYPE_CHECKING:
    from svcfx.preset import Preset

_NATIVE_COST = 0.01


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole bounce. `frames` counts the mix with its tail, at `sample_rate`."""

    document: Document
    timeline: Timeline
    key: Lane
    stems: tuple[StemPlan, ...]
    master: "Preset | None"
    master_lanes: Mapping[str, Curve]
    master_plugins: tuple[str, ...]
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
        each = (stem.cost + _NATIVE_COST * (stem.preset is not None) for stem in self.heard)
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
    session, reach = document.session, document.reach
    named_presets.foresee(document)
    midi_path = reach.find(session.midi.file, "midi.file") if session.midi else None
    timeline = Timeline.read(session.midi, midi_path, session.tempo, session.key)
    key, kept = timeline.key(), Kept()
    opened = [
        stem_plan.of(document, number, timeline, key, allow_plugins, kept)
        for number in range(len(session.stems))
    ]
    stems = tuple(stem for stem, _ in opened)
    sample_rate = session.output.sample_rate or stems[0].info.sample_rate
    heard = [stem for stem in stems if stem.heard]
    if not heard:
        raise SessionError(f"'{document.path}': every stem is muted, there is nothing to mix")
    end = max(stem.end_seconds for stem in heard) + session.master.tail_seconds
    frames = round(end * sample_rate)
    master, lanes, plugins = _master(document, timeline, allow_plugins, kept, frames, sample_rate)
    for stem, board in opened:
        stem_plan.check(stem, board, frames, sample_rate)
        contents.give_back(board)
    notes = (
        *_notes(stems, sample_rate),
        *midi_notes.of(timeline, key, stems),
        *_licence_notes(stems),
        *kept.notes,
    )
    cut = _cut(timeline, bars, sample_rate, frames)
    return Plan(document, timeline, key, stems, master, lanes, plugins, sample_rate, frames, notes, cut)


def _master(
    document: Document,
    timeline: Timeline,
    allow_plugins: Sequence[Path],
    events: Events,
    frames: int,
    sample_rate: int,
) -> "tuple[Preset | None, dict[str, Curve], tuple[str, ...]]":
    """The master's preset, its lanes and its VST3s."""
    model = document.session.master
    preset, board = named_presets.open_preset(document, model, "master", allow_plugins, events)
    lanes: dict[str, Curve] = {
        address: timeline.lane(lane, f"master.automation.{address}")
        for address, lane in model.automation.items()
    }
    contents.check_lanes(board, lanes, frames, sample_rate, "master.automation")
    contents.check_channels(board, 2, "master.preset")
    contents.give_back(board)
    return preset, lanes, tuple(name for name, _ in contents.externals(board))


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
    heard = {voice.name: voice for stem in stems if stem.heard for voice in stem.used}
    return singers.licence_notes(list(heard.values()))


def _cut(timeline: Timeline, bars: str | None, sample_rate: int, frames: int) -> tuple[int, int] | None:
    if bars is None:
        return None
    start, end = timeline.range_of(bars)
    first, last = round(start * sample_rate), min(round(end * sample_rate), frames)
    if first >= frames:
        raise SessionError(f"--bars is '{bars}', which begins at {start:.2f} s, after the song's end")
    return first, last
