"""Keys of the files that a bounce writes, known before anything is rendered."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from svcfx.render import engine, keys
from svcfx.render.job import Job
from svcfx.render.steps import Steps
from svcfx.session import contents
from svcfx.session.plan import Plan

if TYPE_CHECKING:
    from svcfx.session.strip_render import StripRender

VERSION = 1
MIX = ""
"""The name of the mix among the stems'."""


def of_files(plan: Plan, strips: "Sequence[StripRender]", steps: Steps) -> dict[str, str]:
    """The key of the mix, and of each stem's own file by its name.

    "" where a node does not say what it depends on: such a file is never the same again.
    """
    faded = {strip.strip.name: _faded(plan, strip) for strip in strips}
    output = plan.document.session.output
    written = (output.encoding, output.formats)
    about = (plan.document.session.title, plan.sample_rate, plan.frames, plan.cut, written)
    own = {name: keys.key("stem file", VERSION, key, about) if key else "" for name, key in faded.items()}
    if not all(faded.values()):
        return {MIX: "", **own}
    mix = keys.key("mix", VERSION, list(faded.values()), plan.frames)
    mastered = _mastered(plan, mix, steps)
    return {MIX: keys.key("mix file", VERSION, mastered, about) if mastered else "", **own}


def of_song(plan: Plan, steps: Steps) -> dict[str, str]:
    """As `of_files`, for whoever renders nothing."""
    from svcfx.session.strip_render import StripRender

    return of_files(plan, [StripRender(plan, stem, steps) for stem in plan.heard], steps)


def _faded(plan: Plan, strip: "StripRender") -> str:
    key = strip.key
    if not key:
        return ""
    asked, seconds = strip.strip.lanes.fader, plan.frames / plan.sample_rate
    fader = [keys.within(curve, seconds) for curve in (asked.gain_db, asked.pan)]
    return keys.key("faded", VERSION, key, strip.strip.start_seconds, plan.sample_rate, fader)


def _mastered(plan: Plan, mix: str, steps: Steps) -> str:
    board = contents.build(plan.master.preset)
    empty = np.zeros((2, 0), np.float32)
    job = Job("master", empty, plan.sample_rate, board, plan.master.lanes.board, source=mix)
    end = engine.key(job, steps, 2, plan.frames)
    master = plan.document.session.master
    asked = (master.target_lufs, master.ceiling_dbtp, master.tail_seconds)
    return keys.key("master", VERSION, end, asked) if end else ""
