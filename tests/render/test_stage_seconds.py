"""What parts of steps took: each by its kind, a part within one as its own, and what was found as nothing."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from svcfx.render import steps as stepping
from svcfx.render.steps import Steps
from svcfx.render.store import Memory

ONE = {"one": np.ones(1)}


@pytest.fixture
def _ticking(monkeypatch):
    """A clock that goes on by a second each time that it is looked at."""
    monkeypatch.setattr(stepping.time, "monotonic", map(float, itertools.count()).__next__)


@pytest.mark.usefixtures("_ticking")
def test_a_part_within_a_part_counts_as_its_own():
    steps = Steps(Memory())

    def outer():
        steps.part("pitch", 1, (), lambda: ONE)
        steps.part("pitch", 1, (2,), lambda: ONE)
        return ONE

    steps.part("sung", 1, (), outer)
    # The clock was looked at six times: five seconds between the first and the last.
    assert steps.seconds == {"pitch": 2.0, "sung": 3.0}


@pytest.mark.usefixtures("_ticking")
@pytest.mark.parametrize("store", [None, Memory()])
def test_what_is_found_costs_nothing(store):
    steps = Steps(store)
    steps.part("sung", 1, (), lambda: ONE)
    before = dict(steps.seconds)
    steps.part("sung", 1, (), lambda: ONE)
    assert (steps.seconds == before) == (store is not None)


@pytest.mark.usefixtures("_ticking")
def test_a_part_that_fails_is_counted_and_the_next_one_is_right():
    steps = Steps()
    with pytest.raises(ZeroDivisionError):
        steps.part("sung", 1, (), lambda: {"never": np.ones(1) / (1 // 0)})
    steps.part("pitch", 1, (), lambda: ONE)
    assert steps.seconds == {"sung": 1.0, "pitch": 1.0}


def test_two_threads_that_ask_for_a_part_at_once_have_it_made_once():
    """As a voice and what advises beside it do, of the same stem."""
    steps, both = Steps(Memory()), threading.Barrier(2)
    made = []

    def make():
        made.append(threading.get_ident())
        time.sleep(0.1)
        return ONE

    def ask(asking):
        both.wait()
        return asking.part("pitch", 1, (), make)

    with ThreadPoolExecutor(2) as pool:
        given = list(pool.map(ask, (steps, steps.beside())))
    assert len(made) == 1
    assert steps.parts == {("pitch", False): 1, ("pitch", True): 1}
    np.testing.assert_array_equal(given[0]["one"], given[1]["one"])
