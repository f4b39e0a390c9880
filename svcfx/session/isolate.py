"""One effect over many files, each by itself: a failure is recorded, and the others go on.

The effect stays loaded from file to file. Rate, channels and length of a file are those of its input
(plus the tail that was asked for).
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from svcfx import audio
from svcfx.audio import Encoding, Samples
from svcfx.errors import Cancelled, InputError, SvcfxError
from svcfx.events import Events, Kept, Note, OnProgress, Progress, never, unheard
from svcfx.session import headroom, outputs, sidecar, turns
from svcfx.session.octaves import FIXED, Chosen
from svcfx.session.outputs import OnExists, Planned
from svcfx.session.recipe import DEFAULT_ENCODING, Recipe
from svcfx.session.results import FileResult, Results
from svcfx.session.sources import Found, Source
from svcfx.session.turns import Place, Task
from svcfx.session.writing import check_writable

STAGES = {"convert": "convert", "batch": "render"}
MAX_TAIL_SECONDS = 60.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A file as the effect gets it: how messages call it, samples (channels, frames), their rate, and what
    was chosen for it beforehand."""

    label: str
    samples: Samples
    sample_rate: int
    chosen: Chosen = FIXED


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What an effect made of a file, what there is to say, and what was chosen, for its recipe."""

    samples: Samples
    notes: tuple[Note, ...] = ()
    chosen: Mapping[str, float] = field(default_factory=dict)


Process = Callable[[Take, Events], Made]


@dataclass(frozen=True, slots=True)
class Effect:
    """What every file goes through.

    `process` keeps the length. `variables` are for names,
    `recipe` is all that a sidecar says but its input, `must_survive` are files that no output may replace;
    `notes` are said once for the whole run and stand in every recipe. `chosen` holds what was chosen for a
    file before it is rendered, by its path.
    """

    process: Process
    variables: Mapping[str, str]
    recipe: Recipe
    must_survive: tuple[Path, ...] = ()
    notes: tuple[Note, ...] = ()
    chosen: Mapping[Path, Chosen] = field(default_factory=dict)

    def of(self, source: Source) -> Chosen:
        """What was chosen for one file."""
        return self.chosen.get(source.path, FIXED)

    def names(self, source: Source) -> Mapping[str, str]:
        """The variables of one file's name."""
        return {**self.variables, **self.of(source).variables}


@dataclass(frozen=True, slots=True)
class Output:
    """Where and how results are written. `path` is a folder, or one file when it has an audio suffix."""

    path: Path = Path("renders")
    template: str = "{stem}"
    form: str | None = None
    encoding: Encoding = DEFAULT_ENCODING
    on_exists: OnExists = "error"
    tail_seconds: float = 0.0
    single: bool = field(init=False)

    def __post_init__(self) -> None:
        if not 0.0 <= self.tail_seconds <= MAX_TAIL_SECONDS:
            raise InputError(f"tail is {self.tail_seconds:g} s, outside 0 to {MAX_TAIL_SECONDS:g} s")
        is_file = self.path.suffix.lower() in audio.SUFFIXES and not self.path.is_dir()
        if is_file and self.form and outputs.suffix_of(self.form) != self.path.suffix.lower():
            raise InputError(f"the output '{self.path}' is no {self.form}", hint="leave out --format")
        suffix = self.path.suffix if is_file else outputs.suffix_of(self.form or "wav")
        audio.check_holds(Path(f"result{suffix}"), audio.MP3_RATES[-1], 1, encoding=self.encoding)
        object.__setattr__(self, "single", is_file)

    @property
    def folder(self) -> Path:
        """Where results go, and what is passed over when it lies in a folder of inputs."""
        return self.path.parent if self.single else self.path

    def target(self, source: Source, variables: Mapping[str, str]) -> Path:
        """The result's path for one input; sub-folders are mirrored."""
        if self.single:
            return self.path
        name = outputs.fill(self.template, {"stem": source.path.stem, **variables})
        return self.path / source.folder / (name + outputs.suffix_of(self.form or "wav"))


def plan(sources: Sequence[Source], effect: Effect, output: Output) -> tuple[Planned, ...]:
    """Settle where each result goes.

    Raises:
        InputError: Any collision (see `outputs.plan_outputs`), or as `check` does.
        OutputError: The folder cannot be written.
    """
    check(sources, effect, output)
    wanted = [(source.path, output.target(source, effect.names(source))) for source in sources]
    return outputs.plan_outputs(wanted, output.on_exists, inputs=effect.must_survive)


def check(sources: Sequence[Source], effect: Effect, output: Output) -> None:
    """Refuse what shows before it is known what each result will be called.

    Raises:
        InputError: A wrong template, a file for several inputs.
        OutputError: The folder cannot be written.
    """
    if output.single and len(sources) > 1:
        raise InputError(
            f"'{output.path}' is one file and there are {len(sources)} inputs", hint="give a folder with -o"
        )
    check_writable(output.folder)
    output.target(sources[0], effect.variables)


def run(
    found: Found,
    effect: Effect,
    output: Output,
    *,
    dry_run: bool = False,
    jobs: int = 1,
    on_progress: OnProgress = unheard,
    is_cancelled: Callable[[], bool] = never,
) -> Results:
    """Send each source through the effect and write result and recipe, in `jobs` processes.

    Raises:
        InputError: The plan has a collision: nothing was rendered. What goes wrong with a single
            file is in the results instead.
    """
    tasks = list(zip(found.sources, plan(found.sources, effect, output), strict=True))
    at = Place("plan" if dry_run else STAGES[effect.recipe.kind], tasks, on_progress)
    alone = Alone(effect, output, dry_run)
    files = turns.take(alone, tasks, 1 if dry_run else jobs, at, is_cancelled)
    on_progress(Progress("", "", 1.0))  # the bar is full; in a pipe it is no line
    notes = effect.notes if any(file.status == "done" for file in files) else ()
    return Results(tuple(files), notes, found.left_out)


@dataclass(frozen=True, slots=True)
class Alone:
    """What is done with one file; pickles as its effect does."""

    effect: Effect
    output: Output
    dry_run: bool

    def __call__(self, task: Task, events: Events) -> FileResult:
        """What became of the file."""
        source, step = task
        if step.skipped:
            return sidecar.left(source, step, self.effect, self.output)
        heard = Kept(events.progress, events.cancelled)
        return _isolated(source, step, self.effect, self.output, self.dry_run, heard)


def _isolated(
    source: Source, step: Planned, effect: Effect, output: Output, dry_run: bool, heard: Kept
) -> FileResult:
    started = time.monotonic()
    try:
        if dry_run:
            info = audio.probe(step.source)
            audio.check_holds(step.target, info.sample_rate, info.channels, encoding=output.encoding)
            seconds = info.frames / info.sample_rate
            said = effect.of(source).notes
            return FileResult(source.label, step.source, step.target, "planned", seconds, notes=said)
        seconds, notes = _render(source, step, effect, output, heard)
    except Cancelled:
        raise
    except SvcfxError as error:
        failure = error
    except Exception as error:  # a bug: its traceback is kept, and the other files are not its victims
        _LOG.exception("unexpected %s in '%s'", type(error).__name__, source.label)
        failure = SvcfxError(f"'{source.label}' met a {type(error).__name__} that nobody expected: {error}")
    else:
        spent = time.monotonic() - started
        return FileResult(source.label, step.source, step.target, "done", seconds, spent, notes)
    return turns.failed((source, step), failure)


def _render(
    source: Source, step: Planned, effect: Effect, output: Output, heard: Kept
) -> tuple[float, tuple[Note, ...]]:
    """Read, process, write with recipe; return seconds of audio and what to say."""
    sound = audio.read(step.source)
    audio.check_holds(step.target, sound.sample_rate, sound.samples.shape[0], encoding=output.encoding)
    tail = round(output.tail_seconds * sound.sample_rate)
    padded = np.pad(sound.samples, ((0, 0), (0, tail))) if tail else sound.samples
    chosen = effect.of(source)
    made = effect.process(Take(f"'{source.label}'", padded, sound.sample_rate, chosen), heard)
    if made.samples.shape != padded.shape:
        raise SvcfxError(f"the effect made {made.samples.shape} of {padded.shape} (channels, frames)")
    mended = [Note("mended-file", remark) for remark in sound.remarks]
    samples, down = headroom.fitted(made.samples, [step.target], output.encoding)
    notes = (*mended, *chosen.notes, *made.notes, *heard.notes, *down)
    sidecar.save(source, step, effect, output, sound.sample_rate, Made(samples, notes, chosen.values))
    return sound.seconds, notes
