"""What a render of some bars has to make of a song, so that they sound as they do in the whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from svcfx.render import reach
from svcfx.render.job import Job
from svcfx.render.reach import Span
from svcfx.session import contents
from svcfx.session.mixdown import CHANNELS, EMPTY
from svcfx.session.plan import Plan
from svcfx.session.strip_model import MASTER

if TYPE_CHECKING:
    from svcfx.session.strip_render import StripRender


@dataclass(frozen=True, slots=True)
class Needed:
    """Whether only a part of the mix is made, and which frames of the song are needed for it of what strips
    give, by name; all of those that are not named.

    `why` says for what a strip is needed whole, by its name; for what all of the song is, by "".
    """

    is_part: bool = False
    spans: Mapping[str, Span] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)


def of(plan: Plan, renders: "Sequence[StripRender]") -> Needed:
    """What is needed for the bars of a plan; nothing is said where it has none.

    A loudness that is brought to a figure is that of the whole song, so the whole song has to be there; and
    so has a stem that is brought back to the loudness it had.
    """
    if plan.cut is None:
        return Needed()
    asked = plan.document.session.master
    if asked.target_lufs is not None or asked.ceiling_dbtp is not None:
        which = "master.target_lufs" if asked.target_lufs is not None else "master.ceiling_dbtp"
        return Needed(why={"": f"{which} is about the whole song, so all of it is rendered"})
    board = contents.build(plan.master.preset)
    master = Job("master", EMPTY, plan.sample_rate, board, plan.master.lanes.board)
    whole, why = (0, plan.frames), dict[str, str]()
    given, spans = {MASTER: _heard(master, plan.cut, plan.frames)}, dict[str, Span]()
    for render in reversed(renders):
        strip = render.strip
        asking = [strip.to, *(send.to for send in strip.sends)]
        wanted = _around([plan.cut, *(given[name] for name in asking if name in given)])
        if strip.voices and strip.match_loudness:
            why[strip.name] = f"{strip.label} is brought to its loudness as a whole, so all of it is sung"
            wanted = whole
        else:
            spans[strip.name] = wanted
        if strip.clip is None:
            given[strip.name] = _heard(render.job, wanted, plan.frames)
    return Needed(True, spans, why)


def _heard(job: Job | None, wanted: Span, frames: int) -> Span:
    """What a job as long as the song must hear for what is wanted of it."""
    return wanted if job is None else reach.heard(job, wanted, CHANNELS, frames)[0]


def _around(spans: Sequence[Span]) -> Span:
    return min(first for first, _ in spans), max(last for _, last in spans)
