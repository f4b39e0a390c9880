"""The curve of a training: one row a report in `curve.csv`, and TensorBoard where it is asked for."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from svcfx.errors import MissingPartError

NAME = "curve.csv"
_PREVIEWS = "previews"


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
