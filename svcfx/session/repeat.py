"""Which plug-ins do not repeat: two fresh ones, given the same noise, give different samples."""

import copy
from typing import Any

import numpy as np

from svcfx.session import contents
from svcfx.session.notes import Note
from svcfx.session.plan import Plan

PROBE_SECONDS = 0.5
_LEVEL = 0.1


def notes(plan: Plan) -> list[Note]:
    """A warning for each VST3 of the session that does not repeat; each kind is tried once.

    Native plug-ins and voices of svcfx repeat, which tests hold; a VST3 may draw random numbers.
    """
    boards = [stem.board for stem in plan.heard] + [plan.master_board]
    tried: dict[str, bool] = {}
    for board in boards:
        for name, plugin in contents.externals(board):
            if name not in tried:
                tried[name] = repeats(plugin, plan.sample_rate)
    return [
        Note(
            "does-not-repeat",
            f"plug-in '{name}' gives other samples each time, so this render cannot be repeated",
        )
        for name, same in tried.items()
        if not same
    ]


def repeats(plugin: Any, sample_rate: int) -> bool:
    """Whether two fresh copies of `plugin` give the same samples for the same noise."""
    from svcfx.board import Board

    noise = np.random.default_rng(0).standard_normal((2, round(PROBE_SECONDS * sample_rate))) * _LEVEL
    fresh = (copy.deepcopy(Board([plugin])) for _ in range(2))
    first, second = (board(noise.astype(np.float32), sample_rate) for board in fresh)
    return bool(np.array_equal(first, second))
