"""The real command on several hosts: this machine, twice."""

import os
import subprocess
import sys
from pathlib import Path

import needs
import pytest
import torch
from click.testing import CliRunner
from ports import free_port
from training.vits import made

from svcfx.cli.main import main
from svcfx.errors import ParamError, TrainingError
from svcfx.training import checkpoints
from svcfx.training import engine as engines
from svcfx.training.vits import recipe

pytestmark = [pytest.mark.slow, pytest.mark.long, needs.TRAIN]

PROGRAM = Path(__file__).with_name("program.py")
SHORT = ("--family", "sovits40", "--size", "small", "--check-every", 2, "--precision", "fp32")


def words(dataset, out, *options):
    return list(map(str, ("train", "run", dataset, "-o", out, *SHORT, "--devices", 1, *options)))


def hosts(dataset, folder, *options):
    """Runs the command on two hosts that share nothing but the dataset; returns what each said."""
    port, began = str(free_port()), []
    for rank in (0, 1):
        own = folder / f"host-{rank}"
        places = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "NODE_RANK": str(rank)}
        calm = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "SVCFX_HOME": str(own / "home")}
        command = [sys.executable, str(PROGRAM), "svcfx", *words(dataset, own / "me", "--nodes", 2, *options)]
        began.append(
            subprocess.Popen(command, env={**os.environ, **calm, **places}, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        )  # fmt: skip
    try:
        said = [process.communicate(timeout=900) for process in began]
    finally:
        for process in began:
            process.kill()
    for process, (_, noted) in zip(began, said, strict=True):
        assert process.returncode == 0, noted
        assert "Traceback" not in noted
    return said


def alone(dataset, out, monkeypatch, *options):
    """Runs the command in this process, with the networks that the hosts have."""
    monkeypatch.setenv("SVCFX_HOME", str(out / "home"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(recipe, "_SMALL", made.TINY)
    monkeypatch.setattr(recipe, "_NARROW", {"full": 1, "small": 128})
    monkeypatch.setitem(recipe.VitsRecipe.__init__.__kwdefaults__, "dropout", 0.0)
    done = CliRunner().invoke(main, words(dataset, out / "me", *options))
    assert done.exit_code == 0, done.output


def test_two_hosts_learn_what_one_learns_and_the_first_alone_writes(dataset, tmp_path, monkeypatch):
    hosts(dataset, tmp_path, "--batch", 1, "--steps", 2)
    first, second = hosts(dataset, tmp_path, "--batch", 1, "--steps", 3)
    assert first[0] == "me\n"
    assert "going on from step 2" in first[1]
    assert second[0] == ""
    assert not (tmp_path / "host-1/me").exists()
    assert not (tmp_path / "host-1/home/voices").exists()
    alone(dataset, tmp_path / "alone", monkeypatch, "--batch", 2, "--steps", 3)
    one, two = (checkpoints.last(tmp_path / name / "me") for name in ("alone", "host-0"))
    assert (one["world"], two["world"], two["step"]) == (1, 2, 3)
    for network in ("generator", "critics"):
        weights = [
            torch.cat([t.flatten().double() for t in state["networks"][network].values()])
            for state in (one, two)
        ]
        assert float((weights[1] - weights[0]).norm() / weights[0].norm()) < 1e-5


@pytest.fixture
def places(monkeypatch):
    """Says where the hosts are, and forgets it; also what the engine says to its children."""
    for name in ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK", "LOCAL_RANK", "WORLD_SIZE"):
        monkeypatch.setenv(name, "0")
        monkeypatch.delenv(name)

    def put(**named):
        for name, value in named.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.mark.parametrize("rank", ["0", "1"])
def test_a_host_that_does_not_come_is_waited_for_and_then_said(places, monkeypatch, rank):
    monkeypatch.setattr(engines, "PATIENCE_SECONDS", 1.0)
    port = str(free_port())
    places(MASTER_ADDR="127.0.0.1", MASTER_PORT=port, NODE_RANK=rank)
    with pytest.raises(TrainingError, match=f"2 devices did not meet at 127.0.0.1:{port}: ") as error:
        engines.engine(devices=1, nodes=2, accelerator="cpu")
    assert "the same command on every host" in error.value.hint


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({}, "2 hosts are asked for without MASTER_ADDR, MASTER_PORT, NODE_RANK"),
        ({"MASTER_ADDR": "h", "MASTER_PORT": "x", "NODE_RANK": "0"}, "MASTER_PORT is 'x'"),
        ({"MASTER_ADDR": "h", "MASTER_PORT": "1", "NODE_RANK": "2"}, "NODE_RANK is '2', allowed are 0 to 1"),
    ],
)
def test_where_the_hosts_are_must_be_said(places, named, said):
    places(**named)
    with pytest.raises(ParamError, match=said) as error:
        engines.engine(devices=1, nodes=2, accelerator="cpu")
    assert "On every host set MASTER_ADDR" in error.value.hint
