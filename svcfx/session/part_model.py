"""What a session file may say of the parts that a stem sings beside its own line."""

from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator, model_validator

from svcfx.session import intervals
from svcfx.session.tables import Decibels, Name, Table


class Harmony(Table):
    """A part beside a stem's own line: `interval` as in `intervals`, or by another `voice`.

    `gain_db` comes on top of the stem's own; without `pan` parts lie to both sides in turn.
    """

    interval: Name
    voice: Name | None = None
    gain_db: Decibels = -6.0
    pan: float | None = Field(default=None, ge=-1, le=1, allow_inf_nan=False)

    @field_validator("interval")
    @classmethod
    def _is_one(cls, interval: str) -> str:
        intervals.interval(interval)
        return interval


class Doubles(Table):
    """A stem's line sung `count` times more, a little off in time and pitch, as the seed has it.

    `voices` sing them in turn, once each unless `count` says otherwise; the stem's own where none is named.
    Each phrase comes up to `timing_ms` early or late, the pitch drifts within `detune_cents`. `spread` is how
    far to both sides they lie, `gain_db` on top of the stem's own.
    """

    voices: list[Name] = Field(default_factory=list, max_length=8)
    count: int = Field(default=2, ge=1, le=8)
    timing_ms: float = Field(default=15.0, ge=0, le=30, allow_inf_nan=False)
    detune_cents: float = Field(default=6.0, ge=0, le=50, allow_inf_nan=False)
    gain_db: Decibels = -6.0
    spread: float = Field(default=0.7, ge=0, le=1, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _each_voice_once(cls, given: object) -> object:
        if isinstance(given, dict) and "count" not in given and isinstance(given.get("voices"), list):
            return {**given, "count": len(given["voices"])} if given["voices"] else given
        return given


def _as_harmony(given: object) -> object:
    """A text is a harmony of that interval."""
    return {"interval": given} if isinstance(given, str) else given


Harmonised = Annotated[Harmony, BeforeValidator(_as_harmony)]
