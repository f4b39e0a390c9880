"""The curve of a training: one row a report in `curve.csv`, and TensorBoard where it is asked for."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from svcfx.errors import MissingPartError

NAME = "curve.csv"
COLUMNS = ("step", "seconds", "rate", "mel", "kl", "fm", "gen", "lf0", "subband", "disc", "norm_g", "norm_d",
           "check")  # fmt: skip


class Curve:
    """Rows up to `step` are kept when a training goes on; what came after is written again."""

    def __init__(
        self, out: Path, step: int, *, tensorboard: bool = False, columns: Sequence[str] = COLUMNS
    ) -> None:
        self._path, self._columns = out / NAME, columns
        out.mkdir(parents=True, exist_ok=True)
        kept = [row for row in rows(out) if float(row["step"]) <= step]
        with self._path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(kept)
        self._board = _board(out) if tensorboard else None

    def add(self, row: Mapping[str, float]) -> None:
        """Write a row; columns that it has no value for stay empty."""
        with self._path.open("a", newline="", encoding="utf-8") as file:
            shown = {key: f"{value:.6g}" for key, value in row.items() if key in self._columns}
            csv.DictWriter(file, self._columns).writerow(shown)
        if self._board is not None:
            for name, value in row.items():
                self._board.add_scalar(name, value, int(row["step"]))
            self._board.flush()

    def hear(self, step: int, samples: Any, sample_rate: int) -> None:
        """Let a preview be heard beside the curve."""
        if self._board is not None:
            self._board.add_audio("preview", samples, step, sample_rate)


def rows(out: Path) -> list[dict[str, str]]:
    """Rows of a folder's curve, none where it has none."""
    path = out / NAME
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row.get("step")]


def _board(out: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingPartError(
            "TensorBoard is not installed", hint="pip install tensorboard, or read curve.csv"
        ) from error
    return SummaryWriter(str(out / "tensorboard"))
