"""What files of a run go through: a voice, or the board of a preset, with what its recipes say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from svcfx.audio import AudioInfo
from svcfx.documents import is_path
from svcfx.errors import InputError
from svcfx.events import Events, Kept, Note
from svcfx.lanes import Curve, Lane
from svcfx.render import engine
from svcfx.render.job import Job
from svcfx.render.steps import Steps
from svcfx.render.store import Store
from svcfx.session import advice, contents, octaves, singers, tails
from svcfx.session.isolate import Destination, FileEffect, FileTake, Processed
from svcfx.session.octaves import Chosen
from svcfx.session.outputs import signed
from svcfx.session.recipe import CONVERTED, MADE, Input, Recipe, file_sha256
from svcfx.session.settings import apply
from svcfx.session.sources import Source
from svcfx.voices import lacking

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.preset import Preset


@dataclass(frozen=True, slots=True)
class Prepared:
    """An effect on a board; the octaves of its voices at the addresses `automatic` are still to be chosen."""

    effect: FileEffect
    board: "Board"
    automatic: Sequence[str] = ()

    def settled(self, sources: Sequence[Source], events: Events) -> FileEffect:
        """The effect, with the octaves that suit these files."""
        if not self.automatic:
            return self.effect
        named = next(iter(contents.voices(self.board)), "")
        chosen = octaves.of_files(self.board, self.automatic, named, sources, events)
        return replace(self.effect, chosen=chosen)


@dataclass(frozen=True, slots=True)
class Player:
    """Plays the board, with what was chosen for each file."""

    board: "Board"
    tail_seconds: float
    store: Store | None = None

    def __call__(self, take: FileTake, events: Events) -> Processed:
        """As `isolate.Process`."""
        job = Job(take.label, take.samples, take.sample_rate, self.board, _lanes(take.chosen))
        steps, known = Steps(self.store), self._trouble()
        if steps.keeps:
            job = replace(job, source=engine.source_of(take.samples, take.sample_rate))
        made = engine.run(job, events, steps)
        notes = advice.about_input(job, "it", steps) if contents.first_voices(self.board) else []
        ringing = tails.ringing_from(job, steps)
        longer = f"raise tail_seconds, {self.tail_seconds:g} s now"
        notes += tails.notes(tails.Whole(made), take.sample_rate, ringing, "the result", longer)
        steps.settle()
        aside = tuple(Note("cache", said) for said in self._trouble() if said not in known)
        return Processed(made, tuple(notes), reused=steps.reused, aside=aside)

    def key(self, source: str, info: AudioInfo, chosen: Chosen) -> str:
        """As `isolate.Process`."""
        empty = np.zeros((info.channels, 0), np.float32)
        job = Job("", empty, info.sample_rate, self.board, _lanes(chosen), source)
        return engine.key(job, Steps(), info.channels, info.frames)

    def _trouble(self) -> tuple[str, ...]:
        return () if self.store is None else self.store.trouble()


def _lanes(chosen: Chosen) -> dict[str, Curve]:
    return {address: Lane.constant(value) for address, value in chosen.values.items()}


def of_voice(
    voice: str,
    options: Mapping[str, Any],
    output: Destination,
    store: Store | None,
    written: Mapping[str, str] = MappingProxyType({}),
    device: str = "",
) -> Prepared:
    """A voice alone; `transpose_semitones` among its `options` may be "auto".

    `written` are options as text; `device` is where its networks run, "" where they run by themselves.

    Raises:
        VoiceError, ParamError: Nobody is called that, or the voice cannot.
    """
    automatic = singers.AUTO in (options.get(singers.TRANSPOSE), written.get(singers.TRANSPOSE))
    given, texts = dict(options), dict(written)
    if automatic:
        given.pop(singers.TRANSPOSE, None)
        texts.pop(singers.TRANSPOSE, None)
    lacking.refuse(voice, given)
    from svcfx.board import Board
    from svcfx.node import VoiceConversion  # here: what cards show is refused before torch is loaded

    node = VoiceConversion(voice, device=device, **given)
    board = Board([node])
    apply(board, {f"voice.{name}": text for name, text in texts.items()})
    node.check_curves({}, 0.0)
    settings = {
        name: value for name, value in node.to_dict().items() if name not in ("node", "seed", "voice")
    }
    variables = {"voice": voice, **_amounts(node.transpose_semitones, node.formant_semitones)}
    if automatic:
        settings[singers.TRANSPOSE] = singers.AUTO
    used = singers.used(board)
    facts = Recipe(kind="convert", statement=CONVERTED, inputs=[], voices=used, settings=settings,
                   seed=node.seed)  # fmt: skip
    notes = tuple(singers.licence_notes(used))
    player = Player(board, output.tail_seconds, store)
    effect = FileEffect(player, variables, _with_tail(facts, output), notes=notes)
    return Prepared(effect, board, contents.voices(board) if automatic else ())


def of_preset(
    preset: str | Path,
    settings: Mapping[str, str],
    output: Destination,
    store: Store | None,
    *,
    allow_plugins: Sequence[Path] = (),
    seed: int | None = None,
    device: str = "",
    of_voice: Mapping[str, str] = MappingProxyType({}),
    own: Mapping[str, str] = MappingProxyType({}),
) -> Prepared:
    """The board of a preset, changed by `settings`; a voice's transpose_semitones may be "auto".

    `of_voice` are settings of its first voice by the names of knobs, which go before `settings`, and `own`,
    by address, before all.

    Raises:
        SvcfxError: A wrong preset or setting.
    """
    from svcfx import preset as presets

    said = Kept()
    loaded, board = presets.opened(preset, allow_plugins=allow_plugins, device=device, events=said)
    contents.seeded(board, seed)
    settings = {**settings, **_addressed(board, of_voice, preset), **own}
    fixed, automatic = singers.parted(settings, board)
    apply(board, fixed)
    effect = _of_board(board, loaded, preset, output, settings, seed or 0, store)
    return Prepared(replace(effect, notes=(*said.notes, *effect.notes)), board, automatic)


def _addressed(board: "Board", knobs: Mapping[str, str], preset: str | Path) -> dict[str, str]:
    """Settings of a board's first voice by address, who sings first of all."""
    if not knobs:
        return {}
    voices = contents.voices(board)
    if not voices:
        name, value = next(iter(knobs.items()))
        raise InputError(f"{name} is '{value}', but preset '{preset}' has no voice")
    return {f"{voices[0]}.{name}": knobs[name] for name in sorted(knobs, key=lambda name: name != "voice")}


def _of_board(
    board: "Board",
    loaded: "Preset",
    preset: str | Path,
    output: Destination,
    settings: Mapping[str, str],
    seed: int,
    store: Store | None,
) -> FileEffect:
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
    player = Player(board, output.tail_seconds, store)
    return FileEffect(player, variables, _with_tail(facts, output), files, notes)


def _with_tail(facts: Recipe, output: Destination) -> Recipe:
    tail = {"tail_seconds": output.tail_seconds} if output.tail_seconds else {}
    return facts.model_copy(update={"settings": {**facts.settings, **tail}})


def _of_first_voice(board: "Board") -> dict[str, str]:
    for name in contents.voices(board)[:1]:
        node = contents.voice(board, name)
        return {"voice": node.voice, **_amounts(node.transpose_semitones, node.formant_semitones)}
    return {}


def _amounts(transpose: float, formant: float) -> dict[str, str]:
    return {"transpose": signed(transpose), "formant": signed(formant)}
