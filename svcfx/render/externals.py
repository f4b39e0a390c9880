"""VST3s in keys: which file, how each was opened, what was turned since, and whether it repeats itself.

What one gave that does is found again, as of a node of ours; one that does not is played each time.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from svcfx import digest
from svcfx.audio import Samples
from svcfx.errors import BoardError
from svcfx.node import plugins, resting
from svcfx.node.native import External
from svcfx.render.keys import Unkeyable, key
from svcfx.render.steps import Steps

VERSION = 2
COPIES, AGAIN = 6, 2
"""How many are compared. A plug-in that loads something in the background is in one of two states by chance
(seen in ZamHeadX2): it goes unnoticed by six once in 32 times. Of a file of which six agreed once, two are
compared for each other state."""
PROBE_SECONDS = 1.0
_LEVEL = 0.1
WAYWARD = "gives other samples each time"
_known: dict[str, bool] = {}


def facts(plugin: External) -> tuple[Any, ...]:
    """All that a VST3 brings along: the bytes of its bundle, name and version, the state and the parameters
    that it was opened with, and those that were set since.

    Raises:
        Unkeyable: Nobody knows how it was opened, or its file cannot be read.
    """
    asked = resting.asked(plugin)
    try:
        files = digest.of_tree(plugins.path_of(plugin)) if asked else ""
    except (BoardError, OSError):
        files = ""
    if not files:
        raise Unkeyable(f"plug-in '{plugin.name}'")
    turned = [(name, float(plugin.parameters[name].raw_value)) for name in plugins.turned(plugin)]
    return files, str(plugin.name), str(plugin.identifier), str(plugin.version), asked, turned


def repeats(plugin: External, channels: int, sample_rate: float, steps: Steps) -> bool:
    """Whether fresh ones like `plugin` give the same samples, found out once and remembered in the store;
    raises as `facts` does."""
    about = facts(plugin)

    def fresh() -> Any:
        made: Any = resting.another(plugin)
        for name in plugins.turned(plugin):
            plugins.put(made, name, getattr(plugin, name))
        return made

    def gives() -> Iterator[Samples]:
        from svcfx.board import Board  # here: boards are made of nodes that are named there

        board, noise = Board([fresh()]), _noise(channels, sample_rate)
        yield board(noise, sample_rate)
        yield board(noise, sample_rate)  # as of the next file of a batch

    def tried(kind: str, so: tuple[Any, ...], copies: int) -> bool:
        return answered(steps, kind, (so, channels, float(sample_rate)), lambda: agree(gives, copies))

    known = tried("file repeats", about[:2], COPIES)
    return tried("repeats", about, AGAIN if known else COPIES)


def answered(steps: Steps, kind: str, about: tuple[Any, ...], ask: Callable[[], bool]) -> bool:
    """What `ask` says, asked once for what it is `about`."""
    named = key(kind, VERSION, about)
    if named not in _known:
        said = steps.part(kind, VERSION, about, lambda: {"yes": np.array([ask()])})
        _known[named] = bool(said["yes"][0])
    return _known[named]


def agree(gives: Callable[[], Iterator[Samples]], copies: int) -> bool:
    """Whether all that so many fresh ones give is the same."""
    first = next(gives())
    return all(np.array_equal(first, other) for _ in range(copies) for other in gives())


def _noise(channels: int, sample_rate: float) -> Samples:
    frames = round(PROBE_SECONDS * sample_rate)
    return (np.random.default_rng(0).standard_normal((channels, frames)) * _LEVEL).astype(np.float32)
