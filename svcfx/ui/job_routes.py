"""Renders: asked for, watched, stopped."""

from dataclasses import dataclass

from fastapi import APIRouter

from svcfx.session import overview
from svcfx.ui import views
from svcfx.ui.access import Opened
from svcfx.ui.jobs import Job
from svcfx.ui.studio import Studio
from svcfx.ui.views import DifferenceView, JobView

routes = APIRouter(prefix="/api/jobs", tags=["renders"])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to render: bars such as "5-12", or null for the whole song."""

    bars: str | None = None


@routes.get("")
def jobs(studio: Opened) -> list[JobView]:
    """Every render that is kept, the newest first."""
    return [_seen(job, studio) for job in studio.jobs.all()]


@routes.post("", status_code=201)
def render(wanted: Wanted, studio: Opened) -> JobView:
    """Queue a render of the session as it is shown now; what is changed later changes nothing in it."""
    document = studio.draft.document
    if wanted.bars is not None:
        overview.timeline_of(document).range_of(wanted.bars)
    return _seen(studio.jobs.ask(document, wanted.bars), studio)


@routes.post("/{number}/again", status_code=201)
def again(number: int, studio: Opened) -> JobView:
    """Put the session back to what a render was made of, which can be undone, and render the same bars."""
    before = studio.jobs.find(number)
    studio.draft.put(lambda _shown: before.document)
    return _seen(studio.jobs.ask(before.document, before.bars), studio)


@routes.get("/{number}")
def job(number: int, studio: Opened) -> JobView:
    """How far a render is, and what came of it."""
    return _seen(studio.jobs.find(number), studio)


@routes.delete("/{number}")
def cancel(number: int, studio: Opened) -> JobView:
    """Ask a render to stop; nothing is left of it."""
    return _seen(studio.jobs.cancel(number), studio)


@routes.get("/{number}/differences/{other}")
def differences(number: int, other: int, studio: Opened) -> list[DifferenceView]:
    """What the session of a render says otherwise than that of another one, key by key."""
    return views.differences(studio.jobs.find(other), studio.jobs.find(number))


def _seen(job: Job, studio: Studio) -> JobView:
    return views.of_job(job, studio.jobs.before(job))
