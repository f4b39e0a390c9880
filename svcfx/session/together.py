"""One song sung by several processes: each sings phrases into the store, where the render then finds them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from svcfx.events import Events, Kept, OnProgress, Progress
from svcfx.render import processes, reach
from svcfx.render.reach import Span
from svcfx.render.steps import Steps
from svcfx.render.store import Store
from svcfx.session import plan
from svcfx.session.document import Document
from svcfx.session.mixdown import CHANNELS
from svcfx.session.plan import Plan
from svcfx.session.strip_render import StripRender

AHEAD = 0.8
"""Share of a song's work that its stems are, as progress is told."""


@dataclass(frozen=True, slots=True)
class Share:
    """A stem, and the frames of the song in which it is rendered."""

    strip: str
    span: Span


@dataclass(frozen=True, slots=True)
class Singing:
    """What a process does with shares of a song; pickles."""

    document: Document
    allow_plugins: tuple[Path, ...]
    device: str
    store: Store

    def __call__(self, share: Share, events: Events) -> bool:
        """Render it, for what the store keeps of that; it is there when this returns."""
        planned = plan.make(self.document, allow_plugins=self.allow_plugins, device=self.device)
        strip = planned.named(share.strip)
        steps = Steps(self.store)
        StripRender(planned, strip, steps, events.cancelled, wanted=share.span).rendered(events.progress)
        steps.settle()
        return True


def shares(planned: Plan, renders: Sequence[StripRender], jobs: int) -> tuple[Share, ...]:
    """What of a song may be rendered by itself and is not in the store: a stem whose phrases sound as they
    do whatever is sung elsewhere in as many spans as there are processes, any other as a whole."""
    found: list[Share] = []
    for render in renders:
        if render.strip.clip is not None and render.key and not render.steps.holds(render.key):
            name, start, frames = render.strip.name, render.source.start_frame, render.source.frames
            count = jobs if _sings_apart(render, frames) else 1
            edges = [start + frames * number // count for number in range(count + 1)]
            found += [Share(name, span) for span in pairwise(edges)]
    return tuple(found)


def _sings_apart(render: StripRender, frames: int) -> bool:
    """Whether a voice sings no more of the stem than is asked for."""
    if render.job is None or not render.strip.voices:
        return False
    _, sung = reach.heard(render.job, (0, frames // 2), CHANNELS, frames)
    return sung != (0, frames)


def ahead(
    planned: Plan,
    renders: Sequence[StripRender],
    work: Singing,
    jobs: int,
    on_progress: OnProgress,
    is_cancelled: Callable[[], bool],
) -> OnProgress:
    """Have `jobs` processes render what is due, and return who is told how far the render is from there on.

    What fails there is left to the render, which says it.

    Raises:
        Cancelled: `is_cancelled` says so.
    """
    due = shares(planned, renders, jobs)
    if len(due) < 2:
        return on_progress

    def first(at: Progress) -> None:
        on_progress(replace(at, done_fraction=AHEAD * at.done_fraction))

    tell = processes.overall("stem", [share.strip for share in due], first)
    workers = processes.Workers(work, min(jobs, len(due)))
    for number, _ in workers.run(due, Kept(is_cancelled=is_cancelled), tell):
        tell(number, 1.0)
    return lambda at: on_progress(replace(at, done_fraction=AHEAD + (1.0 - AHEAD) * at.done_fraction))
