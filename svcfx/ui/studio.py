"""One open studio: a folder, the session in it, its renders, and what was looked at once."""

import shutil
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from svcfx import audio
from svcfx.errors import InputError, SessionError, UnknownNameError, nearest
from svcfx.session.model import stem_names
from svcfx.ui.draft import Draft
from svcfx.ui.jobs import Jobs

OWN = ".studio"
"""The studio's own folder, inside that of the session; it goes when the studio is closed."""
_REMEMBERED = 64
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stem:
    """A strip's source: its name, number, real path, and song second of its first sample."""

    name: str
    number: int
    path: Path


class Studio:
    """The state behind the page. `session` is the session's file, which need not be there yet."""

    def __init__(self, session: Path) -> None:
        self.session = session.absolute()
        self.folder = self.session.parent
        self.own = self.folder / OWN
        shutil.rmtree(self.own, ignore_errors=True)
        self.draft = Draft(self.session)
        self.jobs = Jobs(self.own)
        self._remembered: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    @classmethod
    def at(cls, place: Path) -> "Studio":
        """The studio of a folder, or of a session file.

        Raises:
            InputError: There is no such folder, or the file is no session.
        """
        if place.is_dir():
            return cls(place / "session.toml")
        if place.suffix.lower() != ".toml" or not place.parent.is_dir():
            raise InputError(
                f"'{place}' is neither a folder nor a session file",
                hint="make the folder first, or name a session.toml",
            )
        return cls(place)

    def stem(self, name: str) -> Stem:
        """The source of the strip called `name`.

        Raises:
            UnknownNameError: There is no such strip; the nearest is named.
            SessionError: Its file is missing.
        """
        document = self.draft.document
        names = stem_names(document.session.stems)
        if name not in names:
            raise UnknownNameError(f"there is no strip '{name}'{nearest(name, names)}")
        number = names.index(name)
        path = document.reach.find(document.session.stems[number].file, f"stems[{number + 1}].file")
        return Stem(name, number, path)

    def found(self) -> list[str]:
        """Audio files of the folder that a new session could be made of, by name."""
        inside = sorted(path for path in self.folder.iterdir() if path.is_file() and path.name[0] != ".")
        return [path.name for path in inside if path.suffix.lower() in audio.READABLE]

    def once(self, kind: str, path: Path, make: Callable[[Path], T]) -> T:
        """What `make` says of a file, remembered while the file stays the same."""
        stat = path.stat()
        key = (kind, path, stat.st_mtime_ns, stat.st_size)
        if key not in self._remembered:
            self._remembered[key] = make(path)
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        found: T = self._remembered[key]
        return found

    def playable(self, path: Path) -> Path:
        """A 24-bit WAV of the file, as svcfx reads it: browsers read fewer formats, and others' lengths."""
        return self.once("playable", path, self._converted)

    def _converted(self, path: Path) -> Path:
        target = self.own / "sources" / f"{len(self._remembered)}-{abs(hash(path)):x}.wav"
        sound = audio.read(path)
        audio.write(target, sound.samples, sound.sample_rate)
        return target

    def close(self) -> None:
        """Stop renders and take the studio's own folder away; a draft that was not saved stays."""
        self.jobs.close()
        shutil.rmtree(self.own, ignore_errors=True)


def check_writable(folder: Path) -> None:
    """Refuse a folder in which nothing can be kept; raises `SessionError`."""
    try:
        (folder / OWN).mkdir(exist_ok=True)
    except OSError as error:
        raise SessionError(
            f"'{folder}' cannot be written: {(error.strerror or str(error)).lower()}",
            hint="copy the song to a folder of your own",
        ) from error
