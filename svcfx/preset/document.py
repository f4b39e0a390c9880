"""What a preset file says, and every mistake in one as one sentence with file and key path.

    svcfx_preset = 1
    name = "lead-vela"
    [[nodes]]
    node = "VoiceConversion"
    voice = "vela"

Key paths count from one: `nodes[2].threshold_db` is in the second node.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from svcfx.errors import PresetError, nearest

MAX_BYTES = 1_000_000
DEEPEST = 8
Text = Annotated[str, Field(max_length=10_000)]
Short = Annotated[str, Field(min_length=1, max_length=120)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class NodeEntry(BaseModel):
    """One node. Keys beyond these are its parameters, which the node itself checks.

    `file` names a VST3 or is left out; `state` is a VST3's state in base64; `nodes` are the branches of a
    `Mix` or the nodes of a `Chain`; `voice_sha256` is the hash of the voice that the preset was made with.
    """

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    node: Short
    name: Annotated[str, Field(max_length=120, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    bypassed: bool = False
    file: Short | None = None
    state: str | None = None
    voice_sha256: str | None = None
    nodes: tuple["NodeEntry", ...] | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters by name, as written."""
        return dict(self.model_extra or {})


class Controlled(BaseModel):
    """Where a MIDI controller goes: an address, and its values at 0, 64 (when given) and 127."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    to: Short
    low: Finite
    high: Finite
    centre: Finite | None = None


class MidiMap(BaseModel):
    """Controller numbers and what they move."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    cc: dict[Annotated[str, Field(pattern=r"^(12[0-7]|1[01][0-9]|[1-9]?[0-9])$")], Controlled] = {}


class Preset(BaseModel):
    """A preset; `nodes` are those to be played, with `extends` already worked in."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    svcfx_preset: Literal[1]
    name: Short
    description: Text = ""
    extends: Short | None = None
    nodes: tuple[NodeEntry, ...] = ()
    midi: MidiMap | None = None
    notes: Text = ""
    _text: str = PrivateAttr(default="")
    _path: Path | None = PrivateAttr(default=None)
    _allowed: tuple[Path, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.nodes and self.extends is None:
            raise ValueError("a preset has [[nodes]] or extends another")
        return self

    def __eq__(self, other: object) -> bool:
        """Two presets are equal when they say the same, wherever they were read."""
        return isinstance(other, Preset) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    @property
    def path(self) -> Path | None:
        """The file it was read from."""
        return self._path

    @property
    def text(self) -> str:
        """The TOML it was read from, with its comments; "" when it was made in Python."""
        return self._text

    def build(self) -> Any:
        """A fresh `Board` of its nodes; loads voices and plugins."""
        from svcfx.preset.make import board

        return board(self, self._allowed)


def read_text(path: Path) -> str:
    """The text of a preset file of at most 1 MB.

    Raises:
        PresetError: It is missing, no regular file, too long, or no UTF-8.
    """
    if not path.is_file():
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        what = "is no file" if path.exists() else f"does not exist{nearest(path.name, siblings)}"
        raise PresetError(f"preset '{path}' {what}")
    if path.stat().st_size > MAX_BYTES:
        raise PresetError(f"preset '{path}' is over {MAX_BYTES // 1_000_000} MB, no preset is that long")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise PresetError(f"preset '{path}' is no UTF-8 text") from error
    except OSError as error:
        raise PresetError(f"preset '{path}' may not be read: {str(error.strerror).lower()}") from error


def parse(text: str, path: Path) -> Preset:
    """A preset from TOML; parameters of its nodes are not looked at yet.

    Raises:
        PresetError: It is no TOML, or breaks the model.
    """
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PresetError(f"preset '{path}' is no TOML: {str(error)[:200]}") from error
    try:
        preset = Preset.model_validate(_tupled(tables))
    except (ValidationError, RecursionError) as error:
        raise _refusal(path, error) from error
    preset._text, preset._path = text, path
    return preset


def _tupled(value: Any) -> Any:
    """Lists as tuples: strict models that cannot change hold tuples."""
    if isinstance(value, dict):
        return {key: _tupled(item) for key, item in value.items()}
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value


def _refusal(path: Path, error: ValidationError | RecursionError) -> PresetError:
    if isinstance(error, RecursionError):
        return PresetError(f"preset '{path}' nests its nodes too deeply")
    details = error.errors()
    first = min(details, key=lambda item: item["type"] != "extra_forbidden")
    key = key_path(first["loc"])
    if first["type"] == "extra_forbidden":
        allowed = _keys_at(first["loc"])
        near = nearest(str(first["loc"][-1]), allowed)
        return PresetError(
            f"preset '{path}': unknown key {key}{near}", hint=f"allowed are {', '.join(allowed)}"
        )
    if first["type"] == "missing":
        return PresetError(f"preset '{path}': {key} is missing")
    said = first["msg"].removeprefix("Value error, ")
    at = f"{key} is {repr(first['input'])[:60]}: " if key else ""
    return PresetError(f"preset '{path}': {at}{said[:1].lower()}{said[1:]}")


def _keys_at(location: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Preset
    if location[0] == "midi":
        model = MidiMap if len(location) == 2 else Controlled
    return list(model.model_fields)


def key_path(location: tuple[int | str, ...]) -> str:
    """`("nodes", 1, "bypassed")` as `nodes[2].bypassed`."""
    made = ""
    for step in location:
        made += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if made else step
    return made
