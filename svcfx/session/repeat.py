"""Which plug-ins do not repeat: fresh ones, given the same noise, give different samples."""

import copy
from typing import Any

import numpy as np

from svcfx import digest
from svcfx.errors import BoardError
from svcfx.events import Note, Unheard
from svcfx.node import plugins
from svcfx.render import keys
from svcfx.render.steps import Step, Steps
from svcfx.render.store import Entry
from svcfx.session import contents
from svcfx.session.plan import Plan
from svcfx.session.scores import PluginScore

VERSION = 1
COPIES = 6
PROBE_SECONDS = 0.25
_LEVEL = 0.1


def notes(plan: Plan, steps: Steps) -> list[Note]:
    """A warning for each VST3 of the session that does not repeat; each kind is tried once, and what was
    found is kept.

    Native plug-ins and voices of svcfx repeat, which tests hold; a VST3 may draw random numbers.
    """
    tried: dict[str, bool] = {}
    for preset in (strip.preset for strip in plan.at_work if strip.plugins):
        board = contents.build(preset)
        for name, plugin in contents.externals(board):
            if name not in tried:
                tried[name] = _known(name, plugin, plan.sample_rate, steps)
        contents.give_back(board)
    for strip in plan.heard:
        score = strip.recording.score
        if isinstance(score, PluginScore) and score.name not in tried:
            tried[score.name] = score.repeats(plan.sample_rate)
    return [
        Note(
            "does-not-repeat",
            f"plug-in '{name}' gives other samples each time, so this render cannot be repeated",
        )
        for name, same in tried.items()
        if not same
    ]


def _known(name: str, plugin: Any, sample_rate: int, steps: Steps) -> bool:
    """As `repeats`, found out once for a plug-in's files."""

    def tried() -> Entry:
        return Entry(facts={"repeats": repeats(plugin, sample_rate)})

    try:
        files = digest.of_tree(plugins.path_of(plugin))
    except (BoardError, OSError):
        return repeats(plugin, sample_rate)
    step = Step("repeats", name, keys.key("repeats", VERSION, name, files, sample_rate))
    return bool(steps.kept(step, tried, Unheard()).facts["repeats"])


def repeats(plugin: Any, sample_rate: int) -> bool:
    """Whether fresh copies of `plugin` all give the same samples for the same noise.

    A plug-in that loads something in the background is in one of two states by chance (seen in ZamHeadX2),
    so six are compared: such a one goes unnoticed once in 32 renders.
    """
    from svcfx.board import Board

    noise = np.random.default_rng(0).standard_normal((2, round(PROBE_SECONDS * sample_rate))) * _LEVEL
    fresh = (copy.deepcopy(Board([plugin])) for _ in range(COPIES))
    given = [board(noise.astype(np.float32), sample_rate) for board in fresh]
    return all(np.array_equal(given[0], other) for other in given[1:])
