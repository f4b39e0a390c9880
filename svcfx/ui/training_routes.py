"""Trainings watched: their curves, and what they sing on the way."""

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import FileResponse

from svcfx.training import watching
from svcfx.ui.access import Opened

routes = APIRouter(prefix="/api/trainings", tags=["trainings"])
_MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A training as it stands: what was reported at `steps` (at the most the last 1000 of them), by name."""

    name: str
    steps: list[int]
    columns: dict[str, list[float | None]]
    best_step: int | None
    previews: list[int]


@routes.get("")
def trainings(studio: Opened) -> list[TrainingView]:
    """Every training in the song's folder, and those that the studio was told to watch."""
    return [_view(name, watching.look(out)) for name, out in studio.trainings().items()]


@routes.get("/preview")
def preview(name: str, step: int, studio: Opened) -> FileResponse:
    """The phrase that a training sang at a step, as WAV."""
    return FileResponse(watching.preview(studio.training(name), step), media_type="audio/wav")


def _view(name: str, seen: watching.Seen) -> TrainingView:
    columns = {key: list(values[-_MOST_ROWS:]) for key, values in seen.columns.items()}
    return TrainingView(name, list(seen.steps[-_MOST_ROWS:]), columns, seen.best_step, list(seen.previews))
