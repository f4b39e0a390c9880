"""A strip: one shape for what a song is mixed of, its stems, buses and master. Plain data, settled by a plan.

It holds no board and no weights: a preset says what its board is built from, and rendering changes nothing
in it. Times are song seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from svcfx import midi
from svcfx.audio import AudioInfo
from svcfx.lanes import Curve, Lane
from svcfx.session import automation, contents
from svcfx.session.automation import STILL, Lanes
from svcfx.session.recipe import VoiceUsed
from svcfx.session.scores import TrackScore
from svcfx.session.strip_model import MASTER, Tap
from svcfx.time_map import TimeMap

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.preset import Preset

Way = Literal["voice", "stretch", "stretch with formants", "notes", "as it is"]
"""How a clip follows the key: its voice sings it, its audio is stretched, its notes move, or not at all."""


BUS = "bus"


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """A stem's file in the song; `file` is its path as the session writes it.

    A track of the MIDI file has a `score`, which an instrument plays at the rate of `info`; its `path` is
    that file's, and `file` names the track too. Where a file is not played in its own time, `time` leads from
    its seconds to those since it began.
    """

    file: str
    path: Path
    info: AudioInfo
    start_seconds: float
    follows_key: bool
    way: Way
    score: TrackScore | None = None
    time: TimeMap | None = None

    @property
    def used(self) -> tuple[midi.Used, ...]:
        """What an instrument plays of its track."""
        return () if self.score is None else self.score.used

    @property
    def seconds(self) -> float:
        """How long it is played."""
        return self.info.seconds if self.time is None else self.time.played(self.info.seconds)

    @property
    def end_seconds(self) -> float:
        """Where its last sample is."""
        return self.start_seconds + self.seconds


@dataclass(frozen=True, slots=True)
class Send:
    """What a bus hears of a strip beside where the strip goes, tapped before its fader or behind."""

    to: str
    gain_db: Curve
    tap: Tap


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One strip of the mix.

    Attributes:
        key_path: Where the session says it, such as `stems[2]`.
        role: A stem's role, "bus" or "master".
        clip: What a stem plays; the others hear other strips.
        preset: What its board is built from, None where it has none.
        preset_name: The preset as the session names it; `is_set`: with values of the strip's own.
        lanes: What moves its board, its fader, and the pitch of its voices.
        voices: Addresses of the voices that hear the strip itself; `used`: all singers at work on it.
        tuners: Of its `Retune` nodes, where no voice sings.
        plugins: Its VST3s.
        auto_octave: Whether its voices sing in the octave that suits them.
        match_loudness: Whether what they sing is brought back to the loudness it had.
        seed: Of its voices, where it is not the session's.
        cost: Seconds of work for one second of it.
        to: The strip that hears it, "" where it goes nowhere that sounds; `sends` are those that sound.
        heard: Whether it sounds in the mix.
    """

    name: str
    key_path: str
    role: str
    clip: ClipPlan | None = None
    preset: "Preset | None" = None
    preset_name: str = ""
    is_set: bool = False
    lanes: Lanes = STILL
    voices: tuple[str, ...] = ()
    used: tuple[VoiceUsed, ...] = ()
    tuners: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    auto_octave: bool = False
    match_loudness: bool = True
    seed: int | None = None
    cost: float = 0.0
    to: str = MASTER
    sends: tuple[Send, ...] = ()
    heard: bool = True

    @property
    def recording(self) -> ClipPlan:
        """The clip of a strip that is a stem."""
        assert self.clip is not None, f"{self.key_path} is no stem"
        return self.clip

    @property
    def start_seconds(self) -> float:
        """Where its first sample sounds: where its clip begins, or the song."""
        return self.clip.start_seconds if self.clip else 0.0

    @property
    def label(self) -> str:
        """What it is called in sentences, such as "stem 'lead'"."""
        if self.role == MASTER:
            return "the master"
        return f"{'stem' if self.clip else BUS} '{self.name}'"

    def lanes_on(self, board: "Board", chosen: Mapping[str, float]) -> dict[str, Curve]:
        """The lanes of its board in seconds from its first sample, key and bend on its voices.

        `chosen` are values by address that stand in place of the board's own.
        """
        fixed: dict[str, Curve] = {address: Lane.constant(value) for address, value in chosen.items()}
        return fixed | automation.for_board(
            self.lanes,
            self.voices,
            lambda address: chosen.get(address, contents.value(board, address)),
            self.start_seconds,
            self.tuners,
        )
