"""A voice's card: what a person should know of it, and what its files must hash to (TOML)."""

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from svcfx import digest, documents
from svcfx.chain import families
from svcfx.documents import Form
from svcfx.errors import VoiceError, nearest

PartName = Literal["weights", "generator", "refiner", "vocoder", "bank", "posterior", "content"]
FORM = Form("voice card", VoiceError, 1_000_000)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Singer(_Table):
    """One singer of a voice and the range, in Hz, that suits it; None where nobody said."""

    low_hz: float | None = Field(default=None, gt=0)
    high_hz: float | None = Field(default=None, gt=0)
    about: str = ""
    recipe: str = ""

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.low_hz is None) != (self.high_hz is None):
            raise ValueError("low_hz and high_hz are known both or not at all")
        return self


class StreamStart(_Table):
    """Where a stream starts, for want of a whole stem to measure: loudness of its loud frames, dBFS A."""

    loudness_db: float = Field(default=-20.0, ge=-80.0, le=0.0)


class CardPart(_Table):
    """One file of a voice, beside its card."""

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    source: str = ""
    licence: str = ""


class Card(_Table):
    """A voice as its card describes it; `folder` is where card and weights lie."""

    name: str
    family: str
    rate: int = Field(ge=8000, le=192_000)
    licence: str
    consent: str
    about: str = ""
    source: str = ""
    sources: tuple[str, ...] = ()
    added: date | None = None
    content_encoder: str = ""
    k_step_max: int = Field(default=0, ge=0)
    index: Literal["", "centres", "neighbours"] = ""
    parts: dict[PartName, CardPart] = Field(min_length=1)
    stream: StreamStart = Field(default_factory=StreamStart)
    singers: dict[str, Singer] = Field(min_length=1)
    said: dict[str, str] = Field(default_factory=dict)
    training: dict[str, float] = Field(default_factory=dict)
    folder: Path = Field(default=Path(), exclude=True)

    @field_validator("family")
    @classmethod
    def _known(cls, family: str) -> str:
        known = families.in_cards()
        if family not in known:
            raise ValueError(f"'{family}' is no family{nearest(family, known)}, there are {', '.join(known)}")
        return family

    @field_validator("rate")
    @classmethod
    def _own_rate(cls, rate: int, known: ValidationInfo) -> int:
        family = known.data.get("family")
        if family and families.of(family).rate not in (None, rate):
            raise ValueError(f"a {family} voice has {families.of(family).rate} Hz")
        return rate

    @model_validator(mode="before")
    @classmethod
    def _of_one_file(cls, document: Any) -> Any:
        """A voice of a single file says `weights` and `sha256`."""
        if not isinstance(document, dict) or "weights" not in document:
            return document
        rest = {key: value for key, value in document.items() if key not in ("weights", "sha256")}
        return {**rest, "parts": {"weights": {"file": document["weights"], "sha256": document.get("sha256")}}}

    @property
    def is_made_here(self) -> bool:
        """Whether svcfx made the voice, of one file; its singers are then named without it."""
        return families.of(self.family).made_here

    @property
    def title(self) -> str:
        """Its family in words."""
        return families.of(self.family).title

    @property
    def is_one_file(self) -> bool:
        """Whether it is one file, which its family's own folder opens."""
        return bool(families.of(self.family).own)

    @property
    def weights(self) -> str:
        """Name of the first file, the generator where there is one."""
        return next(iter(self.parts.values())).file

    @property
    def path(self) -> Path:
        """The first file."""
        return self.folder / self.weights

    @property
    def sha256(self) -> str:
        """One hash for the voice: its file's, or that of its files' hashes in the card's order."""
        hashes = [part.sha256 for part in self.parts.values()]
        return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()

    def path_of(self, part: PartName) -> Path:
        """Where one of the parts lies; `KeyError` when the voice has none such."""
        return self.folder / self.parts[part].file

    def singer_name(self, name: str) -> str:
        """The singer that `name` means: a singer's name, the voice's (its first), or voice/singer.

        Raises:
            VoiceError: The voice has no such singer; the nearest is given.
        """
        if name == self.name and name not in self.singers:
            return next(iter(self.singers))
        own = name.removeprefix(f"{self.name}/")
        if own not in self.singers:
            raise VoiceError(
                f"voice '{self.name}' has no singer '{own}'{nearest(own, self.singers)}",
                hint=f"there are {', '.join(self.addresses)}",
            )
        return own

    def singer(self, name: str) -> Singer:
        """What the card says of a singer; names as in `singer_name`."""
        return self.singers[self.singer_name(name)]

    def address(self, singer: str) -> str:
        """How a singer is named without doubt: "mei", or "mei/alto" in an added voice of several."""
        if len(self.singers) == 1:
            return self.name
        return singer if self.is_made_here else f"{self.name}/{singer}"

    @property
    def addresses(self) -> tuple[str, ...]:
        """Addresses of all singers."""
        return tuple(self.address(singer) for singer in self.singers)

    @property
    def terms(self) -> str:
        """The licence of the voice, and those of its parts that have their own."""
        own = [f"{name}: {part.licence}" for name, part in self.parts.items() if part.licence]
        return "; ".join([self.licence, *own])


def read(path: Path) -> Card:
    """Read a card. One that gives no name is called as its folder is, so that a voice is renamed in one step.

    Raises:
        VoiceError: The file is missing, no TOML, or does not fit; key and nearest valid key are named.
    """
    return _read(path, documents.read_text(path, FORM))


@lru_cache(maxsize=1024)
def _read(path: Path, text: str) -> Card:
    """The card of a text, which a song asks for many times."""
    document = documents.parse_toml(text, path, FORM)
    try:
        return Card.model_validate({"name": path.parent.name, **document, "folder": path.parent})
    except ValidationError as error:
        raise documents.refusal(path, FORM, Card, error) from error


def write(card: Card, path: Path, *, named: bool = False) -> None:
    """Write a card without its name, which is its folder's; `named` for one that leaves the shelf."""
    import tomlkit

    out = {"folder"} if named else {"name", "folder"}
    values = card.model_dump(mode="python", exclude=out, exclude_defaults=True)
    document = tomlkit.document()
    if not named:
        said = "The voice is called as this folder is; `svcfx voices rename` renames it."
        document.add(tomlkit.comment(said))
    for key, value in values.items():
        document.add(key, tomlkit.item(_plain(value)))
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    return list(value) if isinstance(value, tuple) else value


def verify(card: Card) -> None:
    """Check that the files are the ones that the card was written for.

    Raises:
        VoiceError: They are missing, lie outside the card's folder, or hash to something else.
    """
    for part in card.parts.values():
        path = (card.folder / part.file).resolve()
        if not path.is_relative_to(card.folder.resolve()):
            raise VoiceError(f"voice '{card.name}' names weights outside its folder: '{part.file}'")
        if not path.is_file():
            raise VoiceError(f"voice '{card.name}' has no weights: '{path}' does not exist", hint=_mend(card))
        found = sha256_of(path)
        if found != part.sha256:
            raise VoiceError(
                f"'{part.file}' of voice '{card.name}' hashes to {found[:12]},"
                f" its card says {part.sha256[:12]}",
                hint=_mend(card),
            )


def _mend(card: Card) -> str:
    if card.is_made_here and card.added is not None:
        return "make the voice again with the command that made it, `svcfx voices clone` or `svcfx train run`"
    if card.is_made_here:
        return "install svcfx again, or run `make voices` if you trained the voice yourself"
    return f"add the voice again: `svcfx voices add SOURCE --name {card.name} --replace`"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as it is now."""
    return digest.read(path)
