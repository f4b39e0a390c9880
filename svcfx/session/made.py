"""Recipes of a bounce's files: what went into the mix, and into each stem."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from svcfx.events import Note
from svcfx.session import contents, singers, stale
from svcfx.session.plan import Plan
from svcfx.session.recipe import CONVERTED, MADE, Input, Recipe, VoiceUsed, file_sha256, versions
from svcfx.session.strip import Strip
from svcfx.session.strip_model import MASTER
from svcfx.session.writing import Targets

if TYPE_CHECKING:  # a dry run renders and measures nothing
    from svcfx.session.mastering import Finished
    from svcfx.session.strip_render import Rendered


def of_mix(plan: Plan, notes: Iterable[Note], done: "Finished", stretcher: str, key: str) -> Recipe:
    """The recipe of the mix."""
    measured = {"integrated_lufs": _finite(done.lufs), "true_peak_dbtp": _finite(done.dbtp)}
    return planned_mix(plan, notes, stretcher).model_copy(update={"loudness": measured, "key": key})


def planned_mix(plan: Plan, notes: Iterable[Note] = (), stretcher: str = "") -> Recipe:
    """The recipe of the mix, as far as it is known before it is rendered."""
    return _recipe(plan, plan.at_work, notes, stretcher).model_copy(update={"kind": "mix"})


def planned_stem(plan: Plan, stem: Strip) -> Recipe:
    """The recipe of a stem's own file, as far as it is known before it is rendered."""
    return _recipe(plan, (stem,), (), "")


def of_stem(plan: Plan, stem: Strip, rendered: "Rendered", key: str) -> Recipe:
    """The recipe of one stem's own file."""
    made = _recipe(plan, (stem,), rendered.notes, rendered.stretcher)
    return made.model_copy(update={"key": key})


def left(planned: Plan, targets: Targets) -> list[Note]:
    """A warning for each file that is there already and was made with other settings."""
    wanted = [(item, planned_mix(planned)) for item in targets.mix if item.skipped]
    for stem in planned.heard:
        group = targets.stems.get(stem.name, ())
        wanted += [(item, planned_stem(planned, stem)) for item in group if item.skipped]
    return [found for item, recipe in wanted if (found := stale.note(item.target, recipe))]


def _recipe(plan: Plan, strips: Sequence[Strip], notes: Iterable[Note], stretcher: str) -> Recipe:
    session = plan.document.session
    voices = _voices(strips)
    return Recipe(
        statement=CONVERTED if voices else MADE,
        kind="stem",
        title=session.title or plan.document.name,
        inputs=[*(_input(strip) for strip in strips if strip.clip), *_files(plan)],
        presets={
            _preset_name(strip): contents.document_of(strip.preset)
            for strip in strips
            if strip.preset is not None
        },
        voices=voices,
        settings={"session": session.model_dump(exclude_defaults=True), "sample_rate": plan.sample_rate}
        | ({"frames": list(plan.cut)} if plan.cut else {}),
        seed=session.seed or 0,
        stretcher=stretcher,
        notes=[note.text for note in notes],
        versions=versions(),
    )


def _preset_name(strip: Strip) -> str:
    """A preset with values of a strip's own is another one than that of the same name elsewhere."""
    if strip.role == MASTER:
        return MASTER
    return f"{strip.preset_name}, as set by {strip.name}" if strip.is_set else strip.preset_name


def _input(stem: Strip) -> Input:
    return Input(
        file=stem.recording.file,
        sha256=file_sha256(stem.recording.path),
        role=stem.role,
        preset=stem.preset_name,
        details={"follows_key": stem.recording.way},
    )


def _files(plan: Plan) -> list[Input]:
    document = plan.document
    files = [Input(file=document.path.name, sha256=file_sha256(document.path), kind="session")]
    session = document.session
    named = {"midi.file": session.midi and session.midi.file, "tempo.to": session.tempo and session.tempo.to}
    for key, file in named.items():
        if file:
            path = document.reach.find(file, key)
            files.append(Input(file=file, sha256=file_sha256(path), kind="midi"))
    return files


def _voices(strips: Sequence[Strip]) -> list[VoiceUsed]:
    found = {voice.name: voice for strip in strips for voice in strip.used}
    return [singers.placed(voice) for voice in found.values()]


def _finite(value: float) -> float | None:
    return round(value, 2) if math.isfinite(value) else None
