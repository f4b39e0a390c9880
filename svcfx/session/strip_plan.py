"""What a bounce is going to do with each strip, as the session says it; boards are looked at, not kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from svcfx.errors import SessionError
from svcfx.events import Events, Note
from svcfx.lanes import Lane
from svcfx.session import automation, contents, named_presets, parts, sections, singers
from svcfx.session.automation import Lanes
from svcfx.session.clips import ClipPlanner
from svcfx.session.document import Document
from svcfx.session.routing import Routing
from svcfx.session.sections import Section
from svcfx.session.strip import BUS, Send, Strip
from svcfx.session.strip_model import MASTER, Channel, Stem, StripModel, stem_names
from svcfx.session.timeline import Timeline

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.preset import Preset

# Seconds of work for one second of a stem on two cores, measured on the bundled song.
_COST = {"stretch": 0.15, "stretch with formants": 0.2}
_TEMPO_COST = 0.2
_NATIVE_COST = 0.01
_INSTRUMENT_COST = 0.02


def check(strip: Strip, board: "Board | None", frames: int, sample_rate: int) -> None:
    """Refuse what the strip's board cannot play."""
    contents.check_channels(board, 2, f"{strip.key_path}.preset")
    left = max(frames - round(strip.start_seconds * sample_rate), 1)
    lanes = strip.lanes.board if board is None else strip.lanes_on(board, {})
    contents.check_lanes(board, lanes, left, sample_rate, f"{strip.key_path}.automation")


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans the strips of one session. Each comes with its board, for `check`.

    Whatever is wrong with a strip's file, preset or lanes is raised as `SvcfxError`.
    """

    document: Document
    timeline: Timeline
    key: Lane
    allow_plugins: Sequence[Path]
    device: str
    events: Events
    routing: Routing
    sections: Sequence[Section] = ()

    def every(self) -> "list[tuple[Strip, Board | None]]":
        """Stems with their parts, buses, each behind those that feed it, and the master."""
        stems = [self.stem(number) for number in range(len(self.document.session.stems))]
        sung = [part for number, stem in enumerate(stems) for part in self.parts(number, *stem)]
        return [*stems, *sung, *(self.bus(name) for name in self.routing.buses), self.master()]

    def stem(self, index: int) -> "tuple[Strip, Board | None]":
        """The session's stem number `index`, from 0."""
        stems = self.document.session.stems
        model, key_path = stems[index], f"stems[{index + 1}]"
        clips = ClipPlanner(self.document, self.timeline, self.key, self.allow_plugins, self.events)
        recorded = clips.recorded(model, key_path)
        strip, board = self._channel(model, stem_names(stems)[index], key_path, model.role)
        if not strip.voices:
            _refuse_voiceless(model, strip)
        if model.transpose == "auto":
            self._refuse_two_octaves(strip)
        for note in _untuned(model, strip, board):
            self.events.note(note)
        clip = clips.keyed(recorded, model, key_path, bool(strip.voices))
        played = _INSTRUMENT_COST if clip.score else _COST.get(clip.way, 0.0)
        cost = strip.cost + played + (_TEMPO_COST if clip.time else 0.0)
        lanes = automation.noted(strip.lanes, model, key_path, strip.voices, strip.tuners)
        lanes = replace(lanes, used=(*lanes.used, *clip.used))
        made = replace(strip, clip=clip, cost=cost, lanes=lanes, auto_octave=model.transpose == "auto")
        return made, board

    def parts(
        self, index: int, strip: Strip, board: "Board | None"
    ) -> "Iterator[tuple[Strip, Board | None]]":
        """Harmonies and doubles of the session's stem number `index`, whose strip that is."""
        session = self.document.session
        model = session.stems[index]
        for part in parts.of_stem(model, strip, board, self.timeline, session.seed):
            own = model.model_copy(update={"set": {**model.set, **part.set}})
            preset, sung_by = self._opened(own, part.key_path)
            bare = replace(strip, name=part.name, key_path=part.key_path, seed=part.seed, cost=0.0)
            lanes = sections.applied(part.lanes, self.sections, part.name, sung_by)
            yield _with_board(bare, own, preset, sung_by, lanes), sung_by

    def bus(self, name: str) -> "tuple[Strip, Board | None]":
        """The session's bus of that name."""
        buses = self.document.session.buses
        index = [bus.name for bus in buses].index(name)
        return self._channel(buses[index], name, f"buses[{index + 1}]", BUS)

    def master(self) -> "tuple[Strip, Board | None]":
        """The session's master."""
        model = self.document.session.master
        preset, board = self._opened(model, MASTER)
        written = automation.written_lanes(model, MASTER, self.timeline)
        bare = Strip(name=MASTER, key_path=MASTER, role=MASTER, to="", match_loudness=False)
        lanes = sections.applied(Lanes(written), self.sections, MASTER, board)
        return _with_board(bare, model, preset, board, lanes), board

    def _channel(self, model: Channel, name: str, key_path: str, role: str) -> "tuple[Strip, Board | None]":
        """A stem, without its clip, or a bus."""
        preset, board = self._opened(model, key_path)
        lanes = automation.strip_lanes(
            model,
            key_path,
            self.timeline,
            self.key,
            lambda address: contents.range_of(board, address),
            contents.cc_of(preset),
        )
        lanes = sections.applied(lanes, self.sections, name, board)
        sends = (Send(send.bus, lanes.fader.sends[send.bus], send.tap) for send in model.sends)
        bare = Strip(
            name=name,
            key_path=key_path,
            role=role,
            to=model.to if self.routing.is_heard_by(name, model.to) else "",
            sends=tuple(send for send in sends if self.routing.is_heard_by(name, send.to)),
            match_loudness=model.match_loudness,
            heard=self.routing.is_heard(name),
        )
        return _with_board(bare, model, preset, board, lanes), board

    def _opened(self, model: StripModel, key_path: str) -> "tuple[Preset | None, Board | None]":
        preset, board = named_presets.open_preset(
            self.document, model, key_path, self.allow_plugins, self.device, self.events
        )
        if preset is None or board is None or not isinstance(model, Stem) or model.semitones is None:
            return preset, board
        return named_presets.transposed(preset, board, model.semitones, model, key_path)

    def _refuse_two_octaves(self, stem: Strip) -> None:
        """Refuse a section that moves what `transpose = "auto"` chooses."""
        for address, ((section, _), *_) in sections.of_strip(self.sections, stem.name).items():
            if address in [f"{voice}.{singers.TRANSPOSE}" for voice in stem.voices]:
                moved = f"sections.{section} moves '{stem.name}.{address}'"
                raise SessionError(
                    f"{moved}, which {stem.key_path}.transpose chooses", hint='leave out transpose = "auto"'
                )


def _with_board(
    bare: Strip, model: StripModel, preset: "Preset | None", board: "Board | None", lanes: Lanes
) -> Strip:
    """The strip with what its board is built from and moved by, and what is on it."""
    played = 0.0
    if board is not None:
        voices = contents.voices(board, lanes.board)
        played = _NATIVE_COST + sum(contents.voice(board, address).cost for address in voices)
    sung_by = contents.first_voices(board, lanes.board)
    return replace(
        bare,
        preset=preset,
        preset_name=model.preset or "",
        is_set=model.changes_preset,
        lanes=lanes,
        voices=sung_by,
        tuners=() if sung_by else contents.tuners(board, lanes.board),
        used=tuple(singers.used(board, lanes.board)),
        plugins=tuple(name for name, _ in contents.externals(board)),
        cost=bare.cost + played,
    )


def _refuse_voiceless(model: Stem, strip: Strip) -> None:
    """Refuse what moves a voice where there is none."""
    for wanted, moves in (("bend_track", "bends"), ("melody_track", "tunes"), ("transpose", "moves")):
        moves_notes = wanted == "transpose" and model.track is not None and model.transpose != "auto"
        if getattr(model, wanted) and not (wanted == "melody_track" and strip.tuners) and not moves_notes:
            raise SessionError(f"{strip.key_path}.{wanted} {moves} a voice, but the stem's preset has none")
    if automation.BEND in model.automation:
        where = f"{strip.key_path}.automation.{automation.BEND}"
        raise SessionError(f"{where} bends a voice, but the stem's preset has none")


def _untuned(model: Stem, strip: Strip, board: "Board | None") -> Iterator[Note]:
    """A note for each voice that has a melody named and draws nothing to it."""
    for voice in strip.voices if model.melody_track else ():
        where = f"{voice}.retune"
        if where not in strip.lanes.board and not contents.value(board, where):
            named = f"{strip.key_path}.melody_track is '{model.melody_track}'"
            yield Note("untuned", f"{named}, but {where} is 0: nothing is tuned")
