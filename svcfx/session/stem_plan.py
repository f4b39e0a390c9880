"""What a bounce is going to do with one stem: plain data, without its board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from svcfx import audio
from svcfx.errors import SessionError
from svcfx.events import Events
from svcfx.lanes import Curve, Lane
from svcfx.session import automation, contents, named_presets, singers
from svcfx.session.automation import Lanes
from svcfx.session.document import Document
from svcfx.session.model import VOCAL_ROLES, Stem, stem_names
from svcfx.session.recipe import VoiceUsed
from svcfx.session.timeline import Timeline

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.preset import Preset

Way = Literal["voice", "stretch", "stretch with formants", "as it is"]
"""How a stem follows the key: its voice sings it, its audio is stretched, or not at all."""

# Seconds of work for one second of a stem on two cores, measured on the bundled song.
_COST = {"stretch": 0.15, "stretch with formants": 0.2, "as it is": 0.0}


@dataclass(frozen=True, slots=True)
class StemPlan:
    """One stem, with its file found, its preset read and its lanes collected. Times are song seconds.

    `voices` are the addresses of the voices that hear the stem itself, `used` all singers at work on it,
    `plugins` the VST3s; `cost` is seconds of work for a second of it.
    """

    model: Stem
    name: str
    key_path: str
    path: Path
    info: audio.AudioInfo
    start_seconds: float
    preset: "Preset | None"
    lanes: Lanes
    way: Way
    voices: tuple[str, ...]
    used: tuple[VoiceUsed, ...]
    plugins: tuple[str, ...]
    cost: float
    heard: bool

    def lanes_on(self, board: "Board", chosen: Mapping[str, float]) -> dict[str, Curve]:
        """The lanes of its board in seconds from the stem's first sample, key and bend on its voices.

        `chosen` are values by address that stand in place of the board's own.
        """
        fixed: dict[str, Curve] = {address: Lane.constant(value) for address, value in chosen.items()}
        return fixed | automation.for_board(
            self.lanes,
            self.voices,
            lambda address: chosen.get(address, contents.value(board, address)),
            self.start_seconds,
        )

    @property
    def end_seconds(self) -> float:
        """Where its last sample is."""
        return self.start_seconds + self.info.frames / self.info.sample_rate


def check(stem: StemPlan, board: "Board | None", frames: int, sample_rate: int) -> None:
    """Refuse what the stem's board cannot play."""
    contents.check_channels(board, 2, f"{stem.key_path}.preset")
    left = max(frames - round(stem.start_seconds * sample_rate), 1)
    lanes = stem.lanes.board if board is None else stem.lanes_on(board, {})
    contents.check_lanes(board, lanes, left, sample_rate, f"{stem.key_path}.automation")


def of(
    document: Document,
    index: int,
    timeline: Timeline,
    key: Lane,
    allow_plugins: Sequence[Path],
    events: Events,
) -> "tuple[StemPlan, Board | None]":
    """The plan of the session's stem number `index` (from 0), and its board for `check`.

    Raises:
        SvcfxError: Whatever is wrong with its file, preset or lanes.
    """
    model, key_path = document.session.stems[index], f"stems[{index + 1}]"
    path, info = _file(document, model, key_path)
    preset, board = named_presets.open_preset(document, model, key_path, allow_plugins, events)
    start = timeline.start_of(model, key_path)
    lanes = automation.stem_lanes(
        model,
        key_path,
        timeline,
        key,
        lambda address: contents.range_of(board, address),
        contents.cc_of(preset),
    )
    voices = contents.first_voices(board, lanes.board)
    if not voices:
        _refuse_voiceless(model, key_path)
    way = _way(model, key, bool(voices))
    soloed = any(stem.solo for stem in document.session.stems)
    planned = StemPlan(
        model=model,
        name=stem_names(document.session.stems)[index],
        key_path=key_path,
        path=path,
        info=info,
        start_seconds=start,
        preset=preset,
        lanes=lanes,
        way=way,
        voices=voices,
        used=tuple(singers.used(board, lanes.board)),
        plugins=tuple(name for name, _ in contents.externals(board)),
        cost=_cost(way, board, lanes),
        heard=not model.mute and (model.solo or not soloed),
    )
    return planned, board


def _file(document: Document, model: Stem, key_path: str) -> tuple[Path, audio.AudioInfo]:
    """The stem's file and what it says of itself; at most two channels."""
    path = document.reach.find(model.file, f"{key_path}.file")
    info = audio.probe(path)
    if info.channels > 2:
        raise SessionError(
            f"{key_path}.file is '{model.file}' with {info.channels} channels, allowed are 1 and 2"
        )
    return path, info


def _refuse_voiceless(model: Stem, key_path: str) -> None:
    """Refuse what moves a voice where there is none."""
    for wanted, moves in (("bend_track", "bends"), ("transpose", "moves")):
        if getattr(model, wanted):
            raise SessionError(f"{key_path}.{wanted} {moves} a voice, but the stem's preset has none")


def _cost(way: Way, board: "Board | None", lanes: Lanes) -> float:
    """Seconds of work for one second of a stem."""
    if way != "voice":
        return _COST[way]
    assert board is not None
    return float(sum(contents.node(board, address).cost for address in contents.voices(board, lanes.board)))


def _way(model: Stem, key: Lane, has_voice: bool) -> Way:
    moves = model.follows_key and any(semitones != 0.0 for _, semitones in key.points)
    if has_voice:
        return "voice"
    if not moves:
        return "as it is"
    return "stretch with formants" if model.role in VOCAL_ROLES else "stretch"
