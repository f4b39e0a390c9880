"""A long stem in bounded memory: `python benchmarks/memory.py [--minutes 30]`, or `--svc`.

The law: converting 30 minutes takes no more than 300 MB beyond its arrays (input and output) and beyond
the peak of converting 10 seconds.

With `--stem 180` it is `svcfx convert` of a file of so many minutes, as a command: its anonymous memory, that
no file stands behind, peaks at most 300 MB above that for a file of one minute. What is mapped of long
signals comes on top where memory is free, and the system takes it back where it is not.

With `--session 10` it is `svcfx render` of a lead that a voice sings, a band and a bus, of so many minutes,
in another key, with boards and a mastered mix, and once more with another fader and a cache: the same law.

With `--svc` it is 4 minutes, sung without a pause, with a so-vits-svc 4.0 voice and content encoder of full
size: at most 2,500 MB for the whole process, everything counted.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import peer_fork
import soundfile
from judging import converter, pairs, results, sources
from judging.speed import peak_mb
from peer import material

from svcfx.chain.config import Precision

ALLOWED_MB = 300.0
SVC_MB, SVC_SECONDS = 2500.0, 240.0
Words = Callable[[Path, Path], list[str]]
"""Of a command: a file, and where its results go."""
SONG = """svcfx_session = 1
stems = [
    {{ name = "lead", file = "{file}", role = "lead", preset = "lead-vela", sends = [{{ bus = "room" }}] }},
    {{ name = "band", file = "{file}", role = "accompaniment", preset = "accompaniment-bed", gain_db = -6 }},
]
buses = [{{ name = "room", preset = "backing-soft", gain_db = -12 }}]
master = {{ preset = "master-gentle", target_lufs = -16.0, ceiling_dbtp = -1.0 }}
key = {{ points = [[0, 1]] }}
output = {{ stems = true }}
"""


def main() -> None:
    """Measure both lengths in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--svc", action="store_true", help="a so-vits-svc voice, 4 minutes")
    parser.add_argument("--stem", type=float, metavar="MINUTES", help="a file, by the command")
    parser.add_argument("--session", type=float, metavar="MINUTES", help="a song, by the command")
    options = parser.parse_args()
    if options.stem:
        _long("svcfx convert", "Memory of a long stem", _convert_command, options.stem)
        return
    if options.session:
        _long("svcfx render", "Memory of a long song", _render_command, options.session)
        return
    if options.svc:
        _svc()
        return
    minutes = options.minutes
    short, _, _ = _in_a_process(10.0)
    long, arrays, seconds = _in_a_process(60.0 * minutes)
    extra = long - short - arrays
    rows = [
        ("peak after 10 s, MB", f"{short:.0f}", ""),
        (f"peak after {minutes:g} minutes, MB", f"{long:.0f}", ""),
        ("its arrays, in and out, MB", f"{arrays:.0f}", ""),
        ("beyond both, MB", f"{extra:.0f}", f"<= {ALLOWED_MB:g}: {'yes' if extra <= ALLOWED_MB else 'NO'}"),
        ("real-time factor", f"{seconds / 60.0 / minutes:.3f}", ""),
    ]
    text = results.table(("memory", "figure", "bar met"), rows)
    print(text)
    if minutes == 30.0:
        results.write("Memory", text)


def _long(command: str, section: str, words: Words, minutes: float) -> None:
    """Measure a command on files of one minute and of more."""
    stem = converter.up(sources.build(pairs.STEMS[0]).audio)
    with tempfile.TemporaryDirectory() as folder:
        short, _ = _command(command_on(Path(folder), stem, 1.0, words))
        typed = command_on(Path(folder), stem, minutes, words)
        long, seconds = _command(typed)
        peaks = {f"anonymous peak after {minutes:g} minutes, MB": long}
        if words is _render_command:
            session = Path(typed[4])
            session.write_text(session.read_text().replace("gain_db = -6", "gain_db = -5"))
            peaks["and again with another fader, MB"], _ = _command(typed)
    rows = [("anonymous peak after 1 minute, MB", f"{short:.0f}", "")]
    for name, peak in peaks.items():
        met = "yes" if peak - short <= ALLOWED_MB else "NO"
        rows.append((name, f"{peak:.0f}", f"<= {short + ALLOWED_MB:.0f}: {met}"))
    rows.append(("times real time", f"{60.0 * minutes / seconds:.1f}", ""))
    text = results.table((f"memory of {command}", "figure", "bar met"), rows)
    print(text)
    results.write(section, text)


def _convert_command(path: Path, out: Path) -> list[str]:
    """The command that sings a file."""
    words = ["convert", str(path), "--voice", "vela", "--no-cache", "--quiet"]
    return [*words, "--on-exists", "overwrite", "-o", str(out)]


def _render_command(path: Path, out: Path) -> list[str]:
    """The command that renders a song of a file, once as its lead and once as its band."""
    session = path.with_suffix(".toml")
    session.write_text(SONG.format(file=path.name))
    words = ["render", str(session), "--cache", str(out / "cache"), "--quiet"]
    return [*words, "--on-exists", "overwrite", "-o", str(out)]


def _command(command: list[str]) -> tuple[float, float]:
    """Anonymous peak MB and seconds of a command, asked every 20 ms."""
    began, peak = time.perf_counter(), 0.0
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while run.poll() is None:
        status = Path(f"/proc/{run.pid}/status").read_text()
        peak = max(peak, *(float(line.split()[1]) for line in status.splitlines() if "RssAnon" in line), 0.0)
        time.sleep(0.02)
    if run.returncode:
        sys.exit(f"{' '.join(command[1:])} ended with {run.returncode}")
    return peak * 1024 / 1e6, time.perf_counter() - began


def command_on(folder: Path, stem: np.ndarray, minutes: float, words: Words = _convert_command) -> list[str]:
    """A command on a file of so many minutes, which is written now."""
    path, left = folder / f"{minutes:g}.wav", int(minutes * 60.0 * converter.RATE)
    with soundfile.SoundFile(path, "w", converter.RATE, 1, subtype="PCM_16") as file:
        while left > 0:
            file.write(stem[:left])
            left -= len(stem[:left])
    return [sys.executable, "-m", "svcfx", *words(path, folder / f"out-{minutes:g}")]


def _svc() -> None:
    """Measure the voice that `peer_fork.py` puts on a shelf of its own."""
    peer_fork.shelve()
    names: tuple[Precision, ...] = ("fp32", "bf16")
    rows = []
    for name in names:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            peak, seconds = pool.apply(_sing, (name,))
        met = "yes" if peak <= SVC_MB else "NO"
        rows.append((name, f"{peak:.0f}", f"<= {SVC_MB:.0f}: {met}", f"{seconds / SVC_SECONDS:.2f}"))
    text = results.table(("4 minutes, 4.0 voice", "peak, MB", "bar met", "real-time factor"), rows)
    print(text)
    results.write("Memory of a so-vits-svc voice", text)


def _sing(precision: Precision) -> tuple[float, float]:
    """Peak MB, and seconds taken."""
    os.environ["SVCFX_HOME"] = str(peer_fork.HOME)
    from svcfx.node.voice import VoiceConversion

    song = material.phrase(SVC_SECONDS, np.random.default_rng(5)).astype(np.float32)
    node = VoiceConversion(voice="peer", precision=precision)
    start = time.perf_counter()
    node(song[None], material.RATE)
    return peak_mb(), time.perf_counter() - start


def _in_a_process(seconds: float) -> tuple[float, float, float]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_convert, (seconds,))


def _convert(seconds: float) -> tuple[float, float, float]:
    """Peak MB, MB of the input and output arrays, and seconds taken, for a stem of `seconds`."""
    stem = converter.up(sources.build(pairs.STEMS[0]).audio)
    audio = np.resize(stem, int(seconds * converter.RATE))
    start = time.perf_counter()
    made = converter.convert(audio, "vela", 5)
    taken = time.perf_counter() - start
    return peak_mb(), (audio.nbytes + made.nbytes) / 1e6, taken


if __name__ == "__main__":
    main()
