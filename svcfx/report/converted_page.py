"""The report of one converted file: the page of a bounce, with one strip and no mix."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx import audio, scratch
from svcfx.atomic import atomic
from svcfx.audio import Samples
from svcfx.errors import InputError
from svcfx.report import intonation, singing
from svcfx.report.bounced_page import DRAWN_SECONDS, SUFFIX, drawn, mark_for, mark_of, shown
from svcfx.report.players import BitBudget
from svcfx.report.side import column_frames, side
from svcfx.session import recipe
from svcfx.session.outputs import OnExists, plan_outputs
from svcfx.session.recipe import Recipe
from svcfx.session.results import FileResult


def write(result: FileResult, on_exists: OnExists) -> Path:
    """Write the page of a result that is on disk beside it, under its name; return where it lies.

    One that is there as it would be made now stays. Where another file is, the page steps aside under a
    number, unless that may be overwritten.

    Raises:
        AudioFileError: Source or result cannot be read.
        OutputError: The page cannot be written.
    """
    made = _recipe(result.target)
    mark = mark_for(made.key if made is not None else "")
    (planned,) = plan_outputs(
        [(result.source, result.target.with_suffix(SUFFIX))],
        "overwrite" if on_exists == "overwrite" else "rename",
        inputs=[result.target],
        is_same=lambda _, path: on_exists != "overwrite" and mark_of(path) == mark != "",
    )
    if not planned.skipped:
        with atomic(planned.target) as temporary:
            temporary.write_text(page(result, made, mark), encoding="utf-8")
    return planned.target


def _recipe(path: Path) -> Recipe | None:
    """The recipe of a result; None where it has none that can be read."""
    try:
        return recipe.read(path)
    except InputError:
        return None


def page(result: FileResult, made: Recipe | None, mark: str = "") -> str:
    """The page's text."""
    source, after = audio.read(result.source), audio.read(result.target)
    rate, frames = after.sample_rate, max(source.frames, after.frames)
    column, budget = column_frames(frames, rate), BitBudget.of(frames / rate, 2)
    sides, laid = [], []
    for sound in (source, after):
        kept = scratch.placed(_both_sides(sound.samples), 0, frames)
        laid.append(kept)
        player = budget.part(kept, rate) if budget.parts == 2 else None
        sides.append(side(kept, rate, sound.seconds, column, sings=True, sound=player))
    before, behind = sides
    assert before.notes is not None
    assert behind.notes is not None
    moved = intonation.moved(before.notes, behind.notes)
    asked = np.full(len(before.notes), round((moved or 0.0) / 100.0), np.float64)
    voices = [voice.name for voice in made.voices] if made else []
    voice = voices[0] if len(voices) == 1 else ""
    sung = singing.of(before, behind, (laid[0], laid[1]), asked, rate, voice)
    strip = {
        "name": result.target.name,
        "role": f"made of {result.label}",
        "voices": voices,
        "source": before.figures,
        "result": behind.figures,
        **sung.figures,
        "moved": [{"from_seconds": 0.0, "cents": moved}],
        "lanes": [],
    }
    figures = {
        "title": result.target.stem,
        "from_seconds": 0.0,
        "seconds": round(frames / rate, 3),
        "sample_rate": rate,
        "strips": [strip],
        "work_seconds": result.work_seconds,
    }
    sounds = [("source-0", before.sound), ("result-0", behind.sound)]
    heard = [(name, sound) for name, sound in sounds if sound is not None]
    drawing = {**_time(frames / rate, column / rate), "strips": [drawn(before, behind, sung.away)]}
    words = recipe.as_text(made) if made else ""
    return shown(figures, heard, drawing, result.notes, words, mark=mark)


def _time(seconds: float, column_seconds: float) -> dict[str, Any]:
    """A time without bars."""
    scale = {"column_seconds": column_seconds, "frame_seconds": DRAWN_SECONDS}
    return {"start": 0.0, "seconds": seconds, **scale, "bars": [], "sections": []}


def _both_sides(samples: Samples) -> NDArray[np.float32]:
    """A file as it sounds from two loudspeakers, shape (2, frames)."""
    if len(samples) == 2:
        return samples
    return np.repeat(samples.mean(axis=0, keepdims=True), 2, axis=0)
