"""A zip as voices and recordings are passed on: unpacked into a folder, within bounds.

Nothing is written outside that folder, nothing in it is opened here, and an archive that would grow out of
all proportion is refused before a byte of it is unpacked.
"""

import contextlib
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from svcfx.errors import VoiceError
from svcfx.voices import staging
from svcfx.voices.repository import is_inside

MOST_FILES = 2000
MOST_BYTES = 16 << 30
MOST_GROWTH = 50
"""Times its own size: weights hardly shrink, and text is small."""
WANTED = (".pth", ".pt", ".index", ".json", ".yaml", ".yml", ".safetensors", ".bin", ".txt", ".md")
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".bz2", ".xz", ".tgz")
_PIECE = 1 << 20
_GIVEN = "Ask for the files themselves, or unpack it yourself and give the folder."
Wanted = Callable[[Path, list[zipfile.ZipInfo]], list[zipfile.ZipInfo]]
"""Which of the entries are unpacked; may refuse the zip with `VoiceError`."""


def is_archive(path: Path) -> bool:
    """Whether a file is a zip that holds files of a voice; a checkpoint is a zip too, and is none."""
    if not path.is_file() or path.suffix.lower() in (".pth", ".pt", ".index", ".ckpt"):
        return False
    if path.suffix.lower() in ARCHIVES and path.suffix.lower() != ".zip":
        raise VoiceError(
            f"'{path.name}' is an archive that svcfx does not unpack", hint="Unpack it, give the folder."
        )
    return path.suffix.lower() == ".zip"


@contextlib.contextmanager
def unpacked(text: str) -> Iterator[str]:
    """The folder that the zip at `text` unpacks into, while the context lasts; any other text as it is.

    Raises:
        VoiceError: It is damaged, a bomb, encrypted, or names a path that leads out of it.
        OutputError: The disk is full.
    """
    path = Path(text).expanduser()
    if not is_archive(path):
        yield text
        return
    folder = Path(tempfile.mkdtemp(prefix="svcfx-zip-")) / path.stem
    try:
        unpack(path, folder, _of_a_voice)
        yield str(folder)
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def unpack(path: Path, folder: Path, wanted: Wanted) -> None:
    """Unpack what is `wanted` of a zip into a folder, which need not be there yet.

    Raises:
        VoiceError, OutputError: As `unpacked` does.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _require_harmless(path, entries)
            folder.mkdir(parents=True, exist_ok=True)
            for entry in wanted(path, entries):
                _write(archive, entry, folder / entry.filename)
    except VoiceError:  # a ValueError too
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError) as error:
        raise VoiceError(
            f"'{path.name}' cannot be unpacked: {error}", hint="The download did not finish; fetch it again."
        ) from error
    except OSError as error:
        raise staging.cannot(folder, error) from error


def _require_harmless(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise VoiceError(
            f"'{path.name}' holds {len(entries)} files, at most {MOST_FILES} are unpacked", hint=_GIVEN
        )
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if not is_inside(entry.filename) or kind not in (0, stat.S_IFREG):
            raise VoiceError(
                f"'{path.name}' names '{entry.filename[:80]}', which leads out of it, and was not unpacked",
                hint="Do not trust this file.",
            )
        if entry.flag_bits & 1:
            raise VoiceError(f"'{path.name}' is locked by a password", hint="Unpack it, give the folder.")
    grown, size = sum(entry.file_size for entry in entries), path.stat().st_size
    if grown > min(MOST_BYTES, MOST_GROWTH * size):
        raise VoiceError(
            f"'{path.name}' would unpack from {size} to {grown} bytes, and was not unpacked", hint=_GIVEN
        )


def _of_a_voice(path: Path, entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Files that a voice may consist of; what lies in archives within is not looked for."""
    found = [entry for entry in entries if Path(entry.filename).suffix.lower() in WANTED]
    if any(Path(entry.filename).suffix.lower() == ".pth" for entry in found):
        return found
    nested = [entry.filename for entry in entries if Path(entry.filename).suffix.lower() in ARCHIVES]
    if nested:
        raise VoiceError(
            f"'{path.name}' holds another archive, '{nested[0]}'", hint="Unpack it, give the folder."
        )
    return found


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with archive.open(entry) as source, place.open("wb") as out:
        while piece := source.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise zipfile.BadZipFile(f"'{entry.filename}' is longer than it says")
            out.write(piece)
