"""Voices that come in: their files, what a person says of them, and their place on the shelf."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request

from svcfx.errors import InputError, VoiceError
from svcfx.ui import uploads
from svcfx.ui.access import Opened
from svcfx.ui.session_routes import FileNames
from svcfx.voices import adding, ranges
from svcfx.voices.facts import facts

routes = APIRouter(prefix="/api/voices", tags=["voices"])


@dataclass(frozen=True, slots=True)
class NewVoice:
    """A voice to be added: its uploaded files, who sang for it and agreed, and what else no file tells.

    Without a `name` it is called as its singer, or as its file. `low_hz` and `high_hz` are the lowest and the
    highest note, together or not at all.
    """

    files: list[str]
    consent: str
    licence: str = ""
    name: str = ""
    low_hz: float | None = None
    high_hz: float | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """The singers that came onto the shelf, as the catalog tells them, and what was chosen on the way."""

    singers: list[dict[str, Any]]
    notes: list[str]


@routes.put("/files/{name}")
async def upload(name: str, request: Request, studio: Opened) -> FileNames:
    """Put a file of a voice (a zip, a checkpoint, an index, a config), sent as the body, where the studio
    keeps it until the voice is added; answers its name there."""
    kept = await uploads.take_voice(name, request.stream(), studio.voices, studio.own / "uploads")
    return FileNames([kept.name])


@routes.post("", status_code=201)
def add(brought: NewVoice, studio: Opened) -> Added:
    """Add a voice to the shelf of whoever runs the studio, as `svcfx voices add` does; the files go."""
    notes: list[str] = []
    with _together(studio.voices, brought.files) as source:
        card = adding.add(str(source), _said(brought), on_note=notes.append)
    return Added([facts(card, singer) for singer in card.singers], notes)


def _said(brought: NewVoice) -> adding.Declaration:
    if not brought.consent.strip():
        raise VoiceError(
            "it is not said who sang for the voice and agreed", hint="name them, or say that nobody did"
        )
    if (brought.low_hz is None) != (brought.high_hz is None):
        raise InputError("a range needs its lowest and its highest note", hint="give both in Hz, or none")
    spans = [] if brought.low_hz is None else [f"{brought.low_hz:g}:{brought.high_hz:g}"]
    return adding.Declaration(
        name=brought.name.strip() or None,
        licence=brought.licence.strip() or adding.UNSAID,
        consent=brought.consent.strip(),
        ranges=ranges.parse(spans),
    )


@contextlib.contextmanager
def _together(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """The one file, or a folder of all; gone when the block ends.

    Raises:
        UnknownNameError: One was not uploaded.
    """
    there = {name: uploads.found(folder, name, "file of a voice") for name in names or [""]}
    with tempfile.TemporaryDirectory(dir=folder) as own:
        place = Path(own) / Path(names[0]).stem
        place.mkdir()
        moved = [Path(shutil.move(there[name], place / name)) for name in there]
        yield moved[0] if len(moved) == 1 else place
