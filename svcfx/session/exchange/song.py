"""What svcfx and the programs that people record in both know of a song; it is no one's file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from typing import get_args

from svcfx import midi
from svcfx.lanes import Lane
from svcfx.session.strip_model import MASTER, Role, Tap

MOST_LOST = 500
"""Lines of what could not be said."""
MOST_TRACKS = 1000
ROLE = "svcfx role: "
"""What a comment of a track, or a line of notes with the track behind it, says a stem's role with."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a recording: from `offset_seconds` of `file` on it sounds at `start_seconds` of the song.

    It lasts `seconds`, or to the file's end where that is earlier. Fades are straight lines.
    """

    file: str
    start_seconds: float
    offset_seconds: float = 0.0
    seconds: float = inf
    fade_in_seconds: float = 0.0
    fade_out_seconds: float = 0.0
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Send:
    """A share of a track that a bus hears too, as a session's `Send` without its limits."""

    bus: str
    gain_db: float = 0.0
    tap: Tap = "post"


@dataclass(frozen=True, slots=True)
class Track:
    """A strip as every mixer has it. `lanes` move `gain_db`, `pan` and `sends.BUS.gain_db`, in song seconds.

    `to` and sends name other tracks; a bus is one that others go or send to.
    """

    name: str
    pieces: tuple[Piece, ...] = ()
    is_bus: bool = False
    gain_db: float = 0.0
    pan: float = 0.0
    mute: bool = False
    solo: bool = False
    to: str = MASTER
    sends: tuple[Send, ...] = ()
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Song:
    """Tracks, time, and markers (song second and name). `lost` names what could not be said so."""

    tracks: tuple[Track, ...]
    title: str = ""
    tempo_map: midi.TempoMap | None = None
    markers: tuple[tuple[float, str], ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Every recording that is used, once."""
        return tuple(dict.fromkeys(piece.file for track in self.tracks for piece in track.pieces))


@dataclass(frozen=True, slots=True)
class Placed:
    """A song, and where its recordings lie."""

    song: Song
    places: Mapping[str, Path]


class Lost:
    """What cannot be said, each thing once, in order; beyond `MOST_LOST` things they are only counted."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._lines: dict[str, None] = {}
        self._more = 0
        for line in lines:
            self.add(line)

    def add(self, line: str) -> None:
        """Name one."""
        if len(self._lines) < MOST_LOST:
            self._lines.setdefault(line, None)
        else:
            self._more += line not in self._lines

    @property
    def lines(self) -> tuple[str, ...]:
        """A line each."""
        return (*self._lines, *([f"and {self._more:,} more"] if self._more else []))


def unique(name: str, taken: Iterable[str]) -> str:
    """`name`, with a number where it is taken already."""
    names, number, found = set(taken), 2, name
    while found in names:
        found = f"{name} {number}"
        number += 1
    return found


def unique_stem(stem: str, taken: list[str]) -> str:
    """`stem` of a file's name, with a number where it is taken, compared as file systems that ignore case do.

    It is taken from then on.
    """
    folded = stem.casefold()
    taken.append(unique(folded, taken))
    return f"{stem}{taken[-1][len(folded) :]}"


def role_of(word: str) -> Role | None:
    """The role that a file says; None where it is none."""
    return next((role for role in get_args(Role) if role == word), None)


def with_buses(tracks: Sequence[Track]) -> tuple[Track, ...]:
    """Tracks, those that others go or send to as buses."""
    targets = {track.to for track in tracks} | {send.bus for track in tracks for send in track.sends}
    heard = targets - {MASTER}  # a track may be called as the master is
    return tuple(replace(track, is_bus=track.is_bus or track.name in heard) for track in tracks)
