"""Which plug-ins of a session do not repeat: such a render cannot be made again."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from svcfx.events import Note
from svcfx.render import externals
from svcfx.render.keys import Unkeyable
from svcfx.render.steps import Steps
from svcfx.session import contents
from svcfx.session.mixdown import CHANNELS
from svcfx.session.plan import Plan
from svcfx.session.scores import PluginScore


def notes(plan: Plan, steps: Steps) -> list[Note]:
    """A warning for each VST3 of the session that does not repeat.

    Native plug-ins and voices of svcfx repeat, which tests hold; a VST3 may draw random numbers.
    """
    wayward: dict[str, None] = {}

    def look(name: str, repeats: Callable[[], bool]) -> None:
        with suppress(Unkeyable):
            if not repeats():
                wayward[name] = None

    for preset in (strip.preset for strip in plan.at_work if strip.plugins):
        board = contents.build(preset)
        for name, plugin in contents.externals(board):
            look(name, partial(externals.repeats, plugin, CHANNELS, plan.sample_rate, steps))
        contents.give_back(board)
    for strip in plan.heard:
        score = strip.recording.score
        if isinstance(score, PluginScore):
            look(score.name, partial(score.repeats, plan.sample_rate, steps))
    return [
        Note("does-not-repeat", f"plug-in '{name}' {externals.WAYWARD}, so this render cannot be repeated")
        for name in wayward
    ]
