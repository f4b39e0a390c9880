"""RVC voices among files: known by what is in them, paired with their index by content, not by name.

A small model or a training state is an RVC voice when its tensors are; an index belongs to it when it holds
content of its width.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from svcfx.chain import checkpoint
from svcfx.chain.families import RVC
from svcfx.errors import VoiceError
from svcfx.voices.folder import ChosenFiles, VoiceFiles

MOST_LOOKED_AT = 200
_STEP = re.compile(r"(?i)(?:_e(\d+)|[_-](\d+)e)?(?:_s(\d+)|[_-](\d+)s)?$|^G_(\d+)$")


@dataclass(frozen=True)
class Candidate:
    """One checkpoint that is an RVC voice."""

    path: Path
    called: str
    width: int

    @property
    def age(self) -> tuple[int, ...]:
        """Epoch and step as its name says, to find the newest of one voice."""
        found = _STEP.search(self.path.stem)
        return tuple(int(part or 0) for part in found.groups()) if found else ()


def find(place: Path, files: Sequence[Path], choice: ChosenFiles) -> list[VoiceFiles]:
    """Every RVC voice among files, the newest of each name; [] where there is none.

    Raises:
        VoiceError: A file that was named is damaged, or an index that was named does not fit.
    """
    if choice.generator is not None:
        named = _candidate(choice.generator, required=True)
        return [] if named is None else [_with_index(named, [named], files, choice, place)]
    models = [path for path in files if path.suffix == ".pth" and not re.match(r"^D_\d+", path.name)]
    looked = [_candidate(path) for path in models[:MOST_LOOKED_AT]]
    newest = _newest([found for found in looked if found is not None])
    return [_with_index(one, newest, files, choice, place) for one in newest]


def only(place: Path, voices: Sequence[VoiceFiles]) -> VoiceFiles:
    """The only voice; raises `VoiceError` listing them where there are several."""
    if len(voices) > 1:
        shown = ", ".join(f"'{voice.generator.name}'" for voice in voices if voice.generator is not None)
        raise VoiceError(
            f"'{place.name}' holds {len(voices)} voices: {shown}",
            hint="choose one with `generator`, or add them all with `every`",
        )
    return voices[0]


def _candidate(path: Path, *, required: bool = False) -> Candidate | None:
    try:
        seen = checkpoint.glance(path)
    except VoiceError:
        if required:
            raise
        return None
    if seen is None and required and checkpoint.mentions(path, "discriminators."):
        raise VoiceError(
            f"'{path.name}' is a discriminator, which only training needs", hint="give the voice beside it"
        )
    return None if seen is None else Candidate(path, *seen)


def _newest(found: Sequence[Candidate]) -> list[Candidate]:
    best: dict[str, Candidate] = {}
    for one in found:
        there = best.get(one.called)
        if there is None or one.age > there.age:
            best[one.called] = one
    return list(best.values())


def _with_index(
    one: Candidate, voices: Sequence[Candidate], files: Sequence[Path], choice: ChosenFiles, place: Path
) -> VoiceFiles:
    notes: list[str] = []
    index = choice.index
    if index is None:
        index = _index(one, voices, [path for path in files if path.suffix == ".index"], notes)
    config = choice.config or _config(one.path)
    return VoiceFiles(
        generator=one.path,
        config=config,
        index=index,
        encoder=choice.encoder,
        named=frozenset(name for name, path in vars(choice).items() if path is not None),
        notes=tuple(notes),
        family=RVC.name,
    )


def _index(
    one: Candidate, voices: Sequence[Candidate], indexes: Sequence[Path], notes: list[str]
) -> Path | None:
    """The index that fits: by width, then by the voice's name in its own; what is left out is noted."""
    fitting = []
    for path in indexes:
        try:
            width, count = checkpoint.index_size(path)
        except VoiceError as error:
            notes.append(f"'{path.name}' was left out: {error.message}")
            continue
        if count == 0:
            what = "it was trained and never filled"
            notes.append(f"'{path.name}' was left out: it holds no vectors, {what}")
        elif width != one.width:
            notes.append(
                f"'{path.name}' was left out: it is {width} wide, '{one.path.name}' takes {one.width}"
            )
        else:
            fitting.append(path)
    own = [path for path in fitting if one.called.lower() in path.stem.lower()]
    others = [path for path in fitting if _belongs(path, voices, one)]
    chosen = own or [path for path in fitting if path not in others]
    if len(chosen) > 1:
        shown = ", ".join(f"'{path.name}'" for path in chosen[:6])
        notes.append(
            f"{len(chosen)} indexes fit '{one.path.name}' ({shown}), none was taken; `index` takes one"
        )
    return chosen[0] if len(chosen) == 1 else None


def _belongs(path: Path, voices: Sequence[Candidate], but: Candidate) -> bool:
    """Whether an index is called after another of the voices."""
    return any(other.called.lower() in path.stem.lower() for other in voices if other.called != but.called)


def _config(model: Path) -> Path | None:
    """The config.json of a training, beside its state."""
    beside = model.parent / "config.json"
    return beside if model.name.upper().startswith("G_") and beside.is_file() else None
