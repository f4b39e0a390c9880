"""What VST3s a machine has: each file opened once, by a process of its own, and what it said kept.

A plugin that crashes or hangs takes nothing down; it is named, and not tried again until its file changes.
"""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from svcfx import __version__
from svcfx.atomic import atomic
from svcfx.errors import OutputError, PresetError
from svcfx.node.plugin_facts import PluginFacts

PATIENCE_SECONDS = 300.0
"""Some plugins measure themselves for minutes before they open."""
_ASKED = 3
"""Counts up when other things are asked, or a plugin is opened otherwise."""
_HOSTS = (_ASKED, __version__, version("pedalboard"))
LARGEST_ANSWER = 16 << 20
"""Bytes: a plugin says no more of itself."""
TELL_SECONDS = 10.0
OnDone = Callable[["Scanned"], None]
OnWait = Callable[[Path, float], None]


@dataclass(frozen=True, slots=True)
class Scanned:
    """One file: the plugins in it, or why there are none to be had."""

    path: Path
    plugins: tuple[PluginFacts, ...] = ()
    failure: str = ""


Kept = dict[Path, tuple[str, Scanned]]
"""A mark of each file as it was, and what it said."""


def files(folders: Iterable[Path]) -> list[Path]:
    """VST3s that lie in folders and their subfolders, a bundle being one.

    Raises:
        PresetError: There is no such folder.
    """
    found: list[Path] = []
    for folder in folders:
        if folder.suffix.lower() == ".vst3" and folder.exists():
            found.append(folder)
        elif not folder.is_dir():
            raise PresetError(f"there is no folder '{folder}'", hint="give the one that holds .vst3 files")
        else:
            found += _beneath(folder)
    return list(dict.fromkeys(found))


def _beneath(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        bundles = sorted(name for name in folders if name.lower().endswith(".vst3"))
        folders[:] = [name for name in folders if name not in bundles]
        single = sorted(name for name in names if name.lower().endswith(".vst3"))
        yield from (Path(place) / name for name in (*bundles, *single))


def scan(
    paths: Sequence[Path],
    kept: Path,
    *,
    again: bool = False,
    patience_seconds: float = PATIENCE_SECONDS,
    on_done: OnDone = lambda _: None,
    on_wait: OnWait = lambda _path, _seconds: None,
) -> list[Scanned]:
    """What is in each file, in the order of `paths`.

    Args:
        kept: The file that answers are kept in; one that is damaged counts as empty.
        again: Open also what is known.
        patience_seconds: A file that says nothing for so long is given up.
        on_done: Told of each file that was opened now.
        on_wait: Told now and then of a file that is still being opened, and for how many seconds.
    """
    known = {} if again else _read(kept)
    marks = {path: _mark(path) for path in paths}
    opener = _Opener(patience_seconds, on_done, on_wait)

    def known_or_opened(path: Path) -> Scanned:
        mark, found = known.get(path, ("", Scanned(path)))
        return found if mark == marks[path] else opener.opened(path)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        try:
            found = list(pool.map(known_or_opened, paths))
        except BaseException:
            opener.stop()
            raise
    with contextlib.suppress(OutputError):  # a full or read-only disk costs the next scan its time, no more
        _write(kept, _read(kept) | {each.path: (marks[each.path], each) for each in found})
    return found


class _Opener:
    """Asks of each file a process of its own; several threads may ask at once."""

    def __init__(self, patience_seconds: float, on_done: OnDone, on_wait: OnWait) -> None:
        self._patience_seconds, self._on_done, self._on_wait = patience_seconds, on_done, on_wait
        self._at_work: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def stop(self) -> None:
        """End whatever is at work; nothing is begun any more."""
        self._stopped = True
        for process in list(self._at_work):
            _end(process)

    def opened(self, path: Path) -> Scanned:
        if self._stopped:
            return Scanned(path)
        asked = [sys.executable, "-m", "svcfx.node.plugin_probe", str(path)]
        process = subprocess.Popen(
            asked,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._at_work.add(process)
        if self._stopped:  # while it was begun
            _end(process)
        with process:
            said = self._answer(path, process)
        self._at_work.discard(process)
        found = self._judged(path, process.returncode, said)
        self._on_done(found)
        return found

    def _answer(self, path: Path, process: "subprocess.Popen[bytes]") -> bytes | None:
        """What it says; None where it says nothing in time."""
        waited = 0.0
        while waited < self._patience_seconds:
            step = min(TELL_SECONDS, self._patience_seconds - waited)
            try:
                return process.communicate(timeout=step)[0]
            except subprocess.TimeoutExpired:
                waited += step
                self._on_wait(path, waited)
        _end(process)
        return None

    def _judged(self, path: Path, code: int, said: bytes | None) -> Scanned:
        if said is None:
            return Scanned(path, failure=f"it did not open within {self._patience_seconds:g} s")
        if code:
            return Scanned(path, failure=_ending(code))
        try:
            plugins = tuple(PluginFacts.read(each) for each in json.loads(said[:LARGEST_ANSWER]))
        except (ValueError, KeyError, TypeError):
            return Scanned(path, failure="it opened and said nothing of itself that can be read")
        return Scanned(
            path, plugins, "" if plugins else "there is no plugin in it that opens on this machine"
        )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The process and what the plugin may have started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _ending(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"it crashed while it opened ({signal.Signals(-code).name})"
    return "it cannot be opened here"


def _mark(path: Path) -> str:
    """What changes when a file or any file of a bundle does, or the host that opens it."""
    parts = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    told = [(str(each), each.stat().st_size, each.stat().st_mtime_ns) for each in parts]
    return hashlib.sha256(json.dumps([str(path), *_HOSTS, told]).encode()).hexdigest()


def _read(kept: Path) -> Kept:
    try:
        written: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return {
            Path(path): (str(entry["mark"]), _scanned(Path(path), entry)) for path, entry in written.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _scanned(path: Path, entry: dict[str, Any]) -> Scanned:
    return Scanned(path, tuple(PluginFacts.read(each) for each in entry["plugins"]), str(entry["failure"]))


def _write(kept: Path, known: Kept) -> None:
    """What is known of files that are still there."""
    plain = {
        str(path): {
            "mark": mark,
            "plugins": [each.plain() for each in found.plugins],
            "failure": found.failure,
        }
        for path, (mark, found) in known.items()
        if path.exists()
    }
    with atomic(kept) as partial:
        partial.write_text(json.dumps(plain), encoding="utf-8")
