"""What a preset file says, and every mistake in one as one sentence with file and key path.

svcfx_preset = 1
name = "lead-vela"
[[nodes]]
node = "VoiceConversion"
voice = "vela"
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from svcfx import documents
from svcfx.documents import Form
from svcfx.errors import PresetError

FORM = Form("preset", PresetError, 1_000_000)
DEEPEST = 8
Text = Annotated[str, Field(max_length=10_000)]
Short = Annotated[str, Field(min_length=1, max_length=120)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class NodeEntry(BaseModel):
    """One node. Keys beyond these are its parameters, which the node itself checks.

    `file` names a VST3 or is left out; `state` is a VST3's, in base64 or a .vstpreset file beside the preset,
    with the identifier and version of the plugin that gave it; `nodes` are the branches of a `Mix` or the
    nodes of a `Chain`; `voice_sha256` is the hash of the voice that the preset was made with.
    """

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, defer_build=True)

    node: Short
    name: Annotated[str, Field(max_length=120, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    bypassed: bool = False
    file: Short | None = None
    state: str | None = None
    plugin_identifier: Short | None = None
    plugin_version: Short | None = None
    voice_sha256: str | None = None
    nodes: tuple["NodeEntry", ...] | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters by name, as written."""
        return dict(self.model_extra or {})


class Controlled(BaseModel):
    """Where a MIDI controller goes: an address, and its values at 0, 64 (when given) and 127."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    to: Short
    low: Finite
    high: Finite
    centre: Finite | None = None


class MidiMap(BaseModel):
    """Controller numbers and what they move."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    cc: dict[Annotated[str, Field(pattern=r"^(12[0-7]|1[01][0-9]|[1-9]?[0-9])$")], Controlled] = {}


class Preset(BaseModel):
    """A preset; `nodes` are those to be played, with `extends` already worked in."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

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
    _device: str = PrivateAttr(default="")
    _remarks: tuple[str, ...] = PrivateAttr(default=())

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
    def remarks(self) -> tuple[str, ...]:
        """What is worth saying of a preset that is right: VST3s that do not take both mono and stereo."""
        return self._remarks

    @property
    def text(self) -> str:
        """The TOML it was read from, with its comments; "" when it was made in Python."""
        return self._text

    def build(self) -> Any:
        """A fresh `Board` of its nodes; loads voices and plugins."""
        from svcfx.preset.make import board

        return board(self, self._allowed, self._device)


def read_text(path: Path) -> str:
    """The text of a preset file; see `documents.read_text`."""
    return documents.read_text(path, FORM)


def parse(text: str, path: Path) -> Preset:
    """A preset from TOML; parameters of its nodes are not looked at yet.

    Raises:
        PresetError: It is no TOML, or breaks the model.
    """
    try:
        preset = Preset.model_validate(tables_of(text, path))
    except ValidationError as error:
        raise documents.refusal(path, FORM, Preset, error) from error
    except RecursionError as error:
        raise FORM.refused(path, "nests its nodes too deeply") from error
    preset._text, preset._path = text, path
    return preset


def tables_of(text: str, path: Path) -> Any:
    """The tables of a preset's TOML, lists as tuples; raises as `parse` does for what is no TOML."""
    return _tupled(documents.parse_toml(text, path, FORM))


def _tupled(value: Any) -> Any:
    """Lists as tuples: strict models that cannot change hold tuples."""
    if isinstance(value, dict):
        return {key: _tupled(item) for key, item in value.items()}
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value
