"""What a training has left in its folder so far, for whoever watches it from another process."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from svcfx.errors import UnknownNameError
from svcfx.training import history

_DEEPEST = 3
_STEP, _CHECK = "step", "check"


@dataclass(frozen=True, slots=True)
class Seen:
    """A training as it stands.

    Attributes:
        steps: Those that were reported, in order.
        columns: What was reported at each, by its name; None where a report says nothing of it.
        best_step: That of the lowest check, None before the first.
        previews: Steps at which a phrase was sung, in order.
    """

    steps: tuple[int, ...]
    columns: dict[str, tuple[float | None, ...]]
    best_step: int | None
    previews: tuple[int, ...]


def find(folder: Path) -> list[Path]:
    """Folders of trainings in a folder, itself too, down to three levels; no hidden ones, and no links."""
    found, level = [], [folder]
    for _ in range(_DEEPEST + 1):
        found += [path for path in level if (path / history.NAME).is_file()]
        level = [path for parent in level for path in _below(parent)]
    return found


def _below(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError:  # another's
        return []
    return [path for path in inside if path.name[0] != "." and not path.is_symlink() and path.is_dir()]


def look(out: Path) -> Seen:
    """What the training in a folder has reported; a row that is being written is left for the next look."""
    try:
        rows = [row for row in history.rows(out) if _number(row[_STEP]) is not None]
    except (OSError, csv.Error, UnicodeDecodeError):
        rows = []
    names = [name for name in rows[0] if name and name != _STEP] if rows else []
    columns = {name: tuple(_number(row.get(name)) for row in rows) for name in names}
    steps = tuple(int(float(row[_STEP])) for row in rows)
    checks = columns.get(_CHECK, ())
    known = [(value, step) for value, step in zip(checks, steps, strict=False) if value is not None]
    return Seen(steps, columns, min(known)[1] if known else None, history.previews(out))


def preview(out: Path, step: int) -> Path:
    """The phrase that was sung at a step.

    Raises:
        UnknownNameError: None was.
    """
    if step not in history.previews(out):
        raise UnknownNameError(f"'{out.name}' has no preview of step {step}")
    return history.preview_path(out, step)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "nan")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
