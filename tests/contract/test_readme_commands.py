"""Every command of the README runs, in the order in which it stands, in a folder that holds what it names."""

import hashlib
import re
import shlex
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import mido
import numpy as np
import pytest
from click.testing import CliRunner, Result
from voices import checkpoints, rvc_checkpoints

from svcfx import audio
from svcfx.cli import demo
from svcfx.cli.main import main
from svcfx.voices import encoder

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SHELL, (SESSION, *_) = (
    re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE) for language in ("sh", "toml")
)
LINES = [line.partition(" #")[0].strip() for line in "".join(SHELL).splitlines()]
STAYS = re.compile(r"svcfx studio|svcfx render .*--watch")
"""What runs until it is closed: tests/cli/test_studio.py and tests/session/test_watching.py see to it."""
COMMANDS = [line for line in LINES if line.startswith("svcfx ") and not STAYS.match(line)]
RATE, TEMPO, BARS = 44_100, 1200, 26
FILES = {"vocal.wav": 1.5, "takes/one.wav": 0.8, "takes/two.wav": 0.8, "song.flac": 1.0}
"""What the README's user has, and seconds of each."""


@pytest.fixture
def here(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, sung: Callable) -> Path:
    """A folder with what the README's user has: a vocal, takes, a song, a voice that was trained."""
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    here = tmp_path / "here"
    (here / "takes").mkdir(parents=True)
    for name, seconds in FILES.items():
        audio.write(here / name, sung(seconds, RATE)[None], RATE)
    (here / "album.csv").write_text("input,preset,transpose,name\ntakes/one.wav,lead-vela,3,first\n")
    _song(here / "song", sung)
    shutil.copy(here / "song/song.mid", here / "song.mid")
    shutil.copytree(here / "song", tmp_path / "demo")
    monkeypatch.setattr(demo, "SESSION", tmp_path / "demo/session.toml")  # the bundled song lasts a minute
    _separator(home, monkeypatch)
    encoder.put(checkpoints.write_encoder(tmp_path / "encoder"), "the tests")
    trained = checkpoints.write_sovits41(tmp_path / "user/so-vits-svc", diffusion=True)
    checkpoints.write_centres(trained / "kmeans_100.pt", ("mei",))
    checkpoints.write_sovits40(here, step=1000)
    _rvc(here)
    (here / "G_100.pth").unlink(missing_ok=True)
    monkeypatch.chdir(here)
    return here


def _song(folder: Path, sung: Callable) -> None:
    """The README's own session: 26 bars of a fifth of a second, with a key that goes up at half."""
    folder.mkdir()
    seconds = BARS * 4 * 60 / TEMPO
    audio.write(folder / "lead.wav", sung(seconds, RATE)[None], RATE)
    audio.write(folder / "band.flac", np.repeat(sung(seconds, RATE, hz=110.0)[None], 2, axis=0), RATE)
    (folder / "session.toml").write_text(SESSION)
    track = mido.MidiTrack([mido.MetaMessage("track_name", name="key")])
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(TEMPO)))
    for number in (60, 62):
        track.append(mido.Message("note_on", note=number))
        track.append(mido.Message("note_off", note=number, time=480 * 4 * BARS // 2))
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(folder / "song.mid")


def _rvc(here: Path) -> None:
    """An RVC voice as people have it: loose, and in a zip."""
    model = rvc_checkpoints.write(here / "rin_e200.pth", rvc_checkpoints.model("v1", 40000))
    rows = rvc_checkpoints.rows_of_content(60, 256)
    index = rvc_checkpoints.write_index(here / "added_rin.index", rows)
    with zipfile.ZipFile(here / "rin.zip", "w") as packed:
        packed.write(model, model.name)
        packed.write(index, index.name)


def _separator(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small network in the place of the published one."""
    from separation import nets

    from svcfx.separation import models

    known = models.KNOWN[models.DEFAULT]
    (home / "separators").mkdir(parents=True)
    made = nets.write(home / "separators" / known.file, nets.below(2000.0))
    sha256 = hashlib.sha256(made.read_bytes()).hexdigest()
    small = models.Published(known.file, sha256, models.Reading(nets.FFT, nets.HOP))
    monkeypatch.setitem(models.KNOWN, models.DEFAULT, small)


def _typed(line: str) -> Result:
    """What a shell does with the line, in this process."""
    words = [str(Path(word).expanduser()) if word.startswith("~") else word for word in shlex.split(line)[1:]]
    return CliRunner().invoke(main, words)


def _ended(line: str) -> tuple[int, str]:
    done = _typed(line)
    assert done.exception is None or isinstance(done.exception, SystemExit), (line, done.exception)
    return done.exit_code, done.output


@pytest.mark.slow
def test_every_command_runs_in_its_order_and_once_more_overwrites_nothing(here: Path) -> None:
    for line in COMMANDS:
        code, said = _ended(line)
        assert code == 0, f"{line}\n{said}"
    files = (path for path in here.rglob("*") if path.is_file() and ".svcfx" not in path.parts)
    before = {path: path.read_bytes() for path in files}  # all but the journal, which goes on
    for line in COMMANDS:
        code, said = _ended(line)
        assert code in (0, 2), f"{line}\n{said}"
        assert code == 0 or any(word in said for word in ("exist", "there", "already")), f"{line}\n{said}"
    assert {path: path.read_bytes() for path in before} == before


def test_what_is_no_command_of_svcfx_is_make() -> None:
    others = {line.split()[0] for line in LINES if line} - {"svcfx"}
    assert others == {"make"}
    targets = [line.split()[1] for line in LINES if line.startswith("make ")]
    makefile = (ROOT / "Makefile").read_text()
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
