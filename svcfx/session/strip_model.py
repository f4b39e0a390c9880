"""What a session file may say of a strip, a stem, a bus or the master, and of the lanes that move it.

All times in a session are seconds (or bars) of the song, also inside a stem that starts later. Unknown keys
are refused.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from svcfx.session.instrument_model import Played
from svcfx.session.part_model import Doubles, Harmonised
from svcfx.session.tables import Bar, Decibels, Finite, Name, Settings, SongSeconds, Table, Where

Role = Literal["lead", "backing", "harmony", "accompaniment", "drums", "pass"]
Tap = Literal["pre", "post"]
VOCAL_ROLES = ("lead", "backing", "harmony")
UNTUNED_ROLES = ("drums", "pass")
MASTER = "master"
"""Where a strip goes that says nothing else."""


class LaneModel(Table):
    """A parameter's breakpoints, `[time, value]` pairs in time order."""

    points: list[list[Finite]] = Field(min_length=1, max_length=100_000)
    interpolation: Literal["step", "linear", "smooth"] = "linear"
    smooth_ms: float = Field(default=20.0, gt=0, le=10_000, allow_inf_nan=False)
    unit: Literal["seconds", "bars"] = "seconds"

    @field_validator("points")
    @classmethod
    def _pairs_in_order(cls, points: list[list[float]]) -> list[list[float]]:
        for number, point in enumerate(points):
            if len(point) != 2:
                raise ValueError(f"point {number + 1} has {len(point)} numbers, must be [time, value]")
        for earlier, later in pairwise(points):
            if later[0] < earlier[0]:
                raise ValueError(f"time {later[0]:g} comes after {earlier[0]:g}, must be in time order")
        return points


class Automation(LaneModel):
    """A strip's lane; with `replaces_midi` in place of what MIDI plays there, without it both are refused."""

    replaces_midi: bool = False


class Controlled(Table):
    """Where a MIDI controller goes: a board address, `gain_db` or `pan`, and its values at 0, 64 and 127.

    With `centre` the controller's 64 is exactly that. Targets that svcfx knows need no range.
    """

    to: Name
    low: Finite | None = None
    high: Finite | None = None
    centre: Finite | None = None

    @model_validator(mode="after")
    def _whole_range(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high belong together, only one is given")
        return self


class Send(Table):
    """A share of a strip that a bus hears beside where the strip goes: before its fader ("pre") or behind."""

    bus: Name
    gain_db: Decibels = 0.0
    tap: Tap = "post"


class StripModel(Table):
    """What every strip has: a board.

    `set` puts values in place of the preset's own, by board address (`"voice.voice" = "corin"`);
    `automation` moves parameters by board address (`"compressor.threshold_db"`).
    """

    preset: Where | None = None
    set: Settings = Field(default_factory=dict)
    automation: dict[Name, Automation] = Field(default_factory=dict, max_length=64)

    @property
    def changes_preset(self) -> bool:
        """Whether it changes values of its preset."""
        return bool(self.set)


class Channel(StripModel):
    """A strip that goes somewhere: its fader, and who hears it.

    `automation` also moves `gain_db`, `pan`, and `sends.BUS.gain_db` of a send. `cc_tracks` name MIDI tracks;
    `cc` maps controller numbers to addresses, over the defaults: `cc = { 1 = "pan" }`. `to` is the bus that
    hears the strip, or "master".
    """

    gain_db: Decibels = 0.0
    pan: float = Field(default=0.0, ge=-1, le=1, allow_inf_nan=False)
    mute: bool = False
    solo: bool = False
    to: Name = MASTER
    sends: list[Send] = Field(default_factory=list, max_length=32)
    match_loudness: bool = True
    cc_tracks: list[Name] = Field(default_factory=list, max_length=16)
    cc: dict[str, Controlled] = Field(default_factory=dict, max_length=128)

    @field_validator("cc")
    @classmethod
    def _controllers(cls, mapping: dict[str, Controlled]) -> dict[str, Controlled]:
        for number in mapping:
            if not (number.isascii() and number.isdigit() and int(number) <= 127):
                raise ValueError(f"controller is '{number}', allowed are 0 to 127")
        return mapping


def _transposed(value: object) -> object:
    """One sentence for all that it may not be, where a union would give one for each of its members."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value == "auto" or (is_number and -36 <= value <= 36):  # type: ignore[operator]
        return value
    raise ValueError(f'transpose is {value!r}, allowed are -36 to 36 semitones and "auto"')


Transposition = Annotated[float | Literal["auto"], BeforeValidator(_transposed)]


class Stem(Channel):
    """One audio file of the song, or one MIDI `track` that an `instrument` plays, and what happens to it.

    `transpose` moves its voices by semitones, "auto" to the octave that suits each singer. `bend_track` names
    the MIDI track whose wheel bends them, as `automation` of `bend_semitones` does; `melody_track` the one
    whose notes their `retune` draws to.
    `harmony` are further parts that its voices sing (`["+3 diatonic", "-octave"]`), `doubles` sing it again.
    """

    file: Where | None = None
    track: Name | None = None
    instrument: Played | None = None
    name: Name | None = None
    role: Role
    transpose: Transposition | None = None
    start_seconds: SongSeconds | None = None
    start_bar: Bar | None = None
    tuned: bool | None = None
    bend_track: Name | None = None
    melody_track: Name | None = None
    harmony: list[Harmonised] = Field(default_factory=list, max_length=16)
    doubles: Doubles | None = None

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if self.start_seconds is not None and self.start_bar is not None:
            raise ValueError("start_seconds and start_bar are both given, allowed is one of them")
        return self

    @model_validator(mode="after")
    def _file_or_track(self) -> Self:
        if (self.file is None) == (self.track is None):
            raise ValueError(
                "a stem has a file, or a track of the MIDI file and an instrument: one of the two"
            )
        if (self.track is None) != (self.instrument is None):
            raise ValueError(
                'track and instrument belong together, such as track = "Bass", instrument = "synth"'
            )
        if self.track is not None and (self.start_seconds is not None or self.start_bar is not None):
            raise ValueError("a track's notes say when they sound: leave out start_seconds and start_bar")
        return self

    @property
    def semitones(self) -> float | None:
        """What its voices are transposed by, where that is said as a number."""
        return None if self.transpose == "auto" else self.transpose

    @property
    def changes_preset(self) -> bool:
        """As any strip's."""
        return bool(self.set) or self.semitones is not None

    @property
    def follows_key(self) -> bool:
        """Whether the key lane moves this stem: by its role, unless `tuned` says otherwise."""
        return self.tuned if self.tuned is not None else self.role not in UNTUNED_ROLES


class Bus(Channel):
    """A sum of strips and what happens to it: a group, where they go, or a return, where they send."""

    name: Name

    @field_validator("name")
    @classmethod
    def _not_the_master(cls, name: str) -> str:
        if name == MASTER:
            raise ValueError(f"'{MASTER}' is the master's own name, choose another")
        return name


class Master(StripModel):
    """What happens to the sum: a preset, then loudness, then the ceiling, which wins."""

    target_lufs: float | None = Field(default=None, ge=-70, le=0, allow_inf_nan=False)
    ceiling_dbtp: float | None = Field(default=None, ge=-30, le=0, allow_inf_nan=False)
    tail_seconds: float = Field(default=2.0, ge=0, le=120, allow_inf_nan=False)


def stem_names(stems: Sequence[Stem]) -> list[str]:
    """Each stem's name: its own, or its track's, or its file's without folder and suffix."""
    return [name_of(stem.name, stem.file, stem.track) for stem in stems]


def name_of(name: str | None, file: str | None, track: str | None = None) -> str:
    """A stem's name: as given, or its track's, or its file's without folder and suffix."""
    return name or track or (file or "").replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
