"""What a folder from so-vits-svc or its fork holds, wherever in it people keep it.

Nothing is opened here but the folder; whether the files fit is seen later. Files are known by the names that
training gives them: G_<step>.pth, config.json, model_<step>.pt with a config.yaml, kmeans*.pt,
feature_and_index.pkl, and a folder with `model` and config.json for the vocoder.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from svcfx.chain.content import builtin
from svcfx.errors import VoiceError

DEEPEST = 4
"""Folders below the one that is given: logs/44k/diffusion/ is the deepest that training makes."""
_GENERATOR = re.compile(r"(?i)^G_(\d+).*\.pth$")
_DISCRIMINATOR = re.compile(r"^D_\d+.*\.pth$")
_REFINER = re.compile(r"(?i)^model_(\d+|best|ema)?.*\.pt$")
_CENTRES = re.compile(r"(?i)kmeans.*\.pt$")
_NEIGHBOURS = re.compile(r"(?i)(feature_and_index.*\.pkl|\.index|index.*\.safetensors)$")
VOCODER_NAMES = ("model", "model.pt", "model.ckpt")
_ENCODER_FILES = ("pytorch_model.bin", "model.safetensors", "checkpoint_best_legacy_500.pt")


@dataclass(frozen=True)
class VoiceFiles:
    """Files of one voice, and what a person should hear about how they were chosen."""

    generator: Path | None
    config: Path | None
    refiner: Path | None = None
    refiner_config: Path | None = None
    vocoder: Path | None = None
    index: Path | None = None
    encoder: Path | None = None
    content: Path | None = None
    """The builtin encoder's copy that a voice was trained behind."""
    named: frozenset[str] = frozenset()
    """Parts that a person named; the others were found, and one that is not needed may be left out."""
    notes: tuple[str, ...] = ()
    family: str = ""
    """The family that the files are known to be of; "" leaves it to their config."""


@dataclass(frozen=True)
class ChosenFiles:
    """Files that a person named, in place of those that would be found."""

    generator: Path | None = None
    config: Path | None = None
    diffusion: Path | None = None
    vocoder: Path | None = None
    index: Path | None = None
    encoder: Path | None = None


def look(place: Path, choice: ChosenFiles | None = None) -> VoiceFiles:
    """Find the files of a voice in a folder, or beside a single checkpoint.

    Raises:
        VoiceError: There is no such place, it holds no voice, or more than one answer is possible.
    """
    choice = choice or ChosenFiles()
    if place.is_file():
        choice = _of_file(place, choice)
        place = place.parent
    elif not place.is_dir():
        raise VoiceError(f"'{place}' does not exist", hint="give a folder, a G_*.pth, or hf:owner/repo")
    return search(place, files_below(place), choice)


def files_below(place: Path) -> list[Path]:
    """Files in a folder and in those below it, as far as a voice's may lie."""
    return sorted(_below(place, DEEPEST))


def search(root: Path, files: Sequence[Path], choice: ChosenFiles | None = None) -> VoiceFiles:
    """As `look`, in a listing: nothing is read, so that it serves for files that are still elsewhere."""
    return _Search(root, files, choice or ChosenFiles()).found()


def _of_file(path: Path, choice: ChosenFiles) -> ChosenFiles:
    kind = "diffusion" if _REFINER.match(path.name) else "generator"
    if _DISCRIMINATOR.match(path.name):
        raise VoiceError(
            f"'{path.name}' is a discriminator, which only training needs", hint="give the G_*.pth beside it"
        )
    values = {name: getattr(choice, name) for name in ChosenFiles.__dataclass_fields__}
    return ChosenFiles(**{kind: path} | {key: value for key, value in values.items() if value})


class _Search:
    """One look through a folder."""

    def __init__(self, root: Path, files: Sequence[Path], choice: ChosenFiles) -> None:
        self.root, self.files, self.choice = root, files, choice
        self.vocoders = _vocoder_folders(files)
        self.notes: list[str] = []

    def found(self) -> VoiceFiles:
        generator = self.choice.generator or self._generator()
        refiner = self.choice.diffusion or self._refiner()
        if generator is None and refiner is None:
            raise VoiceError(
                f"'{self.root}' holds no voice: no G_*.pth and no diffusion model",
                hint="name the checkpoint with `generator`, if it is called otherwise",
            )
        return VoiceFiles(
            generator=generator,
            config=None if generator is None else self.choice.config or self._config(generator),
            refiner=refiner,
            refiner_config=None if refiner is None else self._yaml(refiner),
            vocoder=self.choice.vocoder or self._vocoder(refiner is not None),
            index=self.choice.index or self._index(),
            encoder=self.choice.encoder or self._encoder(),
            content=self._content(generator),
            named=frozenset(name for name, path in vars(self.choice).items() if path is not None),
            notes=tuple(self.notes),
        )

    def _generator(self) -> Path | None:
        """The newest step; else the only .pth that is neither a discriminator nor something else's."""
        stepped = [path for path in self.files if _GENERATOR.match(path.name)]
        if len({path.parent for path in stepped}) > 1:
            return self._only(stepped, "voices", "`generator`, or give the folder of one")
        if stepped:
            return self._newest(stepped, _GENERATOR, "`generator`")
        left = [path for path in self.files if path.suffix == ".pth" and not _DISCRIMINATOR.match(path.name)]
        return self._only(left, "checkpoints", "`generator`")

    def _refiner(self) -> Path | None:
        models = [p for p in self.files if _REFINER.match(p.name) and not _CENTRES.search(p.name)]
        return self._newest(models, _REFINER, "`diffusion`") if models else None

    def _config(self, generator: Path) -> Path:
        """The config beside the checkpoint, else the only one in the folder that is a voice's."""
        configs = [path for path in self._all(".json") if path.parent not in self.vocoders]
        named = [path for path in configs if path.name == "config.json"] or configs
        beside = [path for path in named if path.parent == generator.parent]
        chosen = self._only(beside or named or _usual_configs(generator), "configs", "`config`")
        if chosen is None:
            raise VoiceError(
                f"'{generator.name}' has no config.json",
                hint="put it beside the checkpoint, or name it with `config`",
            )
        return chosen

    def _yaml(self, refiner: Path) -> Path:
        documents = self._all(".yaml", ".yml")
        near = [path for path in documents if path.parent == refiner.parent] or documents
        named = [path for path in near if path.stem in ("config", "diffusion")] or near
        chosen = self._only(named, "diffusion configs", "`diffusion`")
        if chosen is None:
            raise VoiceError(
                f"diffusion model '{refiner.name}' has no config.yaml", hint="put it beside the model"
            )
        return chosen

    def _vocoder(self, needed: bool) -> Path | None:
        if len(self.vocoders) > 1 and not needed:
            self.notes.append(
                f"{len(self.vocoders)} vocoders lie there and none is needed; `vocoder` takes one"
            )
            return None
        return self._only(self.vocoders, "vocoders", "`vocoder`")

    def _index(self) -> Path | None:
        """Centres before neighbours; a pickle is left out, because reading it runs whatever it names."""
        centres = [path for path in self.files if _CENTRES.search(path.name)]
        neighbours = [path for path in self.files if _NEIGHBOURS.search(path.name)]
        if pickles := [path for path in neighbours if path.suffix == ".pkl"]:
            neighbours = [path for path in neighbours if path.suffix != ".pkl"]
            if not neighbours:
                self.notes.append(
                    f"'{pickles[0].name}' was left out: it is a pickle, which can run any code;"
                    " where you trust it, `svcfx voices convert-index` makes a file that `index` takes"
                )
        if centres and neighbours:
            self.notes.append(
                f"'{centres[0].name}' was chosen over '{neighbours[0].name}'; `index` takes another"
            )
        return self._only(centres or neighbours, "indexes", "`index`")

    def _encoder(self) -> Path | None:
        """The only ContentVec there; where there are several, none is taken without being named."""
        named = [path for path in self.files if path.name in _ENCODER_FILES]
        places = sorted({path if path.suffix == ".pt" else path.parent for path in named})
        if len(places) > 1:
            self.notes.append(f"{len(places)} content encoders lie there; `encoder` takes one")
        return places[0] if len(places) == 1 else None

    def _content(self, generator: Path | None) -> Path | None:
        """The one beside the checkpoint, else the only one there: a dataset below has its own copy."""
        named = [path for path in self.files if path.name == builtin.FILE]
        beside = [path for path in named if generator is not None and path.parent == generator.parent]
        found = beside or named
        return found[0] if len(found) == 1 else None

    def _all(self, *suffixes: str) -> list[Path]:
        return [path for path in self.files if path.suffix in suffixes]

    def _newest(self, paths: Sequence[Path], pattern: re.Pattern[str], flag: str) -> Path:
        def step(path: Path) -> int:
            match = pattern.match(path.name)
            return int(match[1]) if match and (match[1] or "").isdigit() else -1

        highest = max(map(step, paths))
        best = [path for path in paths if step(path) == highest]
        chosen = self._only(best, f"checkpoints of step {highest}", flag)
        assert chosen is not None
        if len(paths) > 1:
            self.notes.append(f"'{chosen.name}' is the newest of {len(paths)}; {flag} takes another")
        return chosen

    def _only(self, paths: Sequence[Path], what: str, flag: str) -> Path | None:
        if len(paths) > 1:
            shown = ", ".join(f"'{path.relative_to(self.root)}'" for path in paths[:6])
            raise VoiceError(f"'{self.root}' holds several {what}: {shown}", hint=f"choose one with {flag}")
        return paths[0] if paths else None


def _below(root: Path, depth: int) -> Iterable[Path]:
    """Files in a folder and, for some levels, in those below; hidden ones and links to elsewhere left out."""
    for path in root.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_file():
            yield path
        elif depth and path.is_dir() and not path.is_symlink():
            yield from _below(path, depth - 1)


def _usual_configs(generator: Path) -> list[Path]:
    """Where training keeps the config of logs/44k/G_*.pth: configs/44k/config.json or configs/config.json."""
    trained_in = generator.absolute().parent.parent.parent
    usual = (trained_in / "configs/44k/config.json", trained_in / "configs/config.json")
    return [path for path in usual if path.is_file()][:1]


def _vocoder_folders(files: Sequence[Path]) -> list[Path]:
    """Folders with a config.json beside a file called `model`, as openvpi's releases have it."""
    configs = {path.parent for path in files if path.name == "config.json"}
    return sorted({path.parent for path in files if path.name in VOCODER_NAMES and path.parent in configs})
