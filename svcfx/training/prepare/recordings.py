"""Which recordings are whose: a folder for each singer, or all of them of one.

    recordings/mei/verse.wav, recordings/tom/song/take 1.flac      two singers
    recordings/verse.wav                                           one, called as the folder is

The `dataset/44k` of so-vits-svc is such a folder; what it keeps beside the sound (.pt, .npy) is not read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from svcfx import audio
from svcfx.errors import InputError, nearest, printable
from svcfx.voices import names


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of one singer; `label` is how reports call it: its place below the folder that was given."""

    path: Path
    singer: str
    label: str


@dataclass(frozen=True, slots=True)
class FoundRecordings:
    """Recordings in order of their labels; `passed_over` counts files that are no audio, by suffix."""

    recordings: tuple[Recording, ...]
    passed_over: Mapping[str, int]


def find(given: Path, singer: str | None = None, *, leave_out: Path | None = None) -> FoundRecordings:
    """Look for recordings in a folder through and through; hidden files and `leave_out` are not looked at.

    Args:
        singer: Whose all of them are; else sub-folders name the singers.

    Raises:
        InputError: There is no such folder, it holds no audio, or a file lies beside the singers' folders.
    """
    if not given.exists():
        siblings = [entry.name for entry in given.parent.iterdir()] if given.parent.is_dir() else []
        raise InputError(f"'{given}' does not exist{nearest(given.name, siblings)}")
    if singer is not None:
        names.check(singer)
    if given.is_file():
        return FoundRecordings((Recording(given, singer or given.stem, given.name),), {})
    files = list(_files(given, leave_out.resolve() if leave_out else None))
    sound = [path for path in files if path.suffix.lower() in audio.READABLE]
    kept = set(sound)
    others = Counter(path.suffix.lower() or "no suffix" for path in files if path not in kept)
    if not sound:
        raise InputError(
            f"'{given}' holds no recording" + (f", only {_counted(others)}" if others else ", it is empty"),
            hint=f"looked for {', '.join(sorted(audio.READABLE))}, not hidden ones",
        )
    found = [_recording(path, given, singer) for path in sound]
    _refuse_strays(given, found, singer)
    return FoundRecordings(tuple(found), dict(sorted(others.items())))


def _files(folder: Path, leave_out: Path | None) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.resolve() == leave_out:
            continue
        if path.is_dir() and not path.is_symlink():  # a link could lead back here
            yield from _files(path, leave_out)
        elif not path.is_dir():
            yield path


def _recording(path: Path, top: Path, singer: str | None) -> Recording:
    place = path.relative_to(top)
    owner = Path(place.parts[0]) if len(place.parts) > 1 else Path(top.resolve().name)
    return Recording(path, singer or printable(owner), printable(place))


def _refuse_strays(top: Path, found: list[Recording], singer: str | None) -> None:
    loose = [item for item in found if "/" not in item.label]
    folders = sorted({item.singer for item in found if "/" in item.label})
    if singer is None and loose and folders:
        raise InputError(
            f"'{loose[0].label}' lies in '{top}' beside the folders of {_listed(folders)}: whose is it?",
            hint="Move it into a singer's folder, or give `singer` NAME when all of them are of one.",
        )


def _listed(folders: list[str]) -> str:
    more = f" and {len(folders) - 3} more" if len(folders) > 3 else ""
    return ", ".join(f"'{name}'" for name in folders[:3]) + more


def _counted(others: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {suffix}" for suffix, count in sorted(others.items()))
