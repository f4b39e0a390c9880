"""The index of a prepared dataset, `dataset.toml`: what all items share, who sings, and the list of items.

    me/dataset.toml
    me/items/mei/take1.npz   one item, see `training.items`

It is made to be read and edited: an item that is deleted from it is not trained on, and a `part` may change.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from svcfx.atomic import atomic
from svcfx.errors import DatasetError
from svcfx.training.items import AGAIN

Part = Literal["train", "validation"]
INDEX_NAME = "dataset.toml"
FORM = "svcfx-dataset-1"


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """One item in the index; `file` is relative to the dataset's folder, with / on every system."""

    file: str
    singer: str
    frames: int
    part: Part = "train"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetIndex:
    """What all items of a dataset share.

    Attributes:
        fft, hop: In samples at `sample_rate`.
        content_encoder: Name, such as "vec768l12"; its width is C.
        pitch: Name of the tracker.
        singers: Row n of the speaker table is the n-th name.
        consent: Who sang and agreed, for the card of voices made from this; "" when nobody said.
        set_aside: Sentences for people: which recordings are not in it, and why.
    """

    sample_rate: int
    hop: int
    fft: int
    content_encoder: str
    pitch: str
    singers: tuple[str, ...]
    entries: tuple[DatasetEntry, ...]
    consent: str = ""
    set_aside: tuple[str, ...] = ()

    def part(self, part: Part) -> tuple[DatasetEntry, ...]:
        """The entries of one part, in the index's order."""
        return tuple(entry for entry in self.entries if entry.part == part)


def write(index: DatasetIndex, folder: Path) -> Path:
    """Write `dataset.toml`, whole or not at all; returns its path."""
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("Items that are deleted here are not trained on."))
    for key, value in {"format": FORM, **asdict(index)}.items():
        if key != "entries":
            document.add(key, _list(value) if isinstance(value, tuple) else tomlkit.item(value))
    entries = tomlkit.aot()
    for entry in index.entries:
        entries.append(tomlkit.item(asdict(entry)))
    document.add("items", entries)
    path = folder / INDEX_NAME
    with atomic(path) as temporary:
        temporary.write_text(tomlkit.dumps(document), encoding="utf-8")
    return path


def _list(texts: Sequence[str]) -> Any:
    """A TOML list; sentences stand on lines of their own."""
    import tomlkit

    made = tomlkit.array()
    made.extend(texts)
    return made.multiline(any(" " in text for text in texts))


def read(folder: Path) -> DatasetIndex:
    """Read the `dataset.toml` of a folder.

    Raises:
        DatasetError: There is none, it is no TOML, or a key is missing, unknown or wrong.
    """
    path = folder / INDEX_NAME
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DatasetError(f"'{folder}' has no {INDEX_NAME}", hint="Make one: svcfx train prepare") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DatasetError(f"'{path}' is not TOML: {error}", hint=AGAIN) from error
    if document.get("format") != FORM:
        raise DatasetError(f"'{path}' is '{document.get('format')}', not {FORM}", hint=AGAIN)
    rows = document.get("items", [])
    entries = tuple(_entry(path, row) for row in (rows if isinstance(rows, list) else [rows]))
    shared = {key: value for key, value in document.items() if key not in ("format", "items")}
    index: DatasetIndex = _made(DatasetIndex, path, {**shared, "entries": entries})
    return _settled(index, path)


def _settled(index: DatasetIndex, path: Path) -> DatasetIndex:
    """The index when its items are of its singers and parts; else `DatasetError`."""
    if not isinstance(index.singers, list) or not index.singers or len({*index.singers}) < len(index.singers):
        raise DatasetError(f"'{path}': singers is {index.singers!r}, allowed is a list of different names")
    strange = sorted({entry.singer for entry in index.entries} - {*index.singers})
    if strange:
        raise DatasetError(f"'{path}': singer '{strange[0]}' has items and is not in singers")
    odd = [entry for entry in index.entries if entry.part not in get_args(Part)]
    if odd:
        allowed = ", ".join(get_args(Part))
        raise DatasetError(f"'{path}': part of '{odd[0].file}' is '{odd[0].part}', allowed are {allowed}")
    return replace(index, singers=tuple(index.singers), set_aside=tuple(index.set_aside))


def _entry(path: Path, row: Any) -> DatasetEntry:
    entry: DatasetEntry = _made(DatasetEntry, path, row if isinstance(row, Mapping) else {})
    return entry


def _made(kind: Any, path: Path, values: Mapping[str, Any]) -> Any:
    """A dataclass from a table; raises `DatasetError` for unknown, missing and mistyped keys."""
    unknown = sorted(set(values) - {field.name for field in fields(kind)})
    if unknown:
        raise DatasetError(f"'{path}' has an unknown key '{unknown[0]}'")
    try:
        made = kind(**values)
    except TypeError as error:
        raise DatasetError(f"'{path}': {error}", hint=AGAIN) from error
    for field in fields(kind):
        value = getattr(made, field.name)
        if field.type is int and (type(value) is not int or value < 1):
            raise DatasetError(f"'{path}': {field.name} is {value!r}, allowed are whole numbers above 0")
        if field.type is str and not isinstance(value, str):
            raise DatasetError(f"'{path}': {field.name} is {value!r}, a text is needed")
    return made
