"""Which audio files a list of paths means: files as given, folders through and through."""

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from svcfx import audio
from svcfx.errors import AudioFileError, printable
from svcfx.session import recipe

LOOKS = "it looks like audio, and svcfx does not read it"
NAMELESS = "it is audio inside, and its name does not end like that"
RESULT = "svcfx made it: its recipe lies beside it"
_SUFFIXES = """
aa aax aup aup3 avi dff dsf gsm m4p m4v mkv mov mpeg mpg ofr ogv pcm ra ram raw rm sd2 sds shn tak wmv
"""
_LOOKS_LIKE_AUDIO = frozenset(f".{suffix}" for suffix in _SUFFIXES.split())


@dataclass(frozen=True, slots=True)
class Source:
    """A file to work on, and its place below the folder that was given ("." for a file given itself).

    `found_in` is the folder it lies in when that was given, None for a file that was named.
    """

    path: Path
    folder: Path
    found_in: Path | None = None

    @property
    def label(self) -> str:
        """How messages, recipes and reports call it: the place and the name, "verse/lead.wav"."""
        return printable(self.folder / self.path.name)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file in a folder that somebody may miss among the results, and why it was not taken."""

    source: Source
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, in order."""

    sources: tuple[Source, ...]
    left_out: tuple[LeftOut, ...] = ()


def collect(paths: Sequence[Path], *, leave_out: Path | None = None, with_results: bool = False) -> Found:
    """Every audio file that `paths` means, each once; folders in natural order ("take 2" before "take 10").

    In folders hidden files, files that are no audio and the folder `leave_out` (where results go) are passed
    over. What looks like audio and is not taken is told, and so are results of svcfx (a recipe lies beside
    each), unless `with_results` takes them. Links are followed, but no folder is entered twice, so a loop
    of links ends. A file that was named is taken as it is; a missing one fails by itself, the others go on.

    Raises:
        AudioFileError: Nothing was given, or the folders hold no audio to take.
    """
    found: dict[Path, Source] = {}
    left: dict[Path, LeftOut] = {}
    for path in paths:
        for source in _walk(path, leave_out) if path.is_dir() else iter([Source(path, Path())]):
            why = _why_left(source.path, with_results=with_results) if path.is_dir() else ""
            if why is None:
                continue
            place = source.path.resolve()
            if why:
                left.setdefault(place, LeftOut(source, why))
            else:
                found.setdefault(place, source)
    if not found:
        raise _nothing(paths, tuple(left.values()))
    return Found(tuple(found.values()), tuple(one for place, one in left.items() if place not in found))


def _nothing(paths: Sequence[Path], left: Sequence[LeftOut]) -> AudioFileError:
    given = ", ".join(f"'{path}'" for path in paths[:3]) or "nothing"
    if any(one.why == RESULT for one in left):
        results = sum(one.why == RESULT for one in left)
        return AudioFileError(
            f"no audio file in {given} but {results} that svcfx made", hint="name them, or take results too"
        )
    looked = f"looked for {', '.join(sorted(audio.READABLE))}, not hidden ones"
    if left:
        return AudioFileError(
            f"no audio file in {given}: '{left[0].source.label}' was left out, {left[0].why}", hint=looked
        )
    return AudioFileError(f"no audio file in {given}", hint=looked)


def _why_left(path: Path, *, with_results: bool) -> str | None:
    """Why a file in a folder is not taken: "" when it is, None when nobody would miss it."""
    suffix = path.suffix.lower()
    if suffix in audio.READABLE:
        return RESULT if not with_results and _is_result(path) else ""
    if suffix in _LOOKS_LIKE_AUDIO:
        return LOOKS
    return NAMELESS if audio.has_audio_inside(path) else None


def _is_result(path: Path) -> bool:
    """Whether svcfx's recipe lies beside the file."""
    beside = recipe.sidecar(path)
    try:
        return beside.is_file() and recipe.MARK in json.loads(beside.read_text("utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _walk(top: Path, leave_out: Path | None) -> Iterator[Source]:
    """Every file below `top` that is not hidden, in natural order."""
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
            if not name.startswith("."):
                yield Source(here / name, here.relative_to(top), here)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that reads runs of digits as numbers and ignores case."""
    parts = re.findall(r"\d+|\D+", name)
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part.casefold()) for part in parts)
