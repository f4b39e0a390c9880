"""Renders: asked for, watched, stopped."""

from dataclasses import dataclass

from fastapi import APIRouter

from svcfx.session import overview
from svcfx.ui import views
from svcfx.ui.access import Opened
from svcfx.ui.views import JobView

routes = APIRouter(prefix="/api/jobs", tags=["renders"])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to render: bars such as "5-12", or null for the whole song."""

    bars: str | None = None


@routes.get("")
def jobs(studio: Opened) -> list[JobView]:
    """Every render that is kept, the newest first."""
    return [views.of_job(job) for job in studio.jobs.all()]


@routes.post("", status_code=201)
def render(wanted: Wanted, studio: Opened) -> JobView:
    """Queue a render of the session as it is shown now; what is changed later changes nothing in it."""
    document = studio.draft.document
    if wanted.bars is not None:
        overview.timeline_of(document).range_of(wanted.bars)
    return views.of_job(studio.jobs.ask(document, wanted.bars))


@routes.post("/{number}/again", status_code=201)
def again(number: int, studio: Opened) -> JobView:
    """Put the session back to what a render was made of, which can be undone, and render the same bars."""
    before = studio.jobs.find(number)
    studio.draft.put(lambda _shown: before.document)
    return views.of_job(studio.jobs.ask(before.document, before.bars))


@routes.get("/{number}")
def job(number: int, studio: Opened) -> JobView:
    """How far a render is, and what came of it."""
    return views.of_job(studio.jobs.find(number))


@routes.delete("/{number}")
def cancel(number: int, studio: Opened) -> JobView:
    """Ask a render to stop; nothing is left of it."""
    return views.of_job(studio.jobs.cancel(number))
