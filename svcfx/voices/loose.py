"""Sing with files that are on no shelf: `svcfx convert -m G_1000.pth`, as users of `svc infer` know it.

They are opened and compared as `svcfx voices add` does it, and lie converted in a temporary folder, lent to
the shelf, that goes away with this process. A diffusion model that lies beside a generator is left alone, as
`svc infer` knows none.
"""

import atexit
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from svcfx.errors import VoiceError
from svcfx.voices import adding, archive, encoder, looking, names, shelf
from svcfx.voices.adding import Declaration
from svcfx.voices.folder import ChosenFiles
from svcfx.voices.opening import open_found
from svcfx.voices.source import OnNote

_ARGUMENTS = {"`generator`": "`model`", "`config`": "`config`", "`index`": "`index`"}


def open_files(model: Path, config: Path | None = None, index: Path | None = None, *, on_note: OnNote) -> str:
    """Open a checkpoint, or a folder of them; returns a name that the shelf knows until the process ends.

    `on_note` is told what was chosen of several.

    Raises:
        VoiceError: A file is missing, damaged or does not fit.
        OutputError: The temporary folder is full.
    """
    with archive.unpacked(str(model)) as place:
        return _opened(Path(place), config, index, on_note, model.name)


def _opened(model: Path, config: Path | None, index: Path | None, on_note: OnNote, given: str) -> str:
    try:
        found = looking.look(model, ChosenFiles(config=config, index=index))
    except VoiceError as error:
        raise VoiceError(error.message, hint=_as_here(error.hint)) from error
    for note in found.notes:
        if "`diffusion`" not in note:
            on_note(_as_here(note))
    if found.generator is not None:
        found = replace(found, refiner=None, refiner_config=None, vocoder=None)
    opened = open_found(found)
    encoder.require_brought(opened.content_encoder, given)
    name = _name((found.generator or found.refiner or model).stem)
    folder = Path(tempfile.mkdtemp(prefix="svcfx-loose-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    card = adding.describe(name, opened, Declaration(name=name), f"file {given}")
    adding.keep(card, opened, found, folder / name)
    shelf.lend(folder / name)
    return name


def _as_here(text: str) -> str:
    """What a search says, with the arguments of `open_files` in place of those of a voice that is added."""
    for argument, here in _ARGUMENTS.items():
        text = text.replace(argument, here)
    return text


def _name(stem: str) -> str:
    """The checkpoint's name, as far as a voice can be called so."""
    try:
        return names.check(stem)
    except VoiceError:
        return "voice"
