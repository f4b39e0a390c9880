"""What a bounce is going to do, settled before a sample is computed, so that mistakes show early.

A plan is plain data: it holds no board and no weights, and rendering changes nothing in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from svcfx.errors import SessionError
from svcfx.events import Kept, Note
from svcfx.lanes import Lane
from svcfx.session import clips, contents, midi_notes, named_presets, overview, sections, singers, strip_plan
from svcfx.session.document import Document
from svcfx.session.routing import Routing
from svcfx.session.sections import Section
from svcfx.session.strip import Strip
from svcfx.session.strip_plan import Planner
from svcfx.session.timeline import KeySpan, Timeline, key_spans

_SUM_COST = 0.03
"""Seconds for one second of the song that go to the sum, its loudness and the files."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole bounce. `frames` counts the mix with its tail, at `sample_rate`.

    Stems come in the session's order, each bus behind those that feed it.
    """

    document: Document
    timeline: Timeline
    key: Lane
    stems: tuple[Strip, ...]
    buses: tuple[Strip, ...]
    master: Strip
    sections: tuple[Section, ...]
    sample_rate: int
    frames: int
    notes: tuple[Note, ...]
    cut: tuple[int, int] | None

    @property
    def keys(self) -> tuple[KeySpan, ...]:
        """The song's keys."""
        return key_spans(self.key)

    @property
    def heard(self) -> tuple[Strip, ...]:
        """Stems that sound: not muted, and soloed when any is."""
        return tuple(stem for stem in self.stems if stem.heard)

    @property
    def heard_buses(self) -> tuple[Strip, ...]:
        """Buses that sound."""
        return tuple(bus for bus in self.buses if bus.heard)

    @property
    def has_parts(self) -> bool:
        """Whether a stem that sounds sings harmonies or doubles of itself."""
        return len({strip.recording.file for strip in self.heard}) < len(self.heard)

    @property
    def at_work(self) -> tuple[Strip, ...]:
        """Every strip that sounds, each behind those that feed it; the master is the last."""
        return (*self.heard, *self.heard_buses, self.master)

    def named(self, name: str) -> Strip:
        """The stem or bus of that name."""
        return next(strip for strip in (*self.stems, *self.buses) if strip.name == name)

    @property
    def estimated_seconds(self) -> float:
        """A rough time for the work, on two cores."""
        song = self.frames / self.sample_rate
        return 2.0 + song * (sum(strip.cost for strip in self.at_work) + _SUM_COST)

    @property
    def estimated_bytes(self) -> int:
        """Audio held at the worst moment: the mix, what buses hear, and one strip in a few states."""
        return self.frames * 2 * (8 + 8 + 4 * 5 + 8 * len(self.heard_buses))


def make(
    document: Document, *, bars: str | None = None, allow_plugins: Sequence[Path] = (), device: str = ""
) -> Plan:
    """Plan a session.

    Args:
        document: The session.
        bars: A range such as "17-25": this much of the song is written.
        allow_plugins: Plug-in files that presets may load by path.
        device: Where networks of voices run, such as "cpu"; "" is where each runs by itself.

    Raises:
        SvcfxError: Whatever is wrong with the session, its files, presets or lanes.
    """
    session, kept = document.session, Kept()
    named_presets.foresee(document)
    timeline = overview.timeline_of(document)
    key = timeline.key()
    routing, parts = Routing(session.stems, session.buses), sections.of(session, timeline)
    planner = Planner(document, timeline, key, allow_plugins, device, kept, routing, parts)
    opened = planner.every()
    strips = [strip for strip, _ in opened]
    _refuse_twice(strips[:-1])  # a stem may be called as the master is
    stems = tuple(strip for strip in strips if strip.clip)
    sample_rate = clips.sample_rate_of(document)
    frames = round(_end_seconds(document, stems) * sample_rate)
    for strip, board in opened:
        strip_plan.check(strip, board, frames, sample_rate)
        contents.give_back(board)
    *buses, master = strips[len(stems) :]
    notes = (
        *_tempo_notes(timeline, frames / sample_rate),
        *_notes(stems, sample_rate),
        *_unfed(routing),
        *midi_notes.of(timeline, key, stems, buses),
        *_licence_notes(strips),
        *kept.notes,
    )
    cut = _cut(timeline, bars, sample_rate, frames)
    return Plan(document, timeline, key, stems, tuple(buses), master, parts, sample_rate, frames, notes, cut)


def _end_seconds(document: Document, stems: Sequence[Strip]) -> float:
    """Where the mix ends, with its tail."""
    ends = [stem.recording.end_seconds for stem in stems if stem.heard]
    if not ends:
        ways = ", or its way to the master is" if document.session.buses else ""
        raise SessionError(f"'{document.path}': every stem is muted{ways}, there is nothing to mix")
    return max(ends) + document.session.master.tail_seconds


def _notes(stems: Sequence[Strip], sample_rate: int) -> list[Note]:
    notes = []
    heard = [(stem.name, stem.recording) for stem in stems if stem.heard]
    for name, clip in heard:
        if clip.info.sample_rate != sample_rate:
            rates = f"{clip.info.sample_rate} to {sample_rate} Hz"
            notes.append(Note("resampled", f"stem '{name}' is resampled from {rates}"))
    ends = {round(clip.end_seconds, 3) for _, clip in heard}
    if len(ends) > 1:
        last = max(ends)
        short = [name for name, clip in heard if round(clip.end_seconds, 3) < last]
        notes.append(Note("padded", f"stems that end before {last:.2f} s are padded: {', '.join(short)}"))
    return notes


def _tempo_notes(timeline: Timeline, seconds: float) -> list[Note]:
    if timeline.retimed is None:
        return []
    before = timeline.retimed.time.recorded(seconds)
    return [
        Note("tempo", f"the song is played {timeline.retimed.said}: {before:.2f} s become {seconds:.2f} s")
    ]


def _refuse_twice(strips: Sequence[Strip]) -> None:
    """Refuse a stem or a bus that is called as a part of a stem is."""
    named: dict[str, str] = {}
    for strip in strips:
        if strip.name in named:
            raise SessionError(
                f"{named[strip.name]} and {strip.key_path} are both named '{strip.name}'",
                hint="give the stem or the bus another name",
            )
        named[strip.name] = strip.key_path


def _unfed(routing: Routing) -> list[Note]:
    silent = [name for name in routing.buses if not routing.has_feeds(name)]
    return [Note("silent", f"bus '{name}' is silent: no strip goes or sends there") for name in silent]


def _licence_notes(strips: Sequence[Strip]) -> list[Note]:
    heard = {voice.name: voice for strip in strips if strip.heard for voice in strip.used}
    return singers.licence_notes(list(heard.values()))


def _cut(timeline: Timeline, bars: str | None, sample_rate: int, frames: int) -> tuple[int, int] | None:
    if bars is None:
        return None
    start, end = timeline.range_of(bars)
    first, last = round(start * sample_rate), min(round(end * sample_rate), frames)
    if first >= frames:
        raise SessionError(f"`bars` is '{bars}', which begins at {start:.2f} s, after the song's end")
    return first, last
