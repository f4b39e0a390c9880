"""Bring the files of a voice here: a folder or file of this machine, or a repository on the hub."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from svcfx.errors import VoiceError
from svcfx.voices import folder, home
from svcfx.voices.folder import Choice, Found
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

    found: Found
    origin: str
    licence: str = ""


def bring(text: str, choice: Choice, on_note: OnNote) -> Brought:
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
        found = folder.look(place, _here(choice, place))
        return Brought(found, f"{'file' if place.is_file() else 'folder'} {place.resolve().name}")
    from svcfx.voices import hub  # here: a folder needs no library of the hub's

    listed = hub.listing(parse(text))
    root = download_of(listed)
    found = _chosen(listed, root, choice)
    wanted = _needed(listed, root, found)
    on_note(f"downloading {len(wanted)} files, {sum(listed.files[n].size for n in wanted) / 1e6:.0f} MB")
    hub.fetch(listed, [name for name in wanted if Path(name).suffix in _DOCUMENTS], root)
    if found.config is not None:
        require_playable(found.config)
    hub.fetch(listed, wanted, root)
    return Brought(found, str(replace(listed.source, revision=listed.commit)), listed.licence)


def download_of(listed: Listing) -> Path:
    """Where the files of a commit come down to."""
    return home.downloads() / listed.source.repo.replace("/", "--") / listed.commit / listed.source.below


def forget(source: str) -> None:
    """Drop what was downloaded for a voice that is on the shelf now."""
    if source.startswith(SCHEME):
        shutil.rmtree(home.downloads() / parse(source).repo.replace("/", "--"), ignore_errors=True)


def _here(choice: Choice, place: Path) -> Choice:
    """Paths that a person named, as they are or in the folder of the voice."""
    root = place if place.is_dir() else place.parent

    def found(path: Path | None) -> Path | None:
        if path is None or path.exists():
            return path
        if (root / path).exists():
            return root / path
        raise VoiceError(f"'{path}' does not exist, neither here nor in '{root}'")

    return Choice(**{name: found(path) for name, path in vars(choice).items()})


def _chosen(listed: Listing, root: Path, choice: Choice) -> Found:
    """What would be used of a repository, as if it lay in `root` already."""
    for path in vars(choice).values():
        if path is not None and not any(
            name == str(path) or name.startswith(f"{path}/") for name in listed.files
        ):
            raise VoiceError(f"'{listed.source}' has no '{path}'")
    placed = Choice(**{name: root / path if path else None for name, path in vars(choice).items()})
    found = folder.search(root, sorted(root / name for name in listed.files), placed)
    return replace(found, encoder=None)  # all voices share one, which is not fetched from everywhere


def _needed(listed: Listing, root: Path, found: Found) -> list[str]:
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
