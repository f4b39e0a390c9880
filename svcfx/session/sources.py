"""Which audio files a list of paths means: files as given, folders through and through."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from svcfx.errors import AudioFileError

AUDIO_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".mp3"})


@dataclass(frozen=True, slots=True)
class Source:
    """A file to work on, and its place below the folder that was given ("." for a file given itself)."""

    path: Path
    folder: Path

    @property
    def label(self) -> str:
        """How messages, recipes and reports call it: the place and the name, "verse/lead.wav"."""
        return printable(self.folder / self.path.name)


def collect(paths: Sequence[Path], *, leave_out: Path | None = None) -> tuple[Source, ...]:
    """Every audio file that `paths` means, each once; folders in natural order ("take 2" before "take 10").

    In folders hidden files, files without an audio suffix and the folder `leave_out` (where results go)
    are passed over. Links are followed, but no folder is entered twice, so a loop of links ends.
    A missing file stays in the list: it fails by itself, and the others go on.

    Raises:
        AudioFileError: Nothing was given, or the folders hold no audio.
    """
    found: dict[Path, Source] = {}
    for path in paths:
        inside = _walk(path, leave_out) if path.is_dir() else iter([Source(path, Path())])
        for source in inside:
            found.setdefault(source.path.resolve(), source)
    if not found:
        given = ", ".join(f"'{path}'" for path in paths[:3]) or "nothing"
        raise AudioFileError(
            f"no audio file in {given}",
            hint=f"looked for {', '.join(sorted(AUDIO_SUFFIXES))}, not hidden ones",
        )
    return tuple(found.values())


def _walk(top: Path, leave_out: Path | None) -> Iterator[Source]:
    left_out = leave_out.resolve() if leave_out else None
    entered: set[tuple[int, int]] = set()
    for folder, subfolders, names in os.walk(top, followlinks=True):
        here = Path(folder)
        stat = here.stat()
        outputs = here.resolve() == left_out and here != top
        if outputs or (stat.st_dev, stat.st_ino) in entered:
            subfolders.clear()
            continue
        entered.add((stat.st_dev, stat.st_ino))
        subfolders[:] = sorted((name for name in subfolders if not name.startswith(".")), key=natural)
        for name in sorted(names, key=natural):
            if not name.startswith(".") and Path(name).suffix.lower() in AUDIO_SUFFIXES:
                yield Source(here / name, here.relative_to(top))


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that reads runs of digits as numbers and ignores case."""
    parts = re.findall(r"\d+|\D+", name)
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part.casefold()) for part in parts)


def printable(path: Path) -> str:
    """The path as text that can be written anywhere: a byte that is no UTF-8 is shown as "\ufffd"."""
    return path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
