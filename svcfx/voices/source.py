"""Bring the files of a voice here: a folder or file of this machine, or a repository on the hub."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from svcfx.errors import VoiceError
from svcfx.voices import folder, home, looking
from svcfx.voices.folder import ChosenFiles, VoiceFiles
from svcfx.voices.opening import require_playable
from svcfx.voices.repository import SCHEME, Listing, parse

OnNote = Callable[[str], None]
_DOCUMENTS = (".json", ".yaml", ".yml")
_TERMS = ("license", "licence", "notice")


@dataclass(frozen=True)
class Brought:
    """The files of a voice, all of them here.

    Attributes:
        origin: Where they came from, in words without a path of this machine.
        licence: What their page on the hub says of it; "" when it says nothing.
    """

    found: VoiceFiles
    origin: str
    licence: str = ""


def bring(text: str, choice: ChosenFiles, on_note: OnNote) -> Brought:
    """Find the files of a voice, and have them here.

    Args:
        text: A folder, a checkpoint, or hf:owner/repo[@revision][/subfolder].
        choice: Files that a person named; in a repository, paths in it.
        on_note: Told what was chosen, and how much is downloaded.

    Raises:
        VoiceError: There is no such place, it holds no voice, or more than one answer is possible.
        HubError: The hub did not answer.
    """
    if not text.startswith(SCHEME):
        place = Path(text).expanduser()
        found = looking.look(place, _here(choice, place))
        return Brought(found, f"{'file' if place.is_file() else 'folder'} {place.resolve().name}")
    from svcfx.voices import hub  # here: a folder needs no library of the hub's

    listed = hub.listing(parse(text))
    root = download_of(listed)
    if alone := _without_config(listed, choice):
        _fetch(listed, alone, root, on_note)
        here = ChosenFiles(**{name: root / path if path else None for name, path in vars(choice).items()})
        found = looking.look(root, here)
        return Brought(found, str(replace(listed.source, revision=listed.commit)), listed.licence)
    found = _chosen(listed, root, choice)
    wanted = _needed(listed, root, found)
    on_note(_size_of(listed, wanted))
    hub.fetch(listed, [name for name in wanted if Path(name).suffix in _DOCUMENTS], root)
    if found.config is not None:
        require_playable(found.config)
    hub.fetch(listed, wanted, root)
    return Brought(found, str(replace(listed.source, revision=listed.commit)), listed.licence)


def zip_of(text: str, on_note: OnNote) -> str:
    """The zip that a repository holds in place of a voice, brought here; any other text as it is.

    Raises:
        VoiceError: There is no such repository, or it holds several. HubError: The hub did not answer.
    """
    if not text.startswith(SCHEME):
        return text
    from svcfx.voices import hub

    listed = hub.listing(parse(text))
    zips = [name for name in listed.files if name.endswith(".zip")]
    if not zips or any(name.endswith(".pth") for name in listed.files):
        return text
    if len(zips) > 1:
        shown = ", ".join(f"'{name}'" for name in sorted(zips)[:6])
        raise VoiceError(
            f"'{text}' holds several archives: {shown}", hint="download one, and give svcfx the file"
        )
    root = download_of(listed)
    _fetch(listed, zips, root, on_note)
    return str(root / zips[0])


def _without_config(listed: Listing, choice: ChosenFiles) -> list[str]:
    """Checkpoints and indexes of a repository that has no config.json, as RVC voices have none; else []."""
    if any(Path(name).name == "config.json" for name in listed.files):
        return []
    models = [name for name in listed.files if name.endswith(".pth") and not Path(name).name.startswith("D_")]
    if choice.generator is not None:
        models = [name for name in models if name == str(choice.generator)]
    if len(models) > 1:
        shown = ", ".join(f"'{name}'" for name in sorted(models)[:6])
        raise VoiceError(
            f"'{listed.source}' holds several voices: {shown}", hint="choose one with `generator`"
        )
    indexes = [name for name in listed.files if name.endswith(".index")]
    return [*models, *indexes] if models else []


def _fetch(listed: Listing, names: list[str], root: Path, on_note: OnNote) -> None:
    from svcfx.voices import hub

    on_note(_size_of(listed, names))
    hub.fetch(listed, names, root)


def _size_of(listed: Listing, names: list[str]) -> str:
    return f"downloading {len(names)} files, {sum(listed.files[n].size for n in names) / 1e6:.0f} MB"


def download_of(listed: Listing) -> Path:
    """Where the files of a commit come down to."""
    return home.downloads() / listed.source.repo.replace("/", "--") / listed.commit / listed.source.below


def forget(source: str) -> None:
    """Drop what was downloaded for a voice that is on the shelf now."""
    if source.startswith(SCHEME):
        shutil.rmtree(home.downloads() / parse(source).repo.replace("/", "--"), ignore_errors=True)


def _here(choice: ChosenFiles, place: Path) -> ChosenFiles:
    """Paths that a person named, as they are or in the folder of the voice."""
    root = place if place.is_dir() else place.parent

    def found(path: Path | None) -> Path | None:
        if path is None or path.exists():
            return path
        if (root / path).exists():
            return root / path
        raise VoiceError(f"'{path}' does not exist, neither here nor in '{root}'")

    return ChosenFiles(**{name: found(path) for name, path in vars(choice).items()})


def _chosen(listed: Listing, root: Path, choice: ChosenFiles) -> VoiceFiles:
    """What would be used of a repository, as if it lay in `root` already."""
    for path in vars(choice).values():
        if path is not None and not any(
            name == str(path) or name.startswith(f"{path}/") for name in listed.files
        ):
            raise VoiceError(f"'{listed.source}' has no '{path}'")
    placed = ChosenFiles(**{name: root / path if path else None for name, path in vars(choice).items()})
    found = folder.search(root, sorted(root / name for name in listed.files), placed)
    return replace(found, encoder=None)  # all voices share one, which is not fetched from everywhere


def _needed(listed: Listing, root: Path, found: VoiceFiles) -> list[str]:
    """Names of the files that are used, and of the licences beside a vocoder."""
    single = (found.generator, found.config, found.refiner, found.refiner_config, found.index, found.content)
    names = {str(path.relative_to(root)) for path in single if path is not None}
    if found.vocoder is not None:
        is_file = str(found.vocoder.relative_to(root)) in listed.files
        inside = found.vocoder.parent if is_file else found.vocoder
        for name in listed.files:
            path = root / name
            known = path.name in (*folder.VOCODER_NAMES, "config.json") or path.name.lower().startswith(
                _TERMS
            )
            if path.parent == inside and known:
                names.add(name)
    return sorted(names)
