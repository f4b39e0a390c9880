"""A manifest: many files in one run, each with its own preset, voice and knobs, as a table or JSON lines.

It may come from anybody, so every line is checked before anything is rendered, and a mistake names its line.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from svcfx import audio, documents
from svcfx.chain.knobs import BY_NAME
from svcfx.documents import Form, Reach, is_path
from svcfx.errors import InputError, nearest
from svcfx.session import outputs

FORM = Form("manifest", InputError, 20_000_000)
INPUT, PRESET, VOICE, TRANSPOSE, NAME = COLUMNS = ("input", "preset", "voice", "transpose", "name")
SUFFIXES = (".csv", ".jsonl")
MOST_LINES, MOST_COLUMNS, MOST_LETTERS = 100_000, 200, 10_000
_TRANSPOSE = "transpose_semitones"
_ALLOW = "put the file there, or allow its folder '{folder}'"


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One file: where it says so, what goes in, and what is asked of it; "" for what is not.

    `of_voice` are knobs of the first voice by their names, `settings` parameters by address.
    """

    number: int
    input: Path
    preset: str = ""
    name: str = ""
    of_voice: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest's file and its lines."""

    path: Path
    lines: tuple[ManifestLine, ...]

    def refused(self, number: int, said: str, hint: str = "") -> InputError:
        """The error of a line."""
        return FORM.refused(self.path, f"line {number}: {said}", hint=hint)


def read(path: Path, *, allow_paths: Sequence[Path] = ()) -> Manifest:
    """Read a manifest; `allow_paths` are folders, beside its own, that it may name files of.

    Raises:
        InputError: It is missing, no table of files, or a line is wrong, which is named by its number.
    """
    reach = Reach.of(path, FORM, allow_paths, beside=True, hint=_ALLOW)
    cells = _of_json if path.suffix.lower() == ".jsonl" else _of_csv
    if path.suffix.lower() not in SUFFIXES:
        raise FORM.refused(path, f"ends in '{path.suffix}', allowed are {' and '.join(SUFFIXES)}")
    lines: list[ManifestLine] = []
    for number, found in cells(path, documents.read_text(path, FORM)):
        if len(lines) == MOST_LINES:
            raise FORM.refused(path, f"has over {MOST_LINES} lines")
        lines.append(_line(path, number, found, reach))
    if not lines:
        raise FORM.refused(path, "names no file", hint=f"its columns are {', '.join(COLUMNS)} and knobs")
    return Manifest(path, tuple(lines))


def _of_csv(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The number and cells of each line of a table; what is empty is left out."""
    rows = csv.reader((f"{line}\n" for line in text.split("\n")), strict=True)
    columns: list[str] = []
    while True:
        number = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise FORM.refused(path, f"line {number}: {error}") from error
        if not any(row):
            continue
        if not columns:
            columns = _columns(path, number, row)
            continue
        if len(row) > len(columns):
            raise FORM.refused(path, f"line {number}: it has {len(row)} cells, the head {len(columns)}")
        yield number, {name: cell.strip() for name, cell in zip(columns, row, strict=False) if cell.strip()}


def _columns(path: Path, number: int, row: Sequence[str]) -> list[str]:
    """The names in the head of a table."""
    names = [name.strip() for name in row]
    if twice := _twice(names):
        raise FORM.refused(path, f"line {number}: the column '{twice[0]}' stands there twice")
    for name in names:
        _check_column(path, number, name)
    return names


def _of_json(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The number and values of each line of JSON; null is left out."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise FORM.refused(path, f"line {number}: it is no JSON: {str(error)[:200]}") from error
        if not isinstance(found, dict):
            raise FORM.refused(path, f"line {number}: it is no object", hint='write {"input": "a.wav", ...}')
        for name in found:
            _check_column(path, number, name)
        yield (
            number,
            {name: _text(path, number, name, value) for name, value in found.items() if value is not None},
        )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if twice := _twice([name for name, _ in pairs]):
        raise ValueError(f"'{twice[0]}' stands there twice")
    return dict(pairs)


def _twice(names: Sequence[str]) -> list[str]:
    """Names that stand there more than once, sorted; a stranger's may be very many."""
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _text(path: Path, number: int, name: str, value: Any) -> str:
    """A value as it would stand in a table."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return value.strip()
    raise FORM.refused(path, f"line {number}: {name} is {json.dumps(value)[:40]}, must be a text or a number")


def _check_column(path: Path, number: int, name: str) -> None:
    """Refuse a name that is none of a manifest's, no knob's and no address."""
    known = (*COLUMNS, *BY_NAME)
    if name in known or "." in name:
        return
    semicolons = "columns are parted by commas" if ";" in name or "\t" in name else ""
    hint = semicolons or f"it may be {', '.join(COLUMNS)}, a voice's knob, or an address such as gain.gain_db"
    raise FORM.refused(path, f"line {number}: no column '{name[:60]}'{nearest(name, known)}", hint=hint)


def _line(path: Path, number: int, found: Mapping[str, str], reach: Reach) -> ManifestLine:
    if len(found) > MOST_COLUMNS or any(len(cell) > MOST_LETTERS for cell in found.values()):
        raise FORM.refused(path, f"line {number}: it says more than a file can be told")
    if INPUT not in found:
        raise FORM.refused(path, f"line {number}: it names no input")
    if TRANSPOSE in found and _TRANSPOSE in found:
        raise FORM.refused(path, f"line {number}: transpose and {_TRANSPOSE} are one")
    key, preset = f"manifest '{path}' line {number}:", found.get(PRESET, "")
    file = reach.find(found[INPUT], f"{key} input")
    if file.is_dir():
        raise FORM.refused(path, f"line {number}: input is '{found[INPUT]}', which is a folder")
    knobs = {name: cell for name, cell in found.items() if name in (VOICE, *BY_NAME)}
    if TRANSPOSE in found:
        knobs[_TRANSPOSE] = found[TRANSPOSE]
    return ManifestLine(
        number,
        file,
        str(reach.find(preset, f"{key} preset")) if is_path(preset) else preset,
        _name(path, number, found.get(NAME, "")),
        knobs,
        {name: cell for name, cell in found.items() if "." in name},
    )


def _name(path: Path, number: int, name: str) -> str:
    """What a result is called, without the suffix of a sound file."""
    plain = name[: -len(Path(name).suffix)] if Path(name).suffix.lower() in audio.SUFFIXES else name
    if plain != outputs.sanitise(plain) and name:
        raise FORM.refused(
            path, f"line {number}: name is '{name[:60]}', which is no plain file name",
            hint=f"such as '{outputs.sanitise(plain)[:60]}'; folders are given with `out`",
        )  # fmt: skip
    return plain
