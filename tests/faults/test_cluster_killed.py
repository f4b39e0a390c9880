"""An actor of a Ray is killed while it renders: its file is done again, to the bytes of a calm run."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from faults import killed
from render.test_cluster import begun_in

from svcfx import audio
from svcfx.session.files import batch
from svcfx.session.isolate import Destination

if not os.environ.get("CI"):
    pytest.importorskip("ray", reason="the cluster extra is not installed")

WHERE = ("--on", "ray", "--jobs", "2", "--json")


def actors(mark):
    """Ids of processes in which actors of a Ray are at work that was begun with `mark` in its environment."""
    found = []
    for pid in begun_in(mark):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"ray::Actor.do"):
                found.append(pid)
    return found


def one_is_killed(processes):
    """Kill the first of `processes` that has not ended by itself; whether there was one."""
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


@pytest.mark.slow
def test_a_file_whose_actor_is_killed_is_done_again(tmp_path):
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (3, 2, 1_500_000)).astype(np.float32)
    for number, samples in enumerate(noise):
        audio.write(tmp_path / "takes" / f"{number}.wav", samples, 44_100)
    (tmp_path / "wet.toml").write_text(killed.PRESET)

    batch(
        [tmp_path / "takes"], tmp_path / "wet.toml", output=Destination(tmp_path / "calm", "{stem}_{preset}")
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "svcfx", "batch", "takes", "-p", "wet.toml", "-o", "other", *WHERE],
        cwd=tmp_path,
        env={**os.environ, "BEGUN_IN": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    while not one_is_killed(actors(tmp_path)):
        assert run.poll() is None
        time.sleep(0.001)
    told = [json.loads(line) for line in run.communicate()[0].splitlines()]
    assert run.returncode == 0
    assert sorted((one["file"], one["status"]) for one in told) == [(f"{n}.wav", "done") for n in range(3)]
    assert killed.results(tmp_path / "other") == killed.results(tmp_path / "calm")
    assert not [path for path in (tmp_path / "other").glob(".*") if path.is_file()]
