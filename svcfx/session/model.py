"""What a session file may say: a song's stems, presets, MIDI, master and outputs.

Every key, default and limit of `session.toml` stands here and nowhere else. All times in a session are
seconds (or bars) of the song, also inside a stem that starts later. Unknown keys are refused.
`[[buses]]` is not accepted yet. Bars are counted by the MIDI file, or by `[tempo]` where there is none.
"""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Role = Literal["lead", "backing", "harmony", "accompaniment", "drums", "pass"]
Stretcher = Literal["auto", "rubberband"]
KeyFrom = Literal["track", "signatures", "cc", "none"]
Format = Literal["wav", "flac", "mp3", "ogg"]
Encoding = Literal["pcm16", "pcm24", "float"]
VOCAL_ROLES = ("lead", "backing", "harmony")
UNTUNED_ROLES = ("drums", "pass")
MOST_SEMITONES = 36.0

Name = Annotated[str, Field(min_length=1, max_length=120)]
Where = Annotated[str, Field(min_length=1, max_length=1000)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Decibels = Annotated[float, Field(ge=-120, le=40, allow_inf_nan=False)]
SongSeconds = Annotated[float, Field(ge=0, le=21_600, allow_inf_nan=False)]
Bar = Annotated[float, Field(ge=1, le=100_000, allow_inf_nan=False)]
Controller = Annotated[int, Field(ge=0, le=127)]
Setting = bool | int | Finite | Annotated[str, Field(max_length=1000)]
Settings = Annotated[dict[Name, Setting], Field(max_length=256)]
"""Values of a preset's parameters by board address, in place of the preset's own."""


class Part(BaseModel):
    """A table of the file: strict types, no unknown keys, never changed after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LaneModel(Part):
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


class KeyModel(LaneModel):
    """The song's transposition in semitones over time; a change is a glide of 10 ms unless said otherwise."""

    interpolation: Literal["step", "linear", "smooth"] = "smooth"
    smooth_ms: float = Field(default=10.0, gt=0, le=10_000, allow_inf_nan=False)

    @field_validator("points")
    @classmethod
    def _within_reach(cls, points: list[list[float]]) -> list[list[float]]:
        for number, (_, semitones) in enumerate(points):
            if not -MOST_SEMITONES <= semitones <= MOST_SEMITONES:
                span = f"{-MOST_SEMITONES:g} to {MOST_SEMITONES:g} st"
                raise ValueError(f"point {number + 1} is {semitones:g} st, outside {span}")
        return points


class Tempo(Part):
    """How bars are counted in a song without MIDI: one tempo in quarters a minute, one meter of quarters.

    Bar 1 begins at `offset_seconds` of the song.
    """

    bpm: float = Field(ge=20, le=400, allow_inf_nan=False)
    beats_per_bar: int = Field(default=4, ge=1, le=32)
    offset_seconds: float = Field(default=0.0, ge=-3600, le=3600, allow_inf_nan=False)


class Controlled(Part):
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


class Stem(Part):
    """One audio file of the song and what happens to it.

    `transpose = "auto"` lets its voices sing in the octave that suits each singer's range.
    `set` puts values in place of the preset's own, by board address (`"voice.voice" = "corin"`).
    `automation` moves a parameter of the preset by its board address (`"voice.formant_semitones"`,
    `"compressor.threshold_db"`), or the stem's own `gain_db` and `pan`. `cc_tracks` and `bend_track` name
    MIDI tracks; `cc` maps controller numbers to addresses, over the defaults: `cc = { 1 = "pan" }`.
    `melody_track` names the one whose notes its voices' `retune` draws to.
    """

    file: Where
    name: Name | None = None
    role: Role
    preset: Where | None = None
    transpose: Literal["auto"] | None = None
    gain_db: Decibels = 0.0
    pan: float = Field(default=0.0, ge=-1, le=1, allow_inf_nan=False)
    mute: bool = False
    solo: bool = False
    start_seconds: SongSeconds | None = None
    start_bar: Bar | None = None
    tuned: bool | None = None
    match_loudness: bool = True
    set: Settings = Field(default_factory=dict)
    automation: dict[Name, LaneModel] = Field(default_factory=dict, max_length=64)
    cc_tracks: list[Name] = Field(default_factory=list, max_length=16)
    bend_track: Name | None = None
    melody_track: Name | None = None
    cc: dict[str, Controlled] = Field(default_factory=dict, max_length=128)

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if self.start_seconds is not None and self.start_bar is not None:
            raise ValueError("start_seconds and start_bar are both given, allowed is one of them")
        return self

    @field_validator("cc")
    @classmethod
    def _controllers(cls, mapping: dict[str, Controlled]) -> dict[str, Controlled]:
        for number in mapping:
            if not (number.isascii() and number.isdigit() and int(number) <= 127):
                raise ValueError(f"controller is '{number}', allowed are 0 to 127")
        return mapping

    @property
    def follows_key(self) -> bool:
        """Whether the key lane moves this stem: by its role, unless `tuned` says otherwise."""
        return self.tuned if self.tuned is not None else self.role not in UNTUNED_ROLES


class MidiModel(Part):
    """The song's MIDI file; song seconds = MIDI seconds + `offset_seconds`.

    With `key_from = "cc"` controller `key_cc` of the track `key_track` says the key, 64 is 0 st, 66 is +2 st.
    """

    file: Where
    offset_seconds: float = Field(default=0.0, ge=-3600, le=3600, allow_inf_nan=False)
    key_from: KeyFrom = "track"
    key_track: Name = "key"
    key_cc: Controller | None = None

    @model_validator(mode="after")
    def _cc_is_named(self) -> Self:
        if self.key_from == "cc" and self.key_cc is None:
            raise ValueError("key_from is 'cc' but key_cc names no controller, allowed are 0 to 127")
        return self


class Master(Part):
    """What happens to the sum: a preset, then loudness, then the ceiling, which wins."""

    preset: Where | None = None
    set: Settings = Field(default_factory=dict)
    target_lufs: float | None = Field(default=None, ge=-70, le=0, allow_inf_nan=False)
    ceiling_dbtp: float | None = Field(default=None, ge=-30, le=0, allow_inf_nan=False)
    tail_seconds: float = Field(default=2.0, ge=0, le=120, allow_inf_nan=False)
    automation: dict[Name, LaneModel] = Field(default_factory=dict, max_length=64)


class Output(Part):
    """Which files are written. Without a `sample_rate` the first stem's is used."""

    formats: list[Format] = Field(default_factory=lambda: ["wav"], min_length=1, max_length=4)  # type: ignore[arg-type]
    encoding: Encoding = "pcm24"
    sample_rate: int | None = Field(default=None, ge=8000, le=192_000)
    stems: bool = False

    @model_validator(mode="after")
    def _format_holds_it(self) -> Self:
        if len(set(self.formats)) != len(self.formats):
            raise ValueError("formats names one format twice")
        if "flac" in self.formats and self.encoding == "float":
            raise ValueError("encoding is 'float', which FLAC does not hold; allowed are pcm16, pcm24")
        return self


class Session(Part):
    """A whole session file. `key` stands in place of the key that the MIDI file says."""

    svcfx_session: Literal[1]
    title: str = Field(default="", max_length=200)
    stretcher: Stretcher = "auto"
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    stems: list[Stem] = Field(min_length=1, max_length=256)
    midi: MidiModel | None = None
    tempo: Tempo | None = None
    key: KeyModel | None = None
    master: Master = Master()
    output: Output = Output()

    @model_validator(mode="after")
    def _one_tempo(self) -> Self:
        if self.midi is not None and self.tempo is not None:
            raise ValueError("midi and tempo are both given, and the MIDI file says the tempo: leave one out")
        return self

    @model_validator(mode="after")
    def _stems_have_own_names(self) -> Self:
        seen: dict[str, int] = {}
        for number, name in enumerate(stem_names(self.stems), start=1):
            if name in seen:
                raise ValueError(
                    f"stems {seen[name]} and {number} are both named '{name}', give one a `name`"
                )
            seen[name] = number
        return self


def stem_names(stems: list[Stem]) -> list[str]:
    """Each stem's name: its own, or its file's without folder and suffix."""
    return [stem.name or stem.file.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0] for stem in stems]
