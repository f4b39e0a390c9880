"""The app: routes behind the guard, errors as sentences, and the page."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from svcfx import __version__
from svcfx.errors import (
    Cancelled,
    InputError,
    MissingPartError,
    OutputError,
    OutputExistsError,
    SvcfxError,
    UnknownNameError,
)
from svcfx.ui import (
    audio_routes,
    catalog_routes,
    job_routes,
    preset_routes,
    session_routes,
    task_routes,
    training_routes,
    voice_routes,
)
from svcfx.ui.guard import Door, Guard, TooMuchError
from svcfx.ui.speech import spoken
from svcfx.ui.studio import Studio
from svcfx.ui.views import Problem

PAGE = Path(__file__).parent / "page"
_STATUS: tuple[tuple[type[SvcfxError], int], ...] = (
    (UnknownNameError, 404),
    (TooMuchError, 413),
    (OutputExistsError, 409),
    (InputError, 422),
    (MissingPartError, 501),
    (OutputError, 507),
    (Cancelled, 409),
)
_PARTS = (
    session_routes,
    catalog_routes,
    audio_routes,
    job_routes,
    task_routes,
    voice_routes,
    preset_routes,
    training_routes,
)
_REFUSALS = {status: {"model": Problem} for status in (401, 403, 404, 413, 422)}


def make(studio: Studio, door: Door, *, with_page: bool = True) -> Guard:
    """The studio as an ASGI app; without its page it is an API alone, documented at /openapi.json."""
    app = FastAPI(
        title="svcfx studio",
        version=__version__,
        description="A session, its renders, and what there is to choose from. Every path below /api wants "
        "the header `Authorization: Bearer TOKEN`; every refusal is `{error, hint}`.",
        docs_url=None,
        redoc_url=None,
        responses=_REFUSALS,  # type: ignore[arg-type]
    )
    app.state.studio = studio
    for part in _PARTS:
        app.include_router(part.routes)
    app.add_exception_handler(SvcfxError, _refused)
    app.add_exception_handler(RequestValidationError, _misspelled)
    app.add_exception_handler(HTTPException, _missing)
    app.add_exception_handler(Exception, _broken)
    if with_page:
        app.add_api_route("/", lambda: FileResponse(PAGE / "index.html"), include_in_schema=False)
        app.mount("/page", StaticFiles(directory=PAGE), name="page")
    return Guard(app, door)


def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SvcfxError)
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    return JSONResponse({"error": spoken(error.message), "hint": spoken(error.hint)}, status)


def _misspelled(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return JSONResponse({"error": f"{where}: {str(first['msg'])[:300]}", "hint": "see /openapi.json"}, 422)


def _missing(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": str(error.detail).lower(), "hint": ""}, error.status_code)


def _broken(_request: Request, error: Exception) -> JSONResponse:
    said = f"unexpected {type(error).__name__}"
    return JSONResponse({"error": said, "hint": "the terminal that runs the studio has the details"}, 500)
