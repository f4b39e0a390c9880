"""What is done on several cores comes out as on one, and threads that wait leave the cores to others."""

import os

import numpy as np
import pytest

from svcfx import cores

WAITING = ("OPENBLAS_THREAD_TIMEOUT", "GOMP_SPINCOUNT")


@pytest.mark.parametrize("most", [1, 2, 5])
def test_pieces_come_back_in_their_order(most, monkeypatch):
    monkeypatch.setattr(cores, "_threads", lambda: most)
    assert cores.each(lambda number: number**2, range(20)) == [number**2 for number in range(20)]
    assert cores.each(lambda number: number, []) == []


def test_the_first_error_is_raised(monkeypatch):
    monkeypatch.setattr(cores, "_threads", lambda: 2)
    with pytest.raises(ZeroDivisionError):
        cores.each(lambda number: np.float64(1) if number < 3 else 1 // 0, range(6))


@pytest.mark.parametrize("said", [None, "26"])
def test_how_long_threads_look_for_work_is_ours_to_say_where_the_user_does_not(said, monkeypatch):
    for name in WAITING:
        monkeypatch.delenv(name, raising=False)
        if said:
            monkeypatch.setenv(name, said)
    cores.rest_early()
    assert [os.environ[name] for name in WAITING] == ([said, said] if said else ["4", "10000"])
