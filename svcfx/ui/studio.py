"""One open studio: a folder, the session in it, its renders, and what was looked at once."""

import contextlib
import os
import shutil
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from svcfx import audio, preset
from svcfx.dsp import stretch
from svcfx.errors import InputError, SessionError, SvcfxError, UnknownNameError, nearest
from svcfx.render.store import Store
from svcfx.separation import models
from svcfx.session import named_presets, overview
from svcfx.session.document import Document
from svcfx.session.strip_model import stem_names
from svcfx.time_map import TimeMap
from svcfx.training import history, making
from svcfx.ui import uploads
from svcfx.ui.draft import Draft
from svcfx.ui.host import Host
from svcfx.ui.jobs import Jobs
from svcfx.ui.tasks import Task, Tasks
from svcfx.ui.worker import WorkThread

OWN = ".studio"
"""The studios' own folder, beside the session, with one in it for each that is open."""
_REMEMBERED = 64
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stem:
    """A strip's source: its name, number, real path, and its time where it is played at another tempo."""

    name: str
    number: int
    path: Path
    time: TimeMap | None = None


class Studio:
    """The state behind the page. `session` is the session's file, which need not be there yet; `store` keeps
    what renders made; `watched` are folders of trainings elsewhere."""

    def __init__(self, session: Path, store: Store | None = None, watched: Sequence[Path] = ()) -> None:
        self._watched = tuple(watched)
        self.session = session.absolute()
        self.folder = self.session.parent
        self.own = self.folder / OWN / str(os.getpid())
        self.voices = self.own / "voices"
        _sweep(self.folder / OWN)
        self.recordings = self.own / "recordings"
        self.takes = self.own / "takes"
        self.voices_begun = self.folder / "trainings"
        self.draft = Draft(self.session)
        self.worker = WorkThread()
        self.host = Host()
        self.jobs = Jobs(self.own, self.worker, store, self.host)
        self.tasks = Tasks(self.worker)
        self._remembered: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    @classmethod
    def at(cls, place: Path, store: Store | None = None, watched: Sequence[Path] = ()) -> "Studio":
        """The studio of a folder, or of a session file.

        Raises:
            InputError: There is no such folder, or the file is no session, or what is watched is no folder.
        """
        for folder in watched:
            if not folder.is_dir():
                raise InputError(f"'{folder}' is no folder to be watched", hint="name one of a training")
        if place.is_dir():
            return cls(place / "session.toml", store, watched)
        if place.suffix.lower() != ".toml" or not place.parent.is_dir():
            raise InputError(
                f"'{place}' is neither a folder nor a session file",
                hint="make the folder first, or name a session.toml",
            )
        return cls(place, store, watched)

    def looked_into(self, look: Callable[[Document], T]) -> T:
        """What `look` says of the session as it is shown, whose boards it opens."""
        document = self.draft.document
        if named_presets.hold_plugins(document):
            return self.host.do(partial(look, document))
        return look(document)

    def check_preset(self, path: Path) -> None:
        """Refuse what is no preset that can be built here; raises `PresetError`."""
        look = partial(uploads.look_at_preset, path)
        with contextlib.suppress(SvcfxError):  # which the look says
            if preset.holds_plugins(preset.foreseen(path)):
                look = partial(self.host.do, look)
        look()

    def stem(self, name: str) -> Stem:
        """The source of the strip called `name`.

        Raises:
            UnknownNameError: There is no such strip; the nearest is named.
            SessionError: Its file is missing.
        """
        document = self.draft.document
        names = stem_names(document.session.stems)
        self.refuse_unknown(name, names)
        number = names.index(name)
        file = document.session.stems[number].file
        if file is None:
            raise SessionError(
                f"strip '{name}' is a track of the MIDI file, played by a render: it has no file to hear"
            )
        path = document.reach.find(file, f"stems[{number + 1}].file")
        return Stem(name, number, path, overview.of(document).strips[number].time)

    def refuse_unknown(self, name: str, among: Sequence[str] | None = None) -> None:
        """Refuse a name that no strip, stem or bus, has; or none `among` these.

        Raises:
            UnknownNameError: There is no such strip; the nearest is named.
        """
        session = self.draft.document.session
        known = (
            among if among is not None else [*stem_names(session.stems), *(bus.name for bus in session.buses)]
        )
        if name not in known:
            raise UnknownNameError(f"there is no strip '{name}'{nearest(name, known)}")

    def task(self, number: int) -> Task:
        """The task of that number; raises `UnknownNameError` where there is none."""
        if number not in self.tasks.every:
            raise UnknownNameError(f"there is no task {number}")
        return self.tasks.every[number]

    def file(self, name: str) -> Path:
        """The file of the session's folder that is called so.

        Raises:
            UnknownNameError: There is none.
        """
        known = {path.name: path for path in self._files()}
        if name not in known:
            near = nearest(name, list(known))
            raise UnknownNameError(f"'{self.folder.name}' has no file '{name[:100]}'{near}")
        return known[name]

    def separators(self) -> list[tuple[str, str]]:
        """What takes songs apart: names and what each is. Own models are .onnx files of the folder."""
        own = [(path.name, "of this folder") for path in self._files() if path.suffix.lower() == ".onnx"]
        return [*((name, known.reading.about) for name, known in models.KNOWN.items()), *own]

    def trainings(self) -> dict[str, Path]:
        """Folders of trainings by their names: those in the song's folder, and those that are watched."""
        here = [*making.find(self.voices_begun), *history.find(self.folder)]
        own = {path.relative_to(self.folder).as_posix(): path for path in here}
        others = {str(path): path for folder in self._watched for path in history.find(folder)}
        return {**own, **others}

    def training(self, name: str) -> Path:
        """The folder of the training called so; raises `UnknownNameError` where there is none."""
        known = self.trainings()
        if name not in known:
            raise UnknownNameError(f"there is no training '{name[:100]}'{nearest(name, list(known))}")
        return known[name]

    def begun(self, name: str) -> Path:
        """The folder of the training called so, which was begun in a studio and can be gone on with.

        Raises:
            UnknownNameError: There is none.
        """
        folder = self.training(name)
        if folder not in making.find(self.voices_begun):
            raise UnknownNameError(
                f"'{name[:100]}' was not begun in a studio", hint="go on where it was begun"
            )
        return folder

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_file() and path.name[0] != ".")

    def found(self) -> list[str]:
        """Audio files of the folder that a new session could be made of, by name."""
        return [path.name for path in self._files() if path.suffix.lower() in audio.READABLE]

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

    def playable(self, stem: Stem) -> Path:
        """A 24-bit WAV of a strip's source, as svcfx reads it: browsers read fewer formats, and others'
        lengths. It is in the song's time."""
        return self.once(f"playable {stem.time}", stem.path, partial(self._converted, stem.time))

    def _converted(self, time: TimeMap | None, path: Path) -> Path:
        target = self.own / "sources" / f"{len(self._remembered)}-{abs(hash((path, time))):x}.wav"
        sound = audio.read(path)
        samples = sound.samples
        if time is not None:
            samples = stretch.follow_tempo(samples, sound.sample_rate, time).samples
        audio.write(target, samples, sound.sample_rate)
        return target

    def close(self) -> None:
        """Stop what works and take the studio's own folder away; a draft that was not saved stays."""
        self.jobs.close()
        self.tasks.close()
        self.worker.close()
        shutil.rmtree(self.own, ignore_errors=True)
        with contextlib.suppress(OSError):  # another studio of this folder is open
            self.own.parent.rmdir()


def _sweep(folder: Path) -> None:
    """Take away what studios left that were killed; those that are open keep theirs."""
    for left in folder.glob("[0-9]*"):
        own = left.name == str(os.getpid())
        if left.name.isdecimal() and (own or not _is_running(int(left.name))):
            shutil.rmtree(left, ignore_errors=True)


def _is_running(process: int) -> bool:
    if os.name != "posix":
        return True  # nobody can be asked without ending it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def check_writable(folder: Path) -> None:
    """Refuse a folder in which nothing can be kept; raises `SessionError`."""
    try:
        (folder / OWN).mkdir(exist_ok=True)
    except OSError as error:
        raise SessionError(
            f"'{folder}' cannot be written: {(error.strerror or str(error)).lower()}",
            hint="copy the song to a folder of your own",
        ) from error
