"""Keys of the files that a bounce writes, known before anything is rendered."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from svcfx.lanes import Curve
from svcfx.render import engine, keys
from svcfx.render.job import Job
from svcfx.render.steps import Steps
from svcfx.session import contents
from svcfx.session.mixdown import EMPTY
from svcfx.session.plan import Plan
from svcfx.session.strip_model import MASTER

if TYPE_CHECKING:
    from svcfx.session.strip_render import StripRender

VERSION = 1
MIX = ""
"""The name of the mix among the stems'."""


def of_files(plan: Plan, renders: "Sequence[StripRender]", steps: Steps) -> dict[str, str]:
    """The key of the mix, and of each stem's own file by its name.

    "" where a node does not say what it depends on: such a file is never the same again.
    """
    faded = {render.strip.name: _faded(plan, render) for render in renders if render.strip.clip}
    output = plan.document.session.output
    written = (output.encoding, output.formats)
    about = (plan.document.session.title, plan.sample_rate, plan.frames, plan.cut, written)
    own = {name: keys.key("stem file", VERSION, key, about) if key else "" for name, key in faded.items()}
    mix = of_sum(plan, MASTER, renders)
    mastered = _mastered(plan, mix, steps) if mix else ""
    return {MIX: keys.key("mix file", VERSION, mastered, about) if mastered else "", **own}


def of_song(plan: Plan, steps: Steps) -> dict[str, str]:
    """As `of_files`, for whoever renders nothing."""
    from svcfx.session import strip_render

    return of_files(plan, strip_render.of_plan(plan, steps), steps)


def of_sum(plan: Plan, name: str, renders: "Iterable[StripRender]") -> str:
    """The key of what the strip called `name` hears of others, in whatever order; "" where one has none."""
    given = [key for render in renders for key in _given(plan, render, name)]
    return keys.key("sum", VERSION, sorted(given), plan.frames) if all(given) else ""


def _given(plan: Plan, render: "StripRender", name: str) -> Iterator[str]:
    """Keys of what a strip gives to the one called `name`."""
    if render.strip.to == name:
        yield _faded(plan, render)
    for send in render.strip.sends:
        if send.to == name:
            tapped = render.key if send.tap == "pre" else _faded(plan, render)
            yield _through(plan, render, tapped, "sent", send.gain_db)


def _faded(plan: Plan, render: "StripRender") -> str:
    asked = render.strip.lanes.fader
    return _through(plan, render, render.key, "faded", asked.gain_db, asked.pan)


def _through(plan: Plan, render: "StripRender", key: str, kind: str, *curves: Curve) -> str:
    """The key of a strip's samples of a key, turned as curves say."""
    if not key:
        return ""
    seconds = plan.frames / plan.sample_rate
    turned = [keys.within(curve, seconds) for curve in curves]
    return keys.key(kind, VERSION, key, render.strip.start_seconds, plan.sample_rate, turned)


def _mastered(plan: Plan, mix: str, steps: Steps) -> str:
    board = contents.build(plan.master.preset)
    job = Job("master", EMPTY, plan.sample_rate, board, plan.master.lanes.board, source=mix)
    end = engine.key(job, steps, 2, plan.frames)
    master = plan.document.session.master
    asked = (master.target_lufs, master.ceiling_dbtp, master.tail_seconds)
    return keys.key("master", VERSION, end, asked) if end else ""
