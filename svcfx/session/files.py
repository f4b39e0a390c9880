"""One voice, or one preset, over many files: what `svcfx convert` and `svcfx batch` call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svcfx.documents import is_path
from svcfx.errors import InputError
from svcfx.events import Events, Kept, OnProgress, never, unheard
from svcfx.lanes import Lane
from svcfx.render import engine
from svcfx.render.job import Job
from svcfx.render.steps import Steps
from svcfx.render.store import Store
from svcfx.session import advice, contents, isolate, octaves, singers, tails
from svcfx.session.isolate import Effect, Made, Output, Take
from svcfx.session.outputs import signed
from svcfx.session.recipe import CONVERTED, MADE, Input, Recipe, file_sha256
from svcfx.session.results import Results
from svcfx.session.settings import apply
from svcfx.session.sources import Found, collect
from svcfx.voices import lacking

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.preset import Preset

CONVERT_NAME = "{stem}_{voice}_{transpose}"
BATCH_NAME = "{stem}_{preset}"


def convert_files(
    inputs: Sequence[Path],
    *,
    voice: str,
    output: Output,
    options: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    with_results: bool = False,
    jobs: int = 1,
    on_progress: OnProgress = unheard,
    is_cancelled: Callable[[], bool] = never,
    store: Store | None = None,
) -> Results:
    """Sing each input with another voice; rate, channels and length stay.

    Args:
        inputs: Audio files, or folders of them.
        voice: A singer's name.
        output: Where results go; see `isolate.Output`. Names know {stem}, {voice}, {transpose}, {formant}.
        options: Knobs and switches of `VoiceConversion` by name; what is not given stands where the voice has
            it. `transpose_semitones` may be "auto": the octave that suits the singer, one for the takes of a
            folder, one for each file that is named.
        dry_run: Plan and look at the inputs, render nothing.
        with_results: Take results of svcfx, which lie in folders among the inputs, as inputs too.
        jobs: Processes that take the files as they come; the results are the same, but for rounding below
            -100 dBFS where so-vits-svc and RVC voices get fewer threads.
        on_progress: Told how far the run is.
        is_cancelled: Asked now and then whether to stop.
        store: Where what voices heard and sang lies, such as `render.files.Files`; see `bounce`.

    Returns:
        What became of each file; `Results.check` raises the error that the run should end with.

    Raises:
        SvcfxError: What concerns all files: an unknown voice, a value out of range, a collision of outputs.
    """
    given = dict(options or {})
    automatic = given.get(singers.TRANSPOSE) == singers.AUTO
    if automatic:
        del given[singers.TRANSPOSE]
    lacking.refuse(voice, given)
    from svcfx.board import Board
    from svcfx.node import VoiceConversion  # here: what cards show is refused before torch is loaded

    node = VoiceConversion(voice, **given)
    node.check_curves({}, 0.0)
    board = Board([node])
    settings = {
        name: value for name, value in node.to_dict().items() if name not in ("node", "seed", "voice")
    }
    variables = {"voice": voice, **_amounts(node.transpose_semitones, node.formant_semitones)}
    if automatic:
        settings[singers.TRANSPOSE] = singers.AUTO
    used = singers.used(board)
    facts = Recipe(kind="convert", statement=CONVERTED, inputs=[], voices=used, settings=settings,
                   seed=node.seed)  # fmt: skip
    found = _found(inputs, output, with_results=with_results)
    notes = tuple(singers.licence_notes(used))
    effect = Effect(
        Player(board, output.tail_seconds, store), variables, _with_tail(facts, output), notes=notes
    )
    which = contents.voices(board) if automatic else ()
    effect = _settled(effect, board, which, found, output, Kept(on_progress, is_cancelled))
    return isolate.run(
        found,
        effect,
        output,
        dry_run=dry_run,
        jobs=jobs,
        on_progress=on_progress,
        is_cancelled=is_cancelled,
    )


def batch(
    paths: Sequence[Path],
    preset: str | Path,
    *,
    output: Output,
    settings: Mapping[str, str] | None = None,
    allow_plugins: Sequence[Path] = (),
    seed: int | None = None,
    dry_run: bool = False,
    with_results: bool = False,
    jobs: int = 1,
    on_progress: OnProgress = unheard,
    is_cancelled: Callable[[], bool] = never,
    store: Store | None = None,
) -> Results:
    """Run one preset over files and whole folders; sub-folders are mirrored below the output folder.

    Args:
        paths: Audio files, or folders that are read through and through (see `sources.collect`).
        preset: A shipped preset's name, or a preset file.
        output: Where results go. Names know {stem}, {preset} and, when the preset holds a voice, {voice},
            {transpose}, {formant} of its first one.
        settings: Parameters to change, by address: `{"compressor.threshold_db": "-30"}`; a voice's
            transpose_semitones may be "auto".
        allow_plugins: Plug-in files that the preset may load by path.
        seed: Seed of all voices in the preset; None keeps what it says.
        dry_run: Plan and look at the inputs, render nothing.
        with_results: Take results of svcfx, which lie in folders among the inputs, as inputs too.
        jobs: Processes that take the files as they come; the results are the same, but for rounding below
            -100 dBFS where so-vits-svc and RVC voices get fewer threads.
        on_progress: Told how far the run is.
        is_cancelled: Asked now and then whether to stop.
        store: Where what voices heard and sang lies, such as `render.files.Files`; see `bounce`.

    Returns:
        What became of each file; `Results.check` raises the error that the run should end with.

    Raises:
        SvcfxError: What concerns all files: a wrong preset or setting, a collision of outputs.
    """
    from svcfx import preset as presets

    said = Kept()
    loaded, board = presets.opened(preset, allow_plugins=allow_plugins, events=said)
    contents.seeded(board, seed)
    fixed, automatic = singers.parted(settings or {}, board)
    apply(board, fixed)
    effect = _batch_effect(board, loaded, preset, output, settings or {}, seed or 0, store)
    effect = replace(effect, notes=(*said.notes, *effect.notes))
    found = _found(paths, output, with_results=with_results)
    contents.check_files(board, [source.path for source in found.sources])
    effect = _settled(effect, board, automatic, found, output, Kept(on_progress, is_cancelled))
    return isolate.run(
        found,
        effect,
        output,
        dry_run=dry_run,
        jobs=jobs,
        on_progress=on_progress,
        is_cancelled=is_cancelled,
    )


def _batch_effect(
    board: "Board",
    loaded: "Preset",
    preset: str | Path,
    output: Output,
    settings: Mapping[str, str],
    seed: int,
    store: Store | None,
) -> Effect:
    """What a batch does to each file, and what its recipes say of it."""
    path = Path(preset)
    is_file = is_path(str(preset))
    name = path.stem if is_file else str(preset)
    files = (path,) if is_file else ()
    voices = singers.used(board)
    facts = Recipe(
        kind="batch",
        statement=CONVERTED if voices else MADE,
        inputs=[Input(file=file.name, sha256=file_sha256(file), kind="preset") for file in files],
        presets={name: contents.document_of(loaded)},
        voices=voices,
        settings={"set": dict(settings)} if settings else {},
        seed=seed,
    )
    variables = {"preset": name, **_of_first_voice(board)}
    notes = tuple(singers.licence_notes(voices))
    return Effect(
        Player(board, output.tail_seconds, store), variables, _with_tail(facts, output), files, notes
    )


def _settled(
    effect: Effect,
    board: "Board",
    automatic: Sequence[str],
    found: Found,
    output: Output,
    events: Events,
) -> Effect:
    """The effect, with the octaves that its voices at the addresses `automatic` take."""
    if not automatic:
        return effect
    isolate.check(found.sources, effect, output)  # before anything is heard
    named = next(iter(contents.voices(board)), "")
    chosen = octaves.of_files(board, automatic, named, found.sources, events)
    return replace(effect, chosen=chosen)


def _found(paths: Sequence[Path], output: Output, *, with_results: bool) -> Found:
    if not paths:
        raise InputError("no file was given", hint="name audio files or folders")
    leave_out = None if output.single else output.path
    return collect(paths, leave_out=leave_out, with_results=with_results)


@dataclass(frozen=True, slots=True)
class Player:
    """Plays the board, with what was chosen for each file."""

    board: "Board"
    tail_seconds: float
    store: Store | None = None

    def __call__(self, take: Take, events: Events) -> Made:
        """As `isolate.Process`."""
        lanes = {address: Lane.constant(value) for address, value in take.chosen.values.items()}
        job = Job(take.label, take.samples, take.sample_rate, self.board, lanes)
        steps = Steps(self.store)
        if steps.keeps:
            job = replace(job, source=engine.source_of(take.samples, take.sample_rate))
        made = engine.run(job, events, steps)
        notes = advice.about_input(job, "it", steps) if contents.first_voices(self.board) else []
        ringing = tails.ringing_from(self.board, take.samples, take.sample_rate)
        longer = f"raise tail_seconds, {self.tail_seconds:g} s now"
        notes += tails.notes(made, take.sample_rate, ringing, "the result", longer)
        return Made(made, tuple(notes))


def _with_tail(facts: Recipe, output: Output) -> Recipe:
    tail = {"tail_seconds": output.tail_seconds} if output.tail_seconds else {}
    return facts.model_copy(update={"settings": {**facts.settings, **tail}})


def _of_first_voice(board: "Board") -> dict[str, str]:
    for name in contents.voices(board)[:1]:
        node = contents.node(board, name)
        return {"voice": node.voice, **_amounts(node.transpose_semitones, node.formant_semitones)}
    return {}


def _amounts(transpose: float, formant: float) -> dict[str, str]:
    return {"transpose": signed(transpose), "formant": signed(formant)}
