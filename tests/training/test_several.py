"""Diffusion and vocoder on two devices."""

import os
import subprocess
import sys
from pathlib import Path

import needs
import pytest
import torch
from ports import free_port
from training import several
from training.vits import made
from voices import checkpoints

from svcfx.training.diffusion import recipe
from svcfx.training.engine import engine

pytestmark = [pytest.mark.slow, needs.TRAIN]

QUIET = {**os.environ, "OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1"}


def test_two_devices_learn_what_one_learns_of_the_joined_batch(tmp_path, monkeypatch):
    monkeypatch.setitem(recipe._NETS, "small", recipe._NETS["small"])  # put back afterwards
    dataset = made.dataset(tmp_path / "dataset")
    base = checkpoints.write_vocoder(tmp_path / "nsf_hifigan")
    words = [sys.executable, str(Path(several.__file__)), *map(str, (dataset, base, tmp_path))]
    together = subprocess.Popen(words, env={**QUIET, "MASTER_PORT": str(free_port())})
    one = several.found(dataset, base, tmp_path, engine(accelerator="cpu"))
    assert together.wait(timeout=900) == 0
    two = torch.load(tmp_path / "two.pt", weights_only=True)
    for kind in one:
        for name, gradient in one[kind]["gradients"].items():
            away = two[kind]["gradients"][name] - gradient
            assert float(away.norm() / gradient.norm()) < 1e-5, f"{kind} {name}"
        assert two[kind]["terms"] == pytest.approx(one[kind]["terms"], rel=1e-5)
