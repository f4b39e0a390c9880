"""The report of a dataset: one HTML page that holds everything it shows."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svcfx.atomic import atomic
from svcfx.chain.scales import note_name
from svcfx.report import drawings
from svcfx.report import page as pages
from svcfx.report.drawings import Histogram, Key
from svcfx.training.prepare.records import Records
from svcfx.training.prepare.slicing import MOST_SECONDS

NAME = "report.html"
TEMPLATE = "dataset.html.jinja"
COVERED_SECONDS = 1.0
"""A note that is sung for less is hardly learned."""


@dataclass(frozen=True, slots=True)
class SingerReport:
    """What is told of one singer."""

    name: str
    minutes: float
    pieces: int
    altered: int
    validation: int
    snr_db: float
    notes: tuple[Key, ...]
    coverage: str


def write(records: Records, folder: Path) -> Path:
    """Write `report.html` into a folder; the same records give the same bytes."""
    path = folder / NAME
    with atomic(path) as temporary:
        temporary.write_text(page(records), encoding="utf-8")
    return path


def page(records: Records) -> str:
    """The page's text."""
    return pages.rendered(TEMPLATE, _facts(records))


def _facts(records: Records) -> dict[str, Any]:
    sung = [piece for singer in records.singers for piece in records.of(singer)]
    reasons: dict[str, float] = defaultdict(float)
    for row in records.set_aside:
        reasons[row.reason] += row.seconds / 60.0
    counts = Counter(str(row.reason) for row in records.set_aside)
    most = max(reasons.values(), default=0.0) or 1.0
    return {
        "records": records,
        "minutes": sum(piece.seconds for piece in sung) / 60.0,
        "pieces": len(sung),
        "given_minutes": sum(source.seconds for source in records.sources) / 60.0,
        "aside_minutes": sum(reasons.values()),
        "singers": [_singer(records, name) for name in records.singers],
        "histograms": _histograms(records),
        "reasons": [(name, counts[name], value, value / most) for name, value in sorted(reasons.items())],
        "kept_seconds": _kept_seconds(records),
        "drawing": {"width": drawings.WIDTH, "bar_height": drawings.BARS, "key_height": drawings.KEYS,
                    "plot_width": drawings.CHART_WIDTH, "plot_height": drawings.CHART_HEIGHT},
    }  # fmt: skip


def _singer(records: Records, name: str) -> SingerReport:
    own, notes = records.of(name), records.notes_of(name)
    every = [piece for piece in records.pieces if piece.singer == name]
    inside = records.note_range(name)
    low, high = inside if inside is not None else (0, -1)
    noise = sorted(piece.snr_db for piece in own)
    return SingerReport(
        name=name,
        minutes=sum(piece.seconds for piece in own) / 60.0,
        pieces=len(own),
        altered=len(every) - len(own),
        validation=sum(piece.part == "validation" for piece in own),
        snr_db=noise[len(noise) // 2],
        notes=tuple(drawings.keys(notes, low, high)),
        coverage=_coverage(notes, low, high),
    )


def _coverage(notes: dict[int, float], low: int, high: int) -> str:
    """Which notes a singer sings, in a sentence."""
    if high < low:
        return "No note is sung for long enough to be learned."
    thin = [number for number in range(low, high + 1) if notes.get(number, 0.0) < COVERED_SECONDS]
    said = f"Nine tenths lie between {note_name(low)} and {note_name(high)}, {high - low + 1} notes. "
    if not thin:
        return said + f"Every note between them is sung for {COVERED_SECONDS:g} s or more."
    return said + f"Sung for less than {COVERED_SECONDS:g} s: {', '.join(map(note_name, thin))}."


def _histograms(records: Records) -> list[Histogram]:
    sung = [piece for piece in records.pieces if piece.altered is None]
    least = float(records.settings["least_snr_db"])
    return [
        drawings.histogram(
            "How long the pieces are", "s", [p.seconds for p in sung], range(int(MOST_SECONDS) + 1)
        ),
        drawings.histogram(
            "How far the voice stands above the noise", "dB", [p.snr_db for p in sung], range(0, 85, 5),
            limit=least, limit_text=f"set aside below {least:g} dB",
        ),
        drawings.histogram(
            "How much of a piece has a pitch", "%", [100.0 * p.voiced_share for p in sung], range(0, 105, 5)
        ),
        drawings.histogram("The loudest sample", "dBFS", [p.peak_dbfs for p in sung], range(-36, 2, 2)),
    ]  # fmt: skip


def _kept_seconds(records: Records) -> dict[str, float]:
    """How much of each recording is in the dataset."""
    kept: dict[str, float] = defaultdict(float)
    for piece in records.pieces:
        if piece.altered is None:
            kept[piece.source] += piece.seconds
    return kept
