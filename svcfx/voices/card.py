"""A voice's card: what a person should know of it, and what its file must hash to (TOML)."""

import hashlib
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from svcfx.errors import VoiceError, nearest


class Singer(BaseModel):
    """One singer of a voice and the range, in Hz, in which it was made to sing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low_hz: float = Field(gt=0)
    high_hz: float = Field(gt=0)
    about: str = ""
    recipe: str = ""


class Stream(BaseModel):
    """Where a stream starts, for want of a whole stem to measure: loudness of its loud frames, dBFS A."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    loudness_db: float = Field(default=-20.0, ge=-80.0, le=0.0)


class Card(BaseModel):
    """A voice as its card describes it; `folder` is where card and weights lie."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    family: Literal["parametric"]
    rate: Literal[44100]
    weights: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    consent: str
    sources: tuple[str, ...] = ()
    stream: Stream = Stream()
    singers: dict[str, Singer] = Field(min_length=1)
    training: dict[str, float] = Field(default_factory=dict)
    folder: Path = Field(default=Path(), exclude=True)

    @property
    def path(self) -> Path:
        """The weights."""
        return self.folder / self.weights

    def singer(self, name: str) -> Singer:
        """The singer called `name`; raises `VoiceError` with the nearest."""
        if name not in self.singers:
            raise VoiceError(f"voice '{self.name}' has no singer '{name}'{nearest(name, self.singers)}")
        return self.singers[name]


def read(path: Path) -> Card:
    """Read a card.

    Raises:
        VoiceError: The file is missing, no TOML, or does not fit; key and nearest valid key are named.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise VoiceError(f"voice card '{path}' cannot be read: {error}") from error
    try:
        return Card.model_validate({**document, "folder": path.parent})
    except ValidationError as error:
        raise VoiceError(f"voice card '{path}': {_first(error)}") from error


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    keys = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        fields = Singer.model_fields if "singers" in found["loc"] else Card.model_fields
        return f"key '{keys}' is unknown{nearest(str(found['loc'][-1]), fields)}"
    return f"key '{keys}': {found['msg']}"


def verify(card: Card) -> None:
    """Check that the weights are the ones that the card was written for.

    Raises:
        VoiceError: They are missing, lie outside the card's folder, or hash to something else.
    """
    path = card.path.resolve()
    if not path.is_relative_to(card.folder.resolve()):
        raise VoiceError(f"voice '{card.name}' names weights outside its folder: '{card.weights}'")
    if not path.is_file():
        raise VoiceError(f"voice '{card.name}' has no weights: '{path}' does not exist")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != card.sha256:
        raise VoiceError(
            f"the weights of voice '{card.name}' hash to {found[:12]}, its card says {card.sha256[:12]}",
            hint="install svcfx again, or run `make voices` if you trained the voice yourself",
        )
