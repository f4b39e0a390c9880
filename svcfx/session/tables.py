"""What every table of a session file is, and the kinds of values that several have."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=120)]
Where = Annotated[str, Field(min_length=1, max_length=1000)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Decibels = Annotated[float, Field(ge=-120, le=40, allow_inf_nan=False)]
SongSeconds = Annotated[float, Field(ge=0, le=21_600, allow_inf_nan=False)]
Bar = Annotated[float, Field(ge=1, le=100_000, allow_inf_nan=False)]
Setting = bool | int | Finite | Annotated[str, Field(max_length=1000)]
Settings = Annotated[dict[Name, Setting], Field(max_length=256)]
"""Values of a preset's parameters by board address, in place of the preset's own."""


class Table(BaseModel):
    """A table of the file: strict types, no unknown keys, never changed after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)
