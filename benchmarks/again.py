"""A song rendered again after one change: `python benchmarks/again.py [--song | --demo] [--keep FOLDER]`.

Each render is a process of its own, as whoever types `svcfx render` starts it, so Python's start and all
imports are in it; processor seconds are counted beside the clock, for a busy machine. The demo, and a song
of four minutes and six stems that is made here from seed 0.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from judging import results
from numpy.typing import NDArray

from svcfx import audio
from svcfx.preset import store

RATE = 44_100
THOUGHT_SECONDS = 2.5
"""Between a change and the render, as somebody takes who makes it: a file younger than two seconds is not
believed to stay as it is."""
SONG_SECONDS = 240.0
SECTION = "A song again"
NOTE = (
    "Seconds of a whole `svcfx render` in a new process, processor time in brackets, and its share of the "
    "first render's. `benchmarks/again.py`, at a load of {before:.1f} when it began and of "
    "{after:.1f} at its end: other work on the machine adds seconds."
)
DEMO = Path(__file__).parents[1] / "svcfx" / "demo"


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock and of the processor, and what the render said at its end."""

    clock: float
    processor: float
    said: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to a song's folder, and the share of a cold render that it may take."""

    name: str
    bar: float
    make: Callable[[Path], None]
    on_exists: str = "overwrite"


def nothing(_folder: Path) -> None:
    """Leave it."""


def edited(file: str, old: str, new: str) -> Callable[[Path], None]:
    """Write `new` in place of the first `old` of a text."""

    def make(folder: Path) -> None:
        path = folder / file
        text = path.read_text()
        assert old in text, (file, old)
        path.write_text(text.replace(old, new, 1))

    return make


def two_seconds(folder: Path) -> None:
    """Turn two seconds in the middle of the lead down by 6 dB."""
    whole = audio.read(folder / "lead.wav")
    samples, middle = np.array(whole.samples), whole.frames // 2
    samples[:, middle : middle + 2 * whole.sample_rate] *= 0.5
    audio.write(folder / "lead.wav", samples, whole.sample_rate, encoding="pcm24")


MOVED = {"lead": "transpose = 12\ngain_db = 4.0\n", "backing": "gain_db = -9.0\npan = -0.25\n"}
"""What the song's strips say as the demo's do, so that one change fits both."""
CHANGES = (
    Change("nothing", 0.03, nothing, "error"),
    Change("reverb of the lead", 0.08, edited("lead.toml", "room_size = 0.35", "room_size = 0.55")),
    Change("transposition of the lead", 0.6, edited("session.toml", "transpose = 12", "transpose = 13")),
    Change("a fader", 0.08, edited("session.toml", "gain_db = 4.0", "gain_db = 2.0")),
    Change("a pan", 0.08, edited("session.toml", "pan = -0.25", "pan = 0.25")),
    Change("2 s of the lead edited", 0.15, two_seconds),
)  # fmt: skip


INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Python keeps the bytecode of what it imports, as pip has it keep that of what it installs."""


def main() -> None:
    """Measure, print, and rewrite the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true", help="The demo alone.")
    parser.add_argument("--song", action="store_true", help="The song of four minutes alone.")
    parser.add_argument("--seconds", type=float, default=SONG_SECONDS, help="Length of that song.")
    asked = parser.parse_args()
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(DEMO.parent)], env=INSTALLED, check=True)
    tables, load = [], os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as made:
        if not asked.song:
            tables.append(("The demo, 53 s", _measured(demo(Path(made) / "demo"))))
        if not asked.demo:
            title = f"Six stems, {asked.seconds:g} s"
            tables.append((title, _measured(song(Path(made) / "song", asked.seconds))))
    text = "\n\n".join(f"### {title}\n\n{table}" for title, table in tables)
    print(text)
    if not (asked.demo or asked.song):
        results.write(SECTION, f"{NOTE.format(before=load, after=os.getloadavg()[0])}\n\n{text}")


def demo(folder: Path) -> Path:
    """The bundled song with its lead as a WAV and its preset beside it."""
    shutil.copytree(DEMO, folder)
    lead = audio.read(folder / "lead.ogg")
    audio.write(folder / "lead.wav", lead.samples, lead.sample_rate, encoding="pcm24")
    edited("session.toml", "lead.ogg", "lead.wav")(folder)
    return _with_preset(folder)


def song(folder: Path, seconds: float) -> Path:
    """Two sung lines, chords, bass, drums and a pad."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    made = {
        "lead": _line(random, seconds, 220.0),
        "backing": _line(random, seconds, 165.0),
        "keys": sum(_line(random, seconds, hz) for hz in (261.6, 329.6, 392.0)) / 3,
        "bass": _line(random, seconds, 65.4),
        "drums": _beats(random, seconds),
        "pad": 0.2 * _line(random, seconds, 130.8),
    }
    for name, samples in made.items():
        both = np.stack([samples, np.roll(samples, 40)]).astype(np.float32)
        audio.write(folder / f"{name}.wav", both, RATE, encoding="pcm24")
    roles = {"lead": "lead-vela", "backing": "backing-corin", "drums": "drum-bus"}
    stems = [
        f'[[stems]]\nfile = "{name}.wav"\nrole = "{name if name in roles else "accompaniment"}"\n'
        f'preset = "{roles.get(name, "accompaniment-bed")}"\n' + MOVED.get(name, "")
        for name in made
    ]
    master = '[master]\npreset = "master-gentle"\ntarget_lufs = -16.0\nceiling_dbtp = -1.0\n'
    (folder / "session.toml").write_text(
        f"svcfx_session = 1\n{''.join(stems)}{master}[output]\nstems = true\n"
    )
    return _with_preset(folder)


def _with_preset(folder: Path) -> Path:
    shutil.copy(store.shipped_folder() / "lead-vela.toml", folder / "lead.toml")
    edited("session.toml", '"lead-vela"', '"lead.toml"')(folder)
    return folder


def _line(random: np.random.Generator, seconds: float, hz: float) -> NDArray[np.float64]:
    """Notes of a second with vibrato, and rests."""
    frames = round(seconds * RATE)
    when = np.arange(frames) / RATE
    steps = random.choice([0, 2, 4, 5, 7, 9], size=int(seconds) + 1)
    sounding = random.random(int(seconds) + 1) < 0.8
    f0 = hz * 2.0 ** ((steps[when.astype(int)] + 0.3 * np.sin(2 * np.pi * 5.5 * when)) / 12)
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 12) if k * hz < 8000)
    edge = np.minimum(1.0, 20 * np.minimum(when % 1.0, 1.0 - when % 1.0))
    return np.asarray(0.15 * tone * edge * sounding[when.astype(int)], np.float64)


def _beats(random: np.random.Generator, seconds: float) -> NDArray[np.float64]:
    when = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(0.4 * random.standard_normal(len(when)) * np.exp(-20 * (when % 0.5)), np.float64)


def _measured(folder: Path) -> str:
    """A table: each change on its own, from the state behind the first render."""
    unkept = _render(folder, folder.parent / "unkept", None, "error")
    first = _render(folder, folder / "out", folder / "cache", "error")
    shutil.rmtree(folder.parent / "unkept")
    rows = [
        ("first", first, None, None),
        ("first, without a cache", unkept, unkept.clock / first.clock, None),
    ]
    for change in CHANGES:
        with _as_it_was(folder):
            change.make(folder)
            time.sleep(THOUGHT_SECONDS)
            took = _render(folder, folder / "out", folder / "cache", change.on_exists)
        rows.append((change.name, took, took.clock / first.clock, change.bar))
    cells = []
    for name, took, share, bar in rows:
        said = took.said.rpartition("; ")[2] if "steps" in took.said else took.said.partition(":")[0]
        of_first = "" if share is None else f"{share:.3f} ({took.processor / first.processor:.3f})"
        cells.append([name, f"{took.clock:.1f} ({took.processor:.1f})", of_first, f"{bar or ''}", said])
    return results.table(["again after", "seconds", "of the first", "at most", "there already"], cells)


@contextlib.contextmanager
def _as_it_was(folder: Path) -> Iterator[None]:
    """Let a folder change, and undo it as somebody does who goes on: what no change reaches stays the very
    file it was, whose hash is known, and results of the song as it was are there again."""
    lead, aside = folder / "lead.wav", folder.parent / "aside.wav"
    texts = {path: path.read_text() for path in (folder / "session.toml", folder / "lead.toml")}
    shutil.copy2(lead, aside)
    known = lead.stat()
    yield
    for path, text in texts.items():
        path.write_text(text)
    if lead.stat().st_ino != known.st_ino:
        aside.replace(lead)
    time.sleep(THOUGHT_SECONDS)
    _render(folder, folder / "out", folder / "cache", "overwrite")


def _render(folder: Path, out: Path, cache: Path | None, on_exists: str) -> Took:
    kept = ["--no-cache"] if cache is None else ["--cache", str(cache)]
    before, started = os.times(), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "svcfx", "render", str(folder / "session.toml"), "-o", str(out),
         *kept, "--on-exists", on_exists],
        capture_output=True, text=True, check=True, env=INSTALLED,
    )  # fmt: skip
    clock, after = time.monotonic() - started, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(clock, used, done.stderr.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
