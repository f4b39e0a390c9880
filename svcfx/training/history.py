"""How a training goes: one row a report in `curve.csv`, TensorBoard where it is asked for, and phrases sung.

It is written here by the training, and read by whoever watches it from another process.
"""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from svcfx.errors import MissingPartError, UnknownNameError

NAME = "curve.csv"
_PREVIEWS = "previews"
_DEEPEST = 3
_STEP, _CHECK = "step", "check"


class History:
    """Rows up to `step` are kept when a training goes on; what came after is written again."""

    def __init__(self, out: Path, step: int, columns: Sequence[str], *, tensorboard: bool = False) -> None:
        self._board = _board(out, step) if tensorboard else None
        self._path, self._columns = out / NAME, columns
        out.mkdir(parents=True, exist_ok=True)
        kept = [row for row in rows(out) if float(row["step"]) <= step]
        with self._path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(kept)

    def add(self, row: Mapping[str, float]) -> None:
        """Write a row; columns that it has no value for stay empty."""
        with self._path.open("a", newline="", encoding="utf-8") as file:
            shown = {key: f"{value:.6g}" for key, value in row.items() if key in self._columns}
            csv.DictWriter(file, self._columns).writerow(shown)
        if self._board is not None:
            for name in row.keys() - {"step"}:
                self._board.add_scalar(name, row[name], int(row["step"]))
            self._board.flush()

    def hear(self, step: int, samples: Any, sample_rate: int) -> None:
        """Let a preview (n,) be heard beside the curve."""
        if self._board is not None:
            self._board.add_audio("preview", np.clip(samples, -1.0, 1.0), step, sample_rate)


def preview_path(out: Path, step: int) -> Path:
    """Where the phrase lies that was sung at a step."""
    return out / _PREVIEWS / f"step-{step:08d}.wav"


def previews(out: Path) -> tuple[int, ...]:
    """Steps of a folder's phrases, in order."""
    found = (path.stem.removeprefix("step-") for path in (out / _PREVIEWS).glob("step-*.wav"))
    return tuple(sorted(int(step) for step in found if step.isdecimal()))


def rows(out: Path) -> list[dict[str, str]]:
    """Rows of a folder's curve, none where it has none."""
    path = out / NAME
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row.get("step")]


def _board(out: Path, step: int) -> Any:
    """A writer; what TensorBoard has of later steps is not shown any more."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingPartError(
            "TensorBoard is not installed", hint="pip install tensorboard, or leave out `tensorboard`."
        ) from error
    return SummaryWriter(str(out / "tensorboard"), purge_step=step + 1)


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
        found += [path for path in level if (path / NAME).is_file()]
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
        told = [row for row in rows(out) if _number(row[_STEP]) is not None]
    except (OSError, csv.Error, UnicodeDecodeError):
        told = []
    names = [name for name in told[0] if name and name != _STEP] if told else []
    columns = {name: tuple(_number(row.get(name)) for row in told) for name in names}
    steps = tuple(int(float(row[_STEP])) for row in told)
    checks = columns.get(_CHECK, ())
    known = [(value, step) for value, step in zip(checks, steps, strict=False) if value is not None]
    return Seen(steps, columns, min(known)[1] if known else None, previews(out))


def preview(out: Path, step: int) -> Path:
    """The phrase that was sung at a step.

    Raises:
        UnknownNameError: None was.
    """
    if step not in previews(out):
        raise UnknownNameError(f"'{out.name}' has no preview of step {step}")
    return preview_path(out, step)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "nan")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
