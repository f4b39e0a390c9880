"""The folder of a dataset: what may be written into, and what a person changed in it since it was made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from svcfx.atomic import ELSEWHERE, atomic
from svcfx.errors import OutputError, OutputExistsError
from svcfx.training import index
from svcfx.training.index import INDEX_NAME, Part
from svcfx.training.prepare import records

ITEMS = "items"
UNFINISHED = "unfinished.txt"
"""Lies in a dataset from its first moment until its index is written."""


@dataclass(frozen=True)
class Earlier:
    """What a dataset was before: sounds that a person took out of its index, and parts by sound."""

    taken_out: frozenset[str] = frozenset()
    parts: Mapping[str, Part] = field(default_factory=dict)


def begin(out: Path, *, update: bool) -> Earlier:
    """Claim a folder for a dataset; what was left unfinished there goes on.

    Raises:
        OutputExistsError: It is a finished dataset and `update` is off, or holds other files.
        OutputError: It cannot be written.
        DatasetError: The dataset that is to be updated is damaged.
    """
    earlier = Earlier()
    if out.exists() and not out.is_dir():
        raise OutputExistsError(f"'{out}' is a file", hint="Name a folder with `out`.")
    if (out / INDEX_NAME).exists():
        if not update:
            raise OutputExistsError(
                f"'{out}' holds a dataset already",
                hint="Give `update` to bring it up to date; what has not changed is not made again.",
            )
        earlier = _earlier(out)
    elif out.is_dir() and not (out / UNFINISHED).exists() and any(out.iterdir()):
        raise OutputExistsError(f"'{out}' holds other files", hint="Name an empty or new folder with `out`.")
    with atomic(out / UNFINISHED) as temporary:
        temporary.write_text("svcfx train prepare was stopped here; run it again and it goes on.\n")
    return earlier


def finish(out: Path, used: set[str]) -> None:
    """Take away items that are no longer of the dataset, and the mark of what is unfinished."""
    try:
        for path in sorted((out / ITEMS).rglob("*.npz")):
            if path.relative_to(out).as_posix() not in used:
                path.unlink()
        (out / UNFINISHED).unlink(missing_ok=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise OutputError(f"'{out}' could not be tidied: {why}", hint=ELSEWHERE) from error


def _earlier(out: Path) -> Earlier:
    listed = {entry.file: entry.part for entry in index.read(out).entries}
    known = [piece for piece in records.read(out).pieces if piece.altered is None]
    return Earlier(
        frozenset(piece.sha256 for piece in known if piece.file not in listed),
        {piece.sha256: listed[piece.file] for piece in known if piece.file in listed},
    )
