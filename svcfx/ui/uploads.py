"""Files that come in: named safely, and taken only when by their bytes they are what they should be."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

from svcfx import audio, midi
from svcfx.errors import AudioFileError, InputError, OutputError
from svcfx.session.folder import MIDI_SUFFIXES
from svcfx.session.outputs import sanitise

MOST_CHANNELS = 2
_BLOCK_FRAMES = 1 << 20


async def take(name: str, pieces: AsyncIterator[bytes], folder: Path, waiting: Path) -> Path:
    """Write what comes to a file called as like `name` as is safe, in `folder`; returns it.

    Args:
        name: As the browser calls it; folders in it are dropped.
        pieces: The bytes, as they come.
        folder: Where it goes once it was looked at; nothing there is written over.
        waiting: Where it lies until then.

    Raises:
        AudioFileError, MidiError: It is neither audio nor MIDI that svcfx reads.
        OutputError: It cannot be written.
    """
    safe = safe_name(name)
    waiting.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=waiting) as own:
        there = Path(own) / safe
        try:
            with there.open("wb") as file:
                async for piece in pieces:
                    file.write(piece)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise OutputError(f"'{safe}' could not be kept: {why}", hint="free some space") from error
        await asyncio.to_thread(look_at, there)
        return _moved(there, folder)


def safe_name(name: str) -> str:
    """The last part of a path in any spelling, as a file name that every file system takes.

    Raises:
        InputError: It does not end as audio or MIDI does.
    """
    safe = sanitise(PurePosixPath(name.replace("\\", "/")).name)
    suffix = Path(safe).suffix.lower()
    if suffix not in audio.READABLE and suffix not in MIDI_SUFFIXES:
        raise InputError(
            f"'{safe}' does not end as audio or MIDI does",
            hint=f"allowed are {', '.join(sorted((*audio.READABLE, *MIDI_SUFFIXES)))}",
        )
    return safe


def look_at(path: Path) -> None:
    """Refuse a file that is not what its name says: MIDI is parsed, audio decoded to its end.

    Raises:
        AudioFileError, MidiError: It is.
    """
    try:
        if path.suffix.lower() in MIDI_SUFFIXES:
            midi.read(path)
            return
        if (channels := audio.probe(path).channels) > MOST_CHANNELS:
            raise AudioFileError(f"'{path.name}' has {channels} channels, allowed are 1 and {MOST_CHANNELS}")
        for _ in audio.blocks(path, _BLOCK_FRAMES):
            pass
    except InputError as error:
        # The person sent a name, and need not learn where it waited.
        raise type(error)(error.message.replace(str(path), path.name), hint=error.hint) from error


def _moved(there: Path, folder: Path) -> Path:
    """Link the file into `folder` under its name, or that with a number; links never write over anything."""
    for number in range(1, 10_000):
        target = folder / (there.name if number == 1 else f"{there.stem}-{number}{there.suffix}")
        try:
            target.hardlink_to(there)
        except FileExistsError:
            continue
        except OSError as error:
            raise OutputError(f"'{target.name}' could not be kept: {error.strerror}") from error
        return target
    raise OutputError(f"there are too many files called '{there.name}'")
