"""What is known of every piece of a dataset, for reports and for the next run: `prepared.json`.

The index says what is trained on; this says where it came from, what it is worth, and what was set aside.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from svcfx.atomic import atomic
from svcfx.chain.scales import note_hz
from svcfx.errors import DatasetError
from svcfx.training.index import Part
from svcfx.training.items import AGAIN
from svcfx.training.prepare.judging import SetAside

NAME = "prepared.json"
FORM = "svcfx-prepared-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """A recording as it was given."""

    label: str
    singer: str
    seconds: float
    sample_rate: int
    channels: int
    lufs: float | None
    gain_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetPiece:
    """An item of the dataset. What was heard is that of the piece before it was altered.

    Attributes:
        file: As in the index.
        source, start_seconds: Where it was cut.
        f0_hz: 5th percentile, median, 95th percentile.
        notes: Seconds on each MIDI note.
        altered: How, for an altered copy.
    """

    file: str
    singer: str
    part: Part
    source: str
    start_seconds: float
    seconds: float
    peak_dbfs: float
    snr_db: float
    clipped_share: float
    voiced_share: float
    several_share: float
    f0_hz: tuple[float, float, float]
    notes: Mapping[int, float]
    sha256: str
    altered: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """All of them, and the settings; `passed_over` counts files that are no audio, by suffix."""

    settings: Mapping[str, Any]
    sources: tuple[SourceRecord, ...]
    pieces: tuple[DatasetPiece, ...]
    set_aside: tuple[SetAside, ...]
    passed_over: Mapping[str, int]
    cautions: tuple[str, ...] = ()

    @property
    def singers(self) -> tuple[str, ...]:
        """Whoever has a piece, in order of names."""
        return tuple(sorted({piece.singer for piece in self.pieces}))

    def of(self, singer: str) -> tuple[DatasetPiece, ...]:
        """A singer's pieces as they were sung, without altered copies."""
        return tuple(piece for piece in self.pieces if piece.singer == singer and piece.altered is None)

    def notes_of(self, singer: str) -> dict[int, float]:
        """Seconds that a singer sings on each MIDI note, lowest first."""
        total: dict[int, float] = {}
        for piece in self.of(singer):
            for number, seconds in piece.notes.items():
                total[number] = total.get(number, 0.0) + seconds
        return dict(sorted(total.items()))

    def note_range(self, singer: str) -> tuple[int, int] | None:
        """MIDI notes between which a singer sings nine tenths of the time; None without any."""
        notes = self.notes_of(singer)
        numbers = np.array(list(notes))
        ends = np.cumsum(list(notes.values()))
        if not len(ends):
            return None
        low, high = np.searchsorted(ends, [0.05 * ends[-1], 0.95 * ends[-1]])
        return int(numbers[low]), int(numbers[min(high, len(numbers) - 1)])

    def range_of(self, singer: str) -> tuple[float, float]:
        """The same in Hz; zeros without any."""
        found = self.note_range(singer)
        return (0.0, 0.0) if found is None else (note_hz(found[0]), note_hz(found[1]))


def write(records: Records, folder: Path) -> Path:
    """Write them, whole or not at all; the same records give the same bytes."""
    path = folder / NAME
    with atomic(path) as temporary:
        text = json.dumps({"format": FORM, **asdict(records)}, ensure_ascii=False, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")
    return path


def read(folder: Path) -> Records:
    """Read what `write` wrote.

    Raises:
        DatasetError: It is missing, damaged, or of another version.
    """
    path = folder / NAME
    try:
        document = json.loads(path.read_text("utf-8"))
        if document.pop("format") != FORM:
            raise ValueError(f"it is not {FORM}")
        pieces = tuple(_piece(row) for row in document.pop("pieces"))
        sources = tuple(SourceRecord(**row) for row in document.pop("sources"))
        aside = tuple(SetAside(**row) for row in document.pop("set_aside"))
        cautions = tuple(document.pop("cautions"))
        return Records(**document, pieces=pieces, sources=sources, set_aside=aside, cautions=cautions)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DatasetError(f"'{path}' cannot be read: {error}", hint=AGAIN) from error


def _piece(row: dict[str, Any]) -> DatasetPiece:
    notes = {int(number): float(seconds) for number, seconds in row.pop("notes").items()}
    return DatasetPiece(**row | {"f0_hz": tuple(row["f0_hz"])}, notes=notes)
