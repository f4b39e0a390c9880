"""A batch or a render that is killed before one of its file operations, again and again, and gone on with.

In tests/, `python -m faults.killed --kills 200 --seed 0` kills as often as it is told; the suite does a few
times. After each row of kills the results must be those of an undisturbed run, to the byte.
"""

import argparse
import itertools
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from svcfx import audio
from svcfx.render.files import Files
from svcfx.session.bounce import bounce
from svcfx.session.entry import RunEntry
from svcfx.session.files import batch
from svcfx.session.isolate import Destination
from svcfx.session.journal import FOLDER, Journal

OPERATIONS = ("open", "os.rename", "os.remove", "os.chmod", "os.mkdir")
PRESET = (
    'svcfx_preset = 1\nname = "wet"\n[[nodes]]\nnode = "Gain"\ngain_db = -3.0\n[[nodes]]\nnode = "Reverb"\n'
)
WAYS = ("error", "skip", "overwrite", "rename")
FILES = 4
Random = np.random.Generator


class Work(Protocol):
    """A command that is given again and again, in a folder of its own."""

    folder: Path

    def __call__(self) -> None:
        """Give it once."""

    def results(self) -> dict[str, bytes]:
        """What it leaves."""

    def check(self) -> None:
        """Nothing else is left."""


class Batch:
    """A batch of a few short files in `folder`, over results that other settings left if it replaces any."""

    def __init__(self, folder: Path, on_exists: str) -> None:
        self.folder, self.out, self.on_exists = folder, folder / "out", on_exists
        noise = np.random.default_rng(0).uniform(-0.5, 0.5, (FILES, 2, 4_000)).astype(np.float32)
        for number, samples in enumerate(noise):
            audio.write(folder / "takes" / f"{number}.wav", samples, 16_000)
        (folder / "wet.toml").write_text(PRESET)
        self._once("error", {"gain.gain_db": "-9"})
        shutil.rmtree(self.out / FOLDER)
        if on_exists == "error":
            shutil.rmtree(self.out)

    def __call__(self) -> None:
        """The command that is given again and again."""
        self._once(self.on_exists, {})

    def _once(self, on_exists: str, settings: dict[str, str]) -> None:
        done = batch(
            [self.folder / "takes"],
            self.folder / "wet.toml",
            output=Destination(self.out, on_exists=on_exists),
            settings=settings,
            entry=RunEntry.of(Journal(self.out), {"settings": settings}),
        )
        done.check()

    def results(self) -> dict[str, bytes]:
        """What it leaves."""
        return results(self.out)

    def check(self) -> None:
        """The journal has one run, and all its files are made."""
        journal = Journal(self.out)
        runs = journal.runs()
        assert [run.state for run in runs] == ["done"], runs
        statuses = {file.status for file in journal.files(runs[0].number)}
        assert statuses <= {"done", "skipped"}, statuses


class Song:
    """A render of two stems and their mix into `folder`, over those that another gain left if it replaces
    any."""

    def __init__(self, folder: Path, on_exists: str) -> None:
        self.folder, self.out, self.on_exists = folder, folder / "out", on_exists
        noise = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 2, 8_000)).astype(np.float32)
        for name, samples in zip("ab", noise, strict=True):
            audio.write(folder / f"{name}.wav", samples, 16_000)
        (folder / "wet.toml").write_text(PRESET)
        if on_exists != "error":
            self._once("error", -6.0)

    def __call__(self) -> None:
        """The command that is given again and again."""
        self._once(self.on_exists, -3.0)

    def _once(self, on_exists: str, gain_db: float) -> None:
        stems = "".join(
            f'[[stems]]\nfile = "{name}.wav"\nrole = "pass"\npreset = "wet.toml"\ngain_db = {gain_db}\n'
            for name in "ab"
        )
        path = self.folder / "song.toml"
        path.write_text(f"svcfx_session = 1\n{stems}[output]\nstems = true\n")
        bounce(path, self.out, on_exists=on_exists, store=Files(self.folder / "cache"))

    def results(self) -> dict[str, bytes]:
        """What it leaves."""
        return results(self.out)

    def check(self) -> None:
        """A render has no journal."""


def results(out: Path) -> dict[str, bytes]:
    """The bytes of everything that lies among results but the journal."""
    paths = [path for path in out.rglob("*") if FOLDER not in path.parts and path.is_file()]
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}


def killed(work: Callable[[], None], folder: Path, operation: int) -> tuple[bool, int]:
    """Do `work` in a process of its own, which is killed right before its operation of that number on files
    below `folder`; whether it was, and how many operations it came to."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        numbers = itertools.count(1)  # each is given once, to whichever thread asks

        def before(event: str, arguments: tuple[object, ...]) -> None:
            if event not in OPERATIONS or str(folder) not in str(arguments[0]):
                return
            number = next(numbers)
            os.write(writer, b".")
            if number == operation:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(before)
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        operations = len(told.read())
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "an undisturbed run failed"
    return os.WIFSIGNALED(status), operations


def disturbed(
    kind: Callable[[Path, str], Work], folder: Path, on_exists: str, random: Random, kills: int
) -> int:
    """Kill work that often at most, then let it be; what is there must be what undisturbed work leaves.

    Returns how often it was killed: what comes to its end first is killed no more.
    """
    calm, other = kind(folder / "calm" / "song", on_exists), kind(folder / "other" / "song", on_exists)
    operations = killed(calm, calm.folder, 0)[1]
    done = 0
    while done < kills and killed(other, other.folder, int(random.integers(1, operations * 2 // 3)))[0]:
        done += 1
    other()
    assert other.results() == calm.results(), (on_exists, sorted(other.results()), sorted(calm.results()))
    other.check()
    return done


KINDS = (Batch, Song)


def main() -> None:
    """Kill as often as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    from faults.making import Added, Trained  # here: torch, which is not forked with threads at work

    random, kills, row = np.random.default_rng(asked.seed), 0, 0
    while kills < asked.kills:
        with tempfile.TemporaryDirectory() as folder:
            kinds = (*KINDS, Added, Trained)
            kind, way = kinds[row % len(kinds)], WAYS[row // len(kinds) % len(WAYS)]
            kills += disturbed(kind, Path(folder), way, random, min(asked.kills - kills, 5))
        row += 1
        print(f"{kills} kills in {row} runs: nothing lost, doubled or half-written", flush=True)


if __name__ == "__main__":
    main()
