"""A batch or a render that is killed at any moment and gone on with leaves what an undisturbed one leaves."""

import signal
import subprocess
import sys
import time

import needs
import numpy as np
import pytest
from faults import killed, naming
from render.test_processes import begun_in

from svcfx import audio
from svcfx.session.journal import FOLDER, Journal


@pytest.mark.parametrize("on_exists", killed.WAYS)
@pytest.mark.parametrize("kind", killed.KINDS)
def test_what_is_killed_and_gone_on_with_loses_doubles_and_halves_nothing(tmp_path, kind, on_exists):
    random = np.random.default_rng(killed.WAYS.index(on_exists))
    assert killed.disturbed(kind, tmp_path, on_exists, random, 5) > 0


@pytest.mark.slow
@needs.TRAIN
@pytest.mark.parametrize("kind", ["Added", "Trained"])
def test_a_voice_that_is_added_or_trained_is_killed_and_whole_in_the_end(tmp_path, kind):
    from faults import making  # here: torch and what trains, which the other tests do without

    assert killed.disturbed(getattr(making, kind), tmp_path, "", np.random.default_rng(3), 5) > 0


@pytest.mark.slow
def test_two_processes_at_work_are_killed_with_their_parent_and_gone_on_with(tmp_path):
    """Real processes, each a second or two to start; killed when a first result is there."""
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (6, 2, 400_000)).astype(np.float32)
    for number, samples in enumerate(noise):
        audio.write(tmp_path / "takes" / f"{number}.wav", samples, 44_100)
    (tmp_path / "wet.toml").write_text(killed.PRESET)

    def begun(out, *words, env=None):
        command = ["batch", str(tmp_path / "takes"), "-p", "wet.toml", "--jobs", "2", "--quiet"]
        words = words or command
        return subprocess.Popen(
            [sys.executable, "-m", "svcfx", *words, "-o", out],
            cwd=tmp_path,
            env=env,
            stdout=subprocess.DEVNULL,
        )

    def results(out):
        paths = (tmp_path / out).glob("*.*")
        return {path.name: path.read_bytes() for path in paths if path.is_file()}

    assert begun("calm").wait() == 0
    run = begun("other", env=naming.killing(tmp_path, "other", 2, "(os.getppid(), os.getpid())"))
    assert run.wait() == -signal.SIGKILL
    while begun_in(tmp_path):  # the other worker goes too
        time.sleep(0.05)
    assert results("other")
    [interrupted] = Journal(tmp_path / "other").runs()
    assert interrupted.state == "interrupted"
    assert begun("other", "batch", "--resume", "--jobs", "2", "--quiet").wait() == 0
    assert results("other") == results("calm")
    [done] = Journal(tmp_path / "other").runs()
    assert (done.state, sum(done.counts.values())) == ("done", 6)
    assert not [path for path in (tmp_path / "other").glob(".*") if path.name != FOLDER]
