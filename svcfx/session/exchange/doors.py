"""Songs of other programs by the end of their files' names: into a folder, and out of a session."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from svcfx.errors import InputError, nearest
from svcfx.session.document import Document
from svcfx.session.exchange import (
    FORMATS,
    arriving,
    dawproject_reading,
    dawproject_writing,
    leaving,
    rpp_reading,
    rpp_writing,
)
from svcfx.session.exchange.arriving import Arrived


@dataclass(frozen=True, slots=True)
class Left:
    """The file that was written, and by name what it could not say."""

    path: Path
    lost: tuple[str, ...]


def bring_in(path: Path, folder: Path, *, allow_paths: Sequence[Path] = ()) -> Arrived:
    """Make a folder with a session and its stems of another program's song.

    Args:
        path: The song, told by the end of its name.
        folder: Where the session goes, a folder that is not there yet or empty.
        allow_paths: Folders that recordings may lie in beside the song's own and those next to it.

    Raises:
        InputError: It is no such song, or holds nothing that a session could play.
        OutputExistsError: There is something in the folder.
    """
    if _form(path) == "rpp":
        found = rpp_reading.read(path, allow_paths)
        return arriving.write(found.song, found.places, folder)
    with tempfile.TemporaryDirectory(prefix="svcfx-") as unpacked:
        found = dawproject_reading.read(path, Path(unpacked), allow_paths)
        return arriving.write(found.song, found.places, folder)


def take_out(session: Document, target: Path, *, pack: bool = True) -> Left:
    """Write a session as another program's song.

    Args:
        session: It.
        target: The song, its kind told by the end of its name.
        pack: Put recordings into a `.dawproject`, or only say where they lie.

    Raises:
        SvcfxError: What is wrong with the session, or the file that is to be written.
    """
    form, found = _form(target), leaving.of(session)
    if form == "rpp":
        rpp_writing.write(found.song, found.places, target)
    else:
        dawproject_writing.write(found.song, found.places, target, pack=pack)
    return Left(target, found.song.lost)


def _form(path: Path) -> str:
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        allowed = ", ".join(f".{name}" for name in FORMATS)
        raise InputError(f"'{path}' ends in '{path.suffix}', allowed are {allowed}{nearest(form, FORMATS)}")
    return form
