"""What a session file may say: a song's stems, buses, presets, MIDI, master and outputs.

Every key, default and limit of `session.toml` stands here and in `strip_model`, and nowhere else. Bars are
counted by the MIDI file, or by `[tempo]` where there is none.
"""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from svcfx.session import routing
from svcfx.session.strip_model import Bus, LaneModel, Master, Stem
from svcfx.session.tables import Finite, Name, Table, Where

Stretcher = Literal["auto", "rubberband"]
KeyFrom = Literal["track", "signatures", "cc", "none"]
Format = Literal["wav", "flac", "mp3", "ogg"]
Encoding = Literal["pcm16", "pcm24", "float"]
MOST_SEMITONES = 36.0
SLOWEST, FASTEST = 0.5, 2.0
Controller = Annotated[int, Field(ge=0, le=127)]


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


class Tempo(Table):
    """How bars are counted in a song without MIDI, and the tempo at which a song is played.

    Bars have one tempo in quarters a minute and one meter of quarters; bar 1 begins at `offset_seconds` of
    the recording. `ratio` is the tempo to play at against the recorded one, 0.95 for slower; `to` names a
    MIDI file whose tempos stand in place of the song's, beat by beat.
    """

    bpm: float | None = Field(default=None, ge=20, le=400, allow_inf_nan=False)
    beats_per_bar: int = Field(default=4, ge=1, le=32)
    offset_seconds: float = Field(default=0.0, ge=-3600, le=3600, allow_inf_nan=False)
    ratio: float = Field(default=1.0, ge=SLOWEST, le=FASTEST, allow_inf_nan=False)
    to: Where | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.to is not None and "ratio" in self.model_fields_set:
            raise ValueError("ratio and to are both given, allowed is one of them")
        counted = {"beats_per_bar", "offset_seconds"} & self.model_fields_set
        if self.bpm is None and (counted or not {"ratio", "to"} & self.model_fields_set):
            raise ValueError(f"bpm is missing, {' and '.join(sorted(counted)) or 'nothing else'} is given")
        return self

    @property
    def is_another(self) -> bool:
        """Whether the song is to be played at another tempo than it was recorded at."""
        return self.to is not None or self.ratio != 1.0


class MidiModel(Table):
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


class SectionModel(Table):
    """What changes in a section: values by a strip's name and an address of it, `"lead.gain_db" = -2`.

    The section begins at each marker of the MIDI file that has its name, and ends at the next.
    """

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, defer_build=True)
    __pydantic_extra__: dict[str, Finite]

    crossfade_seconds: float = Field(default=0.05, ge=0, le=60, allow_inf_nan=False)

    @property
    def changes(self) -> dict[str, float]:
        """Values by strip and address, as written."""
        return dict(self.__pydantic_extra__ or {})


class Output(Table):
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


class Session(Table):
    """A whole session file. `key` stands in place of the key that the MIDI file says."""

    svcfx_session: Literal[1]
    title: str = Field(default="", max_length=200)
    stretcher: Stretcher = "auto"
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    stems: list[Stem] = Field(min_length=1, max_length=256)
    buses: list[Bus] = Field(default_factory=list, max_length=64)
    midi: MidiModel | None = None
    tempo: Tempo | None = None
    key: KeyModel | None = None
    sections: dict[Name, SectionModel] = Field(default_factory=dict, max_length=256)
    master: Master = Field(default_factory=Master)
    output: Output = Field(default_factory=Output)

    @model_validator(mode="after")
    def _one_tempo(self) -> Self:
        if self.tempo is None:
            return self
        if self.midi is not None and self.tempo.bpm is not None:
            raise ValueError("midi and tempo.bpm are both given, and the MIDI file says it: leave one out")
        if self.tempo.to is not None and self.midi is None and self.tempo.bpm is None:
            raise ValueError("tempo.to moves bars, which nothing counts: add midi or tempo.bpm")
        return self

    @model_validator(mode="after")
    def _every_strip_reaches_the_master(self) -> Self:
        routing.check(self.stems, self.buses)
        return self
