"""One file of a run by itself: a failure is recorded, and the others go on.

Effects stay loaded from file to file. Rate, channels and length of a file are those of its input (plus the
tail that was asked for).
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from svcfx import audio, scratch
from svcfx.audio import AudioInfo, Encoding, Samples
from svcfx.errors import Cancelled, InputError, SvcfxError
from svcfx.events import Events, Kept, Note
from svcfx.session import headroom, outputs, sidecar, singers, turns
from svcfx.session.octaves import FIXED, Chosen
from svcfx.session.outputs import OnExists
from svcfx.session.recipe import DEFAULT_ENCODING, Recipe
from svcfx.session.results import FileResult
from svcfx.session.sources import Source
from svcfx.session.turns import FileTask

MAX_TAIL_SECONDS = 60.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class FileTake:
    """A file as the effect gets it: how messages call it, samples (channels, frames), their rate, and what
    was chosen for it beforehand."""

    label: str
    samples: Samples
    sample_rate: int
    chosen: Chosen = FIXED


@dataclass(frozen=True, slots=True, eq=False)
class Processed:
    """What an effect made of a file, what there is to say, and what was chosen, for its recipe; `reused` as
    in its result. What `aside` says is of the work, not of the file, and stands in no recipe."""

    samples: Samples
    notes: tuple[Note, ...] = ()
    chosen: Mapping[str, float] = field(default_factory=dict)
    reused: tuple[int, int] = (0, 0)
    aside: tuple[Note, ...] = ()


class Process(Protocol):
    """What is done with the samples of a file; it keeps their length."""

    def __call__(self, take: FileTake, events: Events) -> Processed:
        """What it made of them."""
        ...

    def key(self, source: str, info: AudioInfo, chosen: Chosen) -> str:
        """The key of what it would make of samples as `info` says, whose own key is `source`; "" where it
        does not know what that depends on. Nothing is read."""
        ...


@dataclass(frozen=True, slots=True)
class FileEffect:
    """What every file goes through.

    `variables` are for names, `recipe` is all that a sidecar says but its input, `must_survive` are files
    that no output may replace; `notes` are said once for the whole run and stand in every recipe. `chosen`
    holds what was chosen for a file before it is rendered, by its path.
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
class Destination:
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
            raise InputError(f"the output '{self.path}' is no {self.form}", hint="leave out `form`")
        suffix = self.path.suffix if is_file else outputs.suffix_of(self.form or "wav")
        audio.check_holds(Path(f"result{suffix}"), audio.MP3_RATES[-1], 1, encoding=self.encoding)
        object.__setattr__(self, "single", is_file)

    @property
    def folder(self) -> Path:
        """Where results go, and what is passed over when it lies in a folder of inputs."""
        return self.path.parent if self.single else self.path

    def tail_frames(self, sample_rate: float) -> int:
        """Frames of silence that a file gets behind its end."""
        return round(self.tail_seconds * sample_rate)

    def target(self, source: Source, variables: Mapping[str, str], name: str = "") -> Path:
        """The result's path for one input, called `name` or as the template says; folders are mirrored."""
        if self.single:
            return self.path
        name = name or outputs.fill(self.template, {"stem": source.path.stem, **variables})
        return self.path / source.folder / (name + outputs.suffix_of(self.form or "wav"))


@dataclass(frozen=True, slots=True)
class Alone:
    """What is done with one file of a run, whose tasks name its `effects` by number; pickles as these do."""

    effects: tuple[FileEffect, ...]
    output: Destination
    dry_run: bool

    def __call__(self, task: FileTask, events: Events) -> FileResult:
        """What became of the file."""
        effect = self.effects[task.effect]
        if task.step.skipped:
            return sidecar.left(task, effect, self.output)
        return self._isolated(task, effect, Kept(events.progress, events.cancelled))

    def voices(self) -> singers.Shelved:
        """The voices at work, for comparison."""
        used = (voice.name for effect in self.effects for voice in effect.recipe.voices)
        return singers.Shelved(tuple(dict.fromkeys(used)))

    def _isolated(self, task: FileTask, effect: FileEffect, heard: Kept) -> FileResult:
        source, step, started = task.source, task.step, time.monotonic()
        try:
            if self.dry_run:
                seconds, notes = _looked_at(task, self.output), effect.of(source).notes
                return FileResult(source.label, step.source, step.target, "planned", seconds, notes=notes)
            seconds, made = _render(task, effect, self.output, heard)
        except Cancelled:
            raise
        except SvcfxError as error:
            failure = error
        except Exception as error:  # a bug: its traceback is kept, and the other files are not its victims
            _LOG.exception("unexpected %s in '%s'", type(error).__name__, source.label)
            said = f"'{source.label}' met a {type(error).__name__} that nobody expected: {error}"
            failure = SvcfxError(said)
        else:
            spent = time.monotonic() - started
            told = (seconds, spent, (*made.notes, *made.aside), None, made.reused)
            return FileResult(source.label, step.source, step.target, "done", *told)
        return turns.failed(task, failure)


def _looked_at(task: FileTask, output: Destination) -> float:
    """Seconds of a file that could be rendered."""
    info = audio.probe(task.step.source)
    audio.check_holds(task.step.target, info.sample_rate, info.channels, encoding=output.encoding)
    return info.seconds


def _render(task: FileTask, effect: FileEffect, output: Destination, heard: Kept) -> tuple[float, Processed]:
    """Read, process, write with recipe; return seconds of audio and what was written."""
    source, step = task.source, task.step
    sound = audio.read(step.source)
    audio.check_holds(step.target, sound.sample_rate, sound.samples.shape[0], encoding=output.encoding)
    tail = output.tail_frames(sound.sample_rate)
    frames = sound.samples.shape[1] + tail
    padded = scratch.placed(sound.samples, 0, frames) if tail else sound.samples
    chosen = effect.of(source)
    made = effect.process(FileTake(f"'{source.label}'", padded, sound.sample_rate, chosen), heard)
    if made.samples.shape != padded.shape:
        raise SvcfxError(f"the effect made {made.samples.shape} of {padded.shape} (channels, frames)")
    mended = [Note("mended-file", remark) for remark in sound.remarks]
    samples, down = headroom.fitted(made.samples, [step.target], output.encoding)
    notes = (*mended, *chosen.notes, *made.notes, *heard.notes, *down)
    written = replace(made, samples=samples, notes=notes, chosen=chosen.values)
    sidecar.save(task, effect, output, sound.sample_rate, written)
    return sound.seconds, written
