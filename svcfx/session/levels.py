"""How loud a bounce's files are beside what went in, over the same stretch: what an even comparison needs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from svcfx import audio
from svcfx.dsp import loudness
from svcfx.session import overview, writing
from svcfx.session.document import Document
from svcfx.session.model import stem_names


@dataclass(frozen=True, slots=True)
class Levels:
    """LUFS of the mix, and of each strip's source and result by name; None for silence. `start_seconds` is
    where in the song the files begin."""

    start_seconds: float
    mix: float | None
    sources: Mapping[str, float | None]
    results: Mapping[str, float | None]


def by_name(document: Document, files: Sequence[Path], bars: str | None) -> dict[str, Path]:
    """A bounce's files of stems, by the names of these."""
    known = {path.stem: path for path in files}
    names = {name: writing.base_name(name, bars) for name in stem_names(document.session.stems)}
    return {name: known[base] for name, base in names.items() if base in known}


def measure(document: Document, bars: str | None, mix: Path, stems: Mapping[str, Path]) -> Levels:
    """Measure a bounce of `document`: its mix and its stems' files, and what each was made from."""
    start, end = overview.timeline_of(document).range_of(bars) if bars else (0.0, math.inf)
    strips = {strip.name: strip for strip in overview.of(document).strips}
    sources = {}
    for name in stems:
        strip = strips[name]
        path = document.reach.find(
            document.session.stems[strip.number].file, f"stems[{strip.number + 1}].file"
        )
        sources[name] = _lufs(path, start - strip.start_seconds, end - strip.start_seconds)
    results = {name: _lufs(path) for name, path in stems.items()}
    return Levels(start, _lufs(mix), sources, results)


def _lufs(path: Path, start: float = 0.0, end: float = math.inf) -> float | None:
    info = audio.probe(path)
    first = max(round(start * info.sample_rate), 0)
    last = info.frames if end == math.inf else max(round(end * info.sample_rate), first)
    part = audio.read_part(path, first, last - first)
    found = loudness.integrated_lufs(part.samples, part.sample_rate)
    return round(found, 2) if math.isfinite(found) else None
