"""Presets saved from strips, and brought from elsewhere, into the session's folder."""

from dataclasses import dataclass

from fastapi import APIRouter, Request

from svcfx import preset
from svcfx.errors import InputError, OutputExistsError
from svcfx.session import own_preset, plan
from svcfx.ui import uploads
from svcfx.ui.access import Opened
from svcfx.ui.session_routes import FileNames

routes = APIRouter(prefix="/api/presets", tags=["presets"])


@dataclass(frozen=True, slots=True)
class NewPreset:
    """A strip whose sound is to be kept, the preset's name, and what it is for ("": as its preset says)."""

    strip: str
    name: str
    description: str = ""


@routes.post("", status_code=201)
def save(asked: NewPreset, studio: Opened) -> FileNames:
    """Keep what a strip runs through, its own values worked in, as `svcfx session preset` does; answers the
    file's name, which sessions of the folder may give as a preset."""
    name = asked.name.strip()
    if not name:
        raise InputError("the preset has no name", hint="give it one")
    target = studio.folder / uploads.safe_name(f"{name}.toml", uploads.PRESET, "presets do")
    if target.exists() or target == studio.session:
        raise OutputExistsError(f"'{target.name}' is there already", hint="choose another name")
    about = asked.description.strip()
    kept = studio.looked_into(
        lambda document: own_preset.of_strip(plan.make(document), asked.strip, name, about)
    )
    preset.save(kept, target)
    return FileNames([target.name])


@routes.put("/{name}")
async def upload(name: str, request: Request, studio: Opened) -> FileNames:
    """Put a preset, sent as the body, into the session's folder once every node of it could be built here."""
    if uploads.safe_name(name, uploads.PRESET, "presets do") == studio.session.name:
        raise InputError(
            f"'{studio.session.name}' is the session's own name", hint="call the preset otherwise"
        )
    waiting = studio.own / "uploads"
    kept = await uploads.take_preset(name, request.stream(), studio.folder, waiting, studio.check_preset)
    return FileNames([kept.name])
