"""Several processes, and processes that are killed."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import needs
import pytest
import torch
from ports import free_port
from training.vits.test_trainer import digest

from svcfx.training import checkpoints

pytestmark = [pytest.mark.slow, pytest.mark.long, needs.TRAIN]

PROGRAM = Path(__file__).with_name("program.py")
QUIET = {**os.environ, "OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1"}


def program(*words):
    return [sys.executable, str(PROGRAM), *map(str, words)]


def test_two_processes_learn_what_one_learns_of_the_joined_batch(dataset, tmp_path):
    for batch, world in ((4, 1), (2, 2)):
        words = program("gradients", dataset, tmp_path / str(world), batch, world)
        env = {**QUIET, "MASTER_PORT": str(free_port())}
        subprocess.run(words, env=env, check=True, capture_output=True, timeout=900)
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
    assert whole.wait(timeout=900) == 0
    subprocess.run(program("run", dataset, tmp_path / "parts", 4), env=QUIET, check=True, timeout=900)
    kept = [tmp_path / name / "states/state-00000004.pt" for name in ("whole", "parts")]
    assert digest(kept[0]) == digest(kept[1])


DIES = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from training.vits import made, program
from svcfx.training import checkpoints
from svcfx.training.vits import upstream
from svcfx.training.vits.adversarial import Learner
import torch
place, step, moment = Path(sys.argv[3]), int(sys.argv[4]), sys.argv[5]

def half(state, file):
    real(state, file)
    file.truncate(file.tell() // 2)
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def at_step(then, before):
    count = [len(checkpoints.steps(place))]
    def counted(*words, **named):
        count[0] += 1
        return (then if count[0] == step else before)(*words, **named)
    return counted

real, whole = torch.save, checkpoints.write
if moment == "in a step":
    Learner.tell = at_step(die, Learner.tell)
elif moment == "in a state":
    def write(*words, **named):
        torch.save = half
        return whole(*words, **named)
    checkpoints.write = at_step(write, whole)
else:
    checkpoints.write = at_step(die, whole)
torch.set_num_threads(1)
made.shrink()
program.run(Path(sys.argv[2]), place, 9)
"""


def test_kills_in_a_step_in_a_state_and_behind_the_voice_leave_no_trace(dataset, tmp_path):
    moments = ("in a step", "in a state", "behind the voice")
    for step, moment in zip((2, 3, 4), moments, strict=True):
        words = [Path(__file__).parents[2], dataset, tmp_path / "parts", step, moment]
        died = subprocess.run([sys.executable, "-c", DIES, *map(str, words)], env=QUIET, check=False)
        assert died.returncode == -signal.SIGKILL, moment
        assert checkpoints.steps(tmp_path / "parts")[-1] == step - 1, moment
    for name in ("parts", "whole"):
        subprocess.run(program("run", dataset, tmp_path / name, 5), env=QUIET, check=True, timeout=900)
    states_of = [tmp_path / name / "states/state-00000005.pt" for name in ("parts", "whole")]
    assert digest(states_of[0]) == digest(states_of[1])
    voices = [sorted((tmp_path / name).glob("G_*.pth")) for name in ("parts", "whole")]
    assert [[path.name for path in some] for some in voices] == [[voices[1][0].name]] * 2
    assert voices[0][0].read_bytes() == voices[1][0].read_bytes()
    assert not [*(tmp_path / "parts").rglob(".*")]


def test_a_disk_that_fills_up_ends_the_run_in_a_sentence_and_the_next_one_goes_on(dataset, tmp_path):
    """A limit on the size of a file is a full disk where nobody may mount one."""
    small = ("--family", "sovits40", "--size", "small", "--batch", 2, "--check-every", 1, "--devices", 1)
    words = ("svcfx", "train", "run", dataset, "-o", tmp_path / "me", *small, "--quiet", "--steps")
    env = QUIET | {"SVCFX_HOME": str(tmp_path / "home")}
    subprocess.run(program(*words, 1), env=env, check=True, capture_output=True, timeout=900)
    state = tmp_path / "me/states/state-00000001.pt"
    before = state.read_bytes()
    full = subprocess.run(
        program(*words, 2), env=env, check=False, capture_output=True, text=True, timeout=900,
        preexec_fn=lambda: _limit(len(before) // 2),
    )  # fmt: skip
    assert full.returncode == 1
    assert "could not be written: file too large" in full.stderr
    assert "Traceback" not in full.stderr
    assert [path.name for path in (tmp_path / "me/states").iterdir()] == [state.name]
    assert state.read_bytes() == before
    again = subprocess.run(
        program(*words, 2), env=env, check=True, capture_output=True, text=True, timeout=900
    )
    assert "going on from step 1" in again.stderr


def _limit(size):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _wait_for(path, process):
    while not path.exists() and process.poll() is None:
        time.sleep(0.05)
    assert path.exists()
