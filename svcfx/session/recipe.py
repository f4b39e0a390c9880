"""The sidecar recipe: how a rendered file was made, `<file>.json` beside it.

A recipe holds no time and no machine's paths, so equal renders have equal recipes.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from svcfx import audio, digest, documents
from svcfx.audio import Samples
from svcfx.documents import Form
from svcfx.errors import InputError
from svcfx.render import machine

CONVERTED = "converted by svcfx"
MADE = "made by svcfx"
MARK = "svcfx_recipe"
"""The key that tells a recipe from any other JSON file."""
DEFAULT_ENCODING: audio.Encoding = "pcm24"
"""Sample format of results whose recipe names none."""
FORM = Form("recipe", InputError, 20_000_000)


class _RecipeTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Input(_RecipeTable):
    """A file that went in. `file` is as its user wrote it."""

    file: str
    sha256: str
    kind: str = "audio"
    role: str = ""
    preset: str = ""
    details: dict[str, Any] = Field(default_factory=dict)


class VoiceUsed(_RecipeTable):
    """A voice that sings in the file."""

    name: str
    licence: str
    sha256: str
    details: dict[str, Any] = Field(default_factory=dict)


class Recipe(_RecipeTable):
    """Everything that it takes to make the file again.

    `key` is one hash of all that its samples depend on, the machine's kernels too; "" where a node does not
    say what it depends on.
    """

    svcfx_recipe: Literal[1] = 1
    statement: str = MADE
    kind: Literal["mix", "stem", "convert", "batch", "live"]
    title: str = ""
    inputs: list[Input]
    presets: dict[str, Any] = Field(default_factory=dict)
    voices: list[VoiceUsed] = Field(default_factory=list)
    settings: dict[str, Any] = Field(default_factory=dict)
    seed: int = 0
    stretcher: str = ""
    loudness: dict[str, float | None] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)
    versions: dict[str, str] = Field(default_factory=dict)
    key: str = ""
    output_sha256: str = ""


def versions() -> dict[str, str]:
    """Versions of svcfx, Python and the libraries that can change a sample."""
    return dict(machine.versions())


def file_sha256(path: Path) -> str:
    """The file's hash in hexadecimal."""
    return digest.of_file(path)


def sidecar(path: Path) -> Path:
    """Where the recipe of the rendered file `path` lies."""
    return path.with_name(path.name + ".json")


def write(path: Path, recipe: Recipe, coming: Path | None = None) -> Path:
    """Write the recipe of the rendered file `path` beside it, atomically; return where.

    The file's own hash is added, so that `read` can say when the file was changed later. Where the file is
    yet to take its place, `coming` is what it is now; what stands in its place goes, so that whenever the
    power fails no recipe is beside a file that it does not speak of.

    Raises:
        OutputError: The folder cannot be written or the disk is full.
    """
    whole = recipe.model_copy(update={"output_sha256": file_sha256(coming or path)})
    text = json.dumps(whole.model_dump(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    with audio.atomic(sidecar(path)) as temporary:
        temporary.write_text(text, encoding="utf-8")
        if coming is not None:
            path.unlink(missing_ok=True)
    return sidecar(path)


def write_with(
    path: Path, samples: Samples, sample_rate: int, encoding: audio.Encoding, made: Recipe
) -> None:
    """Write a rendered file, shape (channels, frames), and its recipe: both or none.

    Raises:
        OutputError, AudioFileError: As `audio.write`.
    """
    sealed: list[Path] = []

    def seal(coming: Path) -> None:
        sealed.append(write(path, made, coming))

    try:
        audio.write(path, samples, sample_rate, encoding=encoding, sealed=seal)
    except BaseException:
        for recipe in sealed:
            recipe.unlink(missing_ok=True)
        raise


def sweep(paths: Iterable[Path]) -> None:
    """Take away what somebody who was killed while writing these files, or their recipes, left behind."""
    files = list(paths)
    audio.sweep([*files, *map(sidecar, files)])


def read(path: Path) -> Recipe:
    """Read the recipe of a rendered file, given the file or its sidecar.

    Raises:
        InputError: There is no recipe, or it is none that this svcfx reads.
    """
    where = path if path.suffix == ".json" else sidecar(path)
    if not where.is_file():
        raise InputError(
            f"'{path}' has no recipe: '{where.name}' is not beside it",
            hint="files that svcfx renders have one; copy it together with the audio",
        )
    try:
        return Recipe.model_validate_json(documents.read_text(where, FORM))
    except ValidationError as error:
        raise documents.refusal(where, FORM, Recipe, error) from error


def is_unchanged(path: Path, recipe: Recipe) -> bool:
    """Whether the audio file still is the one that the recipe was written for."""
    return file_sha256(path) == recipe.output_sha256


def _flat(settings: dict[str, Any]) -> list[tuple[str, Any]]:
    """Settings, those set by address and those that svcfx chose, one below the other."""
    inside = settings.get("set", {}) | settings.get("chosen", {})
    return [(name, value) for name, value in (settings | inside).items() if name not in ("set", "chosen")]


def _voice_lines(voice: VoiceUsed) -> list[str]:
    """A voice, and below it the files of one that has several."""
    family = voice.details.get("family", "")
    about = ", ".join(part for part in (voice.name, family, f"licence {voice.licence}") if part)
    lines = [f"  voice    {about}, sha256 {voice.sha256[:16]}"]
    parts = voice.details.get("parts", {})
    for name, facts in parts.items() if len(parts) > 1 else ():
        licence = f", licence {facts['licence']}" if facts.get("licence") else ""
        lines.append(f"    {name:10} {facts.get('source', '')}  sha256 {facts['sha256'][:16]}{licence}")
    return lines


def as_text(recipe: Recipe) -> str:
    """A recipe for a person."""
    lines = [f"{recipe.title or 'untitled'} ({recipe.kind}), {recipe.statement}"]
    for item in recipe.inputs:
        about = ", ".join(part for part in (item.role, item.preset) if part)
        lines.append(
            f"  {item.kind:8} {item.file}{f' ({about})' if about else ''}  sha256 {item.sha256[:16]}"
        )
    lines += [line for voice in recipe.voices for line in _voice_lines(voice)]
    for name, value in recipe.loudness.items():
        lines.append(f"  {name} {'-inf' if value is None else f'{value:.1f}'}")
    if recipe.stretcher:
        lines.append(f"  stretcher {recipe.stretcher}")
    if recipe.kind in ("convert", "batch", "live"):
        lines += [f"  {name} {value}" for name, value in _flat(recipe.settings) if value not in (None, "")]
    lines.append(f"  seed {recipe.seed}")
    lines += [f"  note: {note}" for note in recipe.notes]
    lines.append("  " + ", ".join(f"{name} {number}" for name, number in recipe.versions.items()))
    return "\n".join(lines)
