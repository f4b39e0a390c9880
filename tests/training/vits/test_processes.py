"""Several processes, and processes that are killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from training.vits import made

pytest.importorskip("lightning_fabric", reason="the extra train is not installed")
from svcfx.training.vits import states

PROGRAM = Path(__file__).with_name("program.py")
QUIET = {**os.environ, "OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1"}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return made.dataset(tmp_path_factory.mktemp("dataset"), lengths=(24, 31, 20, 28, 26))


def program(*words):
    return [sys.executable, str(PROGRAM), *map(str, words)]


def test_two_processes_learn_what_one_learns_of_the_joined_batch(dataset, tmp_path):
    for batch, world in ((4, 1), (2, 2)):
        words = program("gradients", dataset, tmp_path / str(world), batch, world)
        subprocess.run(words, env=QUIET, check=True, capture_output=True, timeout=240)
    one, two = (torch.load(tmp_path / f"{world}.pt", weights_only=True) for world in (1, 2))
    assert (one["world"], two["world"]) == (1, 2)
    for name, value in one["terms"].items():
        torch.testing.assert_close(two["terms"][name], value, rtol=1e-5, atol=0.0, msg=name)
    for network, gradients in one["gradients"].items():
        alone = torch.cat([gradient.flatten() for gradient in gradients.values()]).double()
        together = torch.cat([two["gradients"][network][key].flatten() for key in gradients]).double()
        assert float((together - alone).norm() / alone.norm()) < 1e-5


def test_a_run_that_was_killed_goes_on_to_the_same_weights(dataset, tmp_path):
    whole = subprocess.Popen(program("run", dataset, tmp_path / "whole", 4), env=QUIET)
    killed = subprocess.Popen(program("run", dataset, tmp_path / "parts", 4), env=QUIET)
    _wait_for(tmp_path / "parts/states/state-00000002.pt", killed)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert whole.wait(timeout=240) == 0
    subprocess.run(program("run", dataset, tmp_path / "parts", 4), env=QUIET, check=True, timeout=240)
    weights = [states.last(tmp_path / name) for name in ("whole", "parts")]
    for part in ("generator", "critics", "average"):
        for key, value in weights[0][part].items():
            assert torch.equal(weights[1][part][key], value), f"{part} {key}"


def _wait_for(path, process):
    for _ in range(2000):
        if path.exists() or process.poll() is not None:
            break
        time.sleep(0.05)
    assert path.exists()
