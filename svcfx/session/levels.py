"""How loud a bounce's files are beside what went in, over the same stretch: what an even comparison needs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from svcfx import audio
from svcfx.dsp import loudness
from svcfx.session import overview, recipe, writing
from svcfx.session.document import Document
from svcfx.session.strip_model import stem_names

Known = dict[tuple[str, float, float], float | None]
"""LUFS by a file's hash and a stretch of it, in seconds."""


@dataclass(frozen=True, slots=True)
class StripLevels:
    """LUFS of the mix, and of each strip's result and file that it plays, by name; None for silence.

    `start_seconds` is where in the song the files begin.
    """

    start_seconds: float
    mix: float | None
    sources: Mapping[str, float | None]
    results: Mapping[str, float | None]


def by_name(document: Document, files: Sequence[Path], bars: str | None) -> dict[str, Path]:
    """A bounce's files of stems, by the names of these."""
    known = {path.stem: path for path in files}
    names = {name: writing.base_name(name, bars) for name in stem_names(document.session.stems)}
    return {name: known[base] for name, base in names.items() if base in known}


def measure(
    document: Document, bars: str | None, mix: Path, stems: Mapping[str, Path], known: Known
) -> StripLevels:
    """Measure a bounce of `document`: its mix and its stems' files, and what each was made from.

    `known` keeps what was measured, by what the files hold: what did not change is not measured again.
    """
    start, end = overview.timeline_of(document).range_of(bars) if bars else (0.0, math.inf)
    strips = {strip.name: strip for strip in overview.of(document).strips}
    sources, results = {}, {}
    for name, path in stems.items():
        strip, made = strips[name], recipe.read(path)
        file, key = document.session.stems[strip.number].file, f"stems[{strip.number + 1}].file"
        stretch = [_recorded(strip, at) for at in (start, end)]
        if file is not None:
            sources[name] = _lufs(document.reach.find(file, key), made.inputs[0].sha256, known, *stretch)
        results[name] = _lufs(path, made.output_sha256, known)
    return StripLevels(start, _lufs(mix, recipe.read(mix).output_sha256, known), sources, results)


def _recorded(strip: overview.StripOverview, song_seconds: float) -> float:
    """The second of a strip's file that sounds at one of the song."""
    own = song_seconds - strip.start_seconds
    return own if strip.time is None or math.isinf(own) else strip.time.recorded(own)


def _lufs(path: Path, sha256: str, known: Known, start: float = 0.0, end: float = math.inf) -> float | None:
    key = (sha256, start, end)
    if key not in known:
        info = audio.probe(path)
        first = max(round(start * info.sample_rate), 0)
        last = info.frames if end == math.inf else max(round(end * info.sample_rate), first)
        part = audio.read_part(path, first, last - first)
        found = loudness.integrated_lufs(part.samples, part.sample_rate)
        known[key] = round(found, 2) if math.isfinite(found) else None
    return known[key]
