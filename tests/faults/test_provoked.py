"""Faults of disks, clocks and people leave whole results, one clear sentence, and work that can go on."""

import os

import numpy as np
import pytest
from faults import provoked


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
@pytest.mark.parametrize("fault", provoked.FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_loses_doubles_and_halves_nothing(tmp_path, fault, seed):
    if fault in provoked.NEED_ROOT and os.geteuid():
        pytest.skip("mounting a tmpfs needs root")
    fault(tmp_path, np.random.default_rng(seed))


@pytest.mark.slow
def test_hundreds_of_tiny_files_are_all_made(tmp_path):
    provoked.many_tiny_files(tmp_path, np.random.default_rng(0), 300)
