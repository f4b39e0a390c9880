"""Faults that a machine, a disk or a person makes, provoked while a batch is at work, and gone on with.

In tests/, `python -m faults.provoked --times 20 --seed 0` provokes each so often; the suite once or twice.
Whatever happened, a result is whole or not there, what went wrong is said in one sentence, nothing hidden is
left, and the same command given again ends with what undisturbed work leaves, to the byte.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from faults import killed

from svcfx import audio
from svcfx.errors import SvcfxError
from svcfx.render.files import Files
from svcfx.session.entry import RunEntry
from svcfx.session.files import batch
from svcfx.session.isolate import Destination
from svcfx.session.journal import FOLDER, Journal
from svcfx.session.results import Results

SMALL_DISK_MB = 8
RATE, FRAMES, COUNT = 16_000, 40_000, 4
PRESET = (
    'svcfx_preset = 1\nname = "low"\n[[nodes]]\nnode = "Formant"\nformant_semitones = -2.0\n'
    '[[nodes]]\nnode = "Reverb"\n'
)
Random = np.random.Generator


class Work:
    """A batch of a few files below `folder`, through a node whose steps are kept in a cache beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.takes, self.out = folder, folder / "takes", folder / "out"
        noise = np.random.default_rng(0).uniform(-0.5, 0.5, (COUNT, 2, FRAMES)).astype(np.float32)
        for number, samples in enumerate(noise):
            audio.write(self.takes / f"{number}.wav", samples, RATE)
        (folder / "low.toml").write_text(PRESET)

    def __call__(self, on_exists: str = "error") -> Results:
        """The command that is given again and again."""
        return batch(
            [self.takes],
            self.folder / "low.toml",
            output=Destination(self.out, on_exists=on_exists),
            store=Files(self.folder / "cache"),
            entry=RunEntry.of(Journal(self.out), {}),
        )

    def results(self) -> dict[str, bytes]:
        """What lies among the results but the journal."""
        return killed.results(self.out) if self.out.is_dir() else {}


def undisturbed(folder: Path) -> dict[str, bytes]:
    """What the work leaves that nobody disturbs."""
    work = Work(folder / "calm")
    work().check()
    return work.results()


def check(work: Work, calm: dict[str, bytes], done: Results | SvcfxError) -> None:
    """What is there is whole, nothing hidden is, and what is not there was said in one sentence."""
    found = work.results()
    assert {name: calm.get(name) for name in found if not name.endswith(".json")} == {
        name: data for name, data in found.items() if not name.endswith(".json")
    }
    assert not [name for name in found if Path(name).name.startswith(".")], found
    if isinstance(done, SvcfxError):
        assert "\n" not in done.message
        return
    for file in done.files:
        made = (file.status == "failed", file.target.exists())
        assert made != (False, False), file
        assert file.error is None or (
            file.source.name in file.error.message and "\n" not in file.error.message
        )


def tried(work: Work) -> Results | SvcfxError:
    """What became of the work, or why it was refused as a whole."""
    try:
        return work()
    except SvcfxError as error:
        return error


def goes_on(work: Work, calm: dict[str, bytes]) -> None:
    """The same command again makes what is missing, and what undisturbed work leaves is there."""
    work().check()
    assert work.results() == calm


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 8 MB; needs root."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MB}m", "none", str(folder)]
    subprocess.run(mount, check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def full_disk(folder: Path, random: Random) -> None:
    """The disk of results, journal and cache is full after so many bytes, any number of them."""
    calm = undisturbed(folder)
    with small_disk(folder / "disk") as disk:
        work = Work(disk / "song")
        needed = 3 * sum(map(len, calm.values()))
        free = int(random.integers(0, needed))
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * max(shutil.disk_usage(disk).free - free, 0))
        check(work, calm, tried(work))
        ballast.unlink()
        goes_on(work, calm)


def read_only(folder: Path, random: Random) -> None:
    """The disk of results may not be written, from the beginning or from some result on."""
    calm = undisturbed(folder)
    with small_disk(folder / "disk") as disk:
        work = Work(disk / "song")
        if random.integers(2):
            work().check()
            next(work.out.glob("*.wav")).unlink()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        before = work.results()
        done = tried(work)
        check(work, calm, done)
        assert work.results() == before
        assert isinstance(done, SvcfxError) or done.of("failed")
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        goes_on(work, calm)


def _while_read(work: Work, random: Random, harm: Callable[[Path], None]) -> dict[str, str]:
    """Do the work in a process of its own, with harm done to one input before any of its openings; the
    errors by file."""
    victim = work.takes / f"{random.integers(COUNT)}.wav"
    when, told = int(random.integers(1, 8)), work.folder / "told.json"
    child = os.fork()
    if child == 0:
        count = 0

        def before(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal count
            if event == "open" and str(arguments[0]) == str(victim):
                count += 1
                if count == when:
                    harm(victim)

        sys.addaudithook(before)
        done = tried(work)
        failed = {} if isinstance(done, SvcfxError) else {f.label: str(f.error) for f in done.of("failed")}
        told.write_text(json.dumps(failed))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    errors = json.loads(told.read_text())
    assert set(errors) <= {victim.name}
    return dict(errors)


def input_goes_away(folder: Path, random: Random) -> None:
    """An input is deleted while the batch looks at it or renders it."""
    calm, work = undisturbed(folder), Work(folder / "song")
    shutil.copytree(work.takes, folder / "kept")
    errors = _while_read(work, random, lambda victim: victim.unlink())
    check(work, calm, SvcfxError("; ".join(errors.values())))
    shutil.copytree(folder / "kept", work.takes, dirs_exist_ok=True)
    goes_on(work, calm)


def input_grows(folder: Path, random: Random) -> None:
    """An input grows while the batch looks at it or renders it, as one that is still being exported."""
    calm, work = undisturbed(folder), Work(folder / "song")
    shutil.copytree(work.takes, folder / "kept")

    def grow(victim: Path) -> None:
        descriptor = os.open(victim, os.O_WRONLY | os.O_APPEND)
        os.write(descriptor, b"\0" * 1000)
        os.close(descriptor)

    _while_read(work, random, grow)
    shutil.rmtree(work.takes)
    shutil.copytree(folder / "kept", work.takes)
    work("overwrite").check()
    assert work.results() == calm


def cache_is_damaged(folder: Path, random: Random) -> None:
    """Entries of the cache are cut, changed, swapped with others, or no entries at all."""
    calm, work = undisturbed(folder), Work(folder / "song")
    work().check()
    kept = {path: path.read_bytes() for path in sorted((work.folder / "cache").rglob("*.step"))}
    assert kept
    for path, whole in kept.items():
        data = bytearray(whole)
        harm = int(random.integers(5))
        if harm == 0:
            data = data[: random.integers(len(data))]
        elif harm == 1:
            data[random.integers(len(data))] ^= 1 << int(random.integers(8))
        elif harm == 2:
            data = bytearray(list(kept.values())[random.integers(len(kept))])
        elif harm == 3:
            data = bytearray(b"\x80\x04cos\nsystem\n(S'false'\ntR.")  # a pickle, which is a program
        else:
            path.unlink()
            continue
        path.write_bytes(data)
    shutil.rmtree(work.out)
    work().check()
    assert work.results() == calm
    store = Files(work.folder / "cache")
    assert store.verify() == store.facts().entries


def clock_goes_back(folder: Path, random: Random) -> None:
    """The clock is set back by up to a year, with files that were made since; then an input is edited, to the
    same size and the same time as before."""
    calm, work = undisturbed(folder), Work(folder / "song")
    work().check()
    now, back = time.time, float(random.uniform(1.0, 3e7))
    edited = work.takes / "0.wav"
    was = edited.stat()
    time.time = lambda: now() - back
    try:
        for path in work.folder.rglob("*"):
            os.utime(path, (now() + back, now() + back))
        goes_on(work, calm)
        data = bytearray(edited.read_bytes())
        data[-30_000:] = bytes(30_000)
        edited.write_bytes(data)
        os.utime(edited, ns=(was.st_atime_ns, was.st_mtime_ns))
        work("skip").check()
    finally:
        time.time = now
    changed = {name for name, made in work.results().items() if made != calm[name]}
    assert changed == {"0.wav", "0.wav.json"}


def pipes_and_devices(folder: Path, random: Random) -> None:
    """A FIFO that nobody writes to and devices lie among the files."""
    calm, work = undisturbed(folder), Work(folder / "song")
    os.mkfifo(work.takes / "pipe.wav")
    device = ("/dev/zero", "/dev/null", "/dev/urandom")[random.integers(3)]
    (work.takes / "device.wav").symlink_to(device)
    done = work()
    check(work, calm, done)
    assert {file.label for file in done.of("failed")} <= {"pipe.wav", "device.wav"}
    assert work.results() == calm


def many_tiny_files(folder: Path, random: Random, count: int = 10_000) -> None:
    """Thousands of files of a few frames each: all are made, and the journal knows each."""
    takes, out = folder / "takes", folder / "out"
    for number in range(count):
        samples = random.uniform(-0.5, 0.5, (1, 64)).astype(np.float32)
        audio.write(takes / f"{number % 100}" / f"{number}.wav", samples, RATE, encoding="float")
    (folder / "low.toml").write_text(
        'svcfx_preset = 1\nname = "q"\n[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n'
    )
    began = time.monotonic()
    done = batch([takes], folder / "low.toml", output=Destination(out), entry=RunEntry.of(Journal(out), {}))
    took = time.monotonic() - began
    assert (len(done.of("done")), len(list(out.rglob("*.wav")))) == (count, count)
    [run] = Journal(out).runs()
    assert (run.state, run.counts["done"]) == ("done", count)
    opened = [path for path in map(_opened, Path("/proc/self/fd").iterdir()) if ".wav" in path]
    assert opened == [], opened
    assert not [path for path in out.rglob(".*") if path.name != FOLDER and path.parent.name != FOLDER]
    print(f"{count} files, {1000 * took / count:.1f} ms each", flush=True)


def _opened(descriptor: Path) -> str:
    with contextlib.suppress(OSError):
        return os.readlink(descriptor)
    return ""


FAULTS = (
    full_disk,
    read_only,
    input_goes_away,
    input_grows,
    cache_is_damaged,
    clock_goes_back,
    pipes_and_devices,
)
NEED_ROOT = (full_disk, read_only)


def main() -> None:
    """Provoke each as often as asked, and the thousands of files once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", type=int, default=10_000)
    asked = parser.parse_args()
    random = np.random.default_rng(asked.seed)
    for fault in FAULTS:
        for _ in range(asked.times):
            with tempfile.TemporaryDirectory() as folder:
                fault(Path(folder), random)
        print(f"{fault.__name__}: {asked.times} times: nothing lost, doubled or half-written", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        many_tiny_files(Path(folder), random, asked.files)


if __name__ == "__main__":
    main()
