"""Files that come in: named safely, and taken only when by their bytes they are what they should be."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path, PurePosixPath
from zipfile import ZipInfo

from svcfx import audio, midi, preset
from svcfx.errors import AudioFileError, InputError, OutputError, UnknownNameError, VoiceError
from svcfx.session.folder import MIDI_SUFFIXES
from svcfx.session.outputs import sanitise
from svcfx.voices import archive

SOUND = frozenset((*audio.READABLE, *MIDI_SUFFIXES))
VOICE = frozenset((".zip", *archive.WANTED))
PRESET = frozenset((".toml",))
ZIP = ".zip"
RECORDINGS = frozenset((ZIP, *audio.READABLE))
MOST_CHANNELS = 2
_BLOCK_FRAMES = 1 << 20


async def take_sound(name: str, pieces: AsyncIterator[bytes], folder: Path, waiting: Path) -> Path:
    """Take audio or MIDI into the session's folder, as `take`.

    Raises:
        AudioFileError, MidiError: It is neither audio nor MIDI that svcfx reads.
        OutputError: It cannot be written.
    """
    return await take(safe_name(name, SOUND, "audio or MIDI does"), pieces, folder, waiting, look_at)


async def take_voice(name: str, pieces: AsyncIterator[bytes], folder: Path, waiting: Path) -> Path:
    """Take a file of a voice, as `take`; whoever adds the voice looks at it.

    Raises:
        InputError: It does not end as files of a voice do.
        OutputError: It cannot be written.
    """
    return await take(safe_name(name, VOICE, "files of a voice do"), pieces, folder, waiting, lambda _: None)


async def take_recording(name: str, pieces: AsyncIterator[bytes], folder: Path, waiting: Path) -> Path:
    """Take a recording of a voice, as `take`; raises as `take_sound`, for MIDI too."""
    return await take(safe_name(name, audio.READABLE, "audio does"), pieces, folder, waiting, look_at)


async def take_recordings(name: str, pieces: AsyncIterator[bytes], folder: Path, waiting: Path) -> list[Path]:
    """Take a recording, or every one in a zip, whatever folders it has; as `take`.

    Raises:
        VoiceError: The zip is damaged, locked, a bomb, leads out of itself, or holds no recording.
        AudioFileError: One of them is no audio; then none of a zip is taken.
    """
    safe = safe_name(name, RECORDINGS, "recordings or a zip of them do")
    if not safe.lower().endswith(ZIP):
        return [await take(safe, pieces, folder, waiting, look_at)]
    zipped = await take(safe, pieces, waiting, waiting, lambda _: None)
    try:
        return await asyncio.to_thread(_unpacked, zipped, folder, waiting)
    finally:
        zipped.unlink()


async def take_preset(
    name: str, pieces: AsyncIterator[bytes], folder: Path, waiting: Path, look: Callable[[Path], None]
) -> Path:
    """Take a preset into the session's folder, as `take`.

    Raises:
        InputError: It does not end as presets do.
        PresetError: It is none, or wrong.
        OutputError: It cannot be written.
    """
    return await take(safe_name(name, PRESET, "presets do"), pieces, folder, waiting, look)


async def take(
    safe: str, pieces: AsyncIterator[bytes], folder: Path, waiting: Path, look: Callable[[Path], None]
) -> Path:
    """Write what comes to a file called `safe`, or that with a number, in `folder`; returns it.

    Args:
        safe: A safe name.
        pieces: The bytes, as they come.
        folder: Where it goes once `look` let it pass; nothing there is written over.
        waiting: Where it lies until then.

    Raises:
        OutputError: It cannot be written.
    """
    for place in (folder, waiting):
        place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=waiting) as own:
        there = Path(own) / safe
        try:
            with there.open("wb") as file:
                async for piece in pieces:
                    file.write(piece)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise OutputError(f"'{safe}' could not be kept: {why}", hint="free some space") from error
        await asyncio.to_thread(look, there)
        return _moved(there, folder, safe)


def found(folder: Path, name: str, what: str) -> Path:
    """The file that was uploaded into `folder` under that name.

    Raises:
        UnknownNameError: None was; `what` says what it would be.
    """
    there = {path.name: path for path in folder.iterdir() if path.is_file()} if folder.is_dir() else {}
    if name not in there:
        raise UnknownNameError(f"no {what} '{name[:100]}' was uploaded")
    return there[name]


def safe_name(name: str, suffixes: Collection[str], what: str) -> str:
    """The last part of a path in any spelling, as a file name that every file system takes.

    Raises:
        InputError: It ends in none of `suffixes`, which is how `what`.
    """
    safe = sanitise(PurePosixPath(name.replace("\\", "/")).name)
    if Path(safe).suffix.lower() not in suffixes:
        raise InputError(
            f"'{safe}' does not end as {what}", hint=f"allowed are {', '.join(sorted(suffixes))}"
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
        raise by_name(error, path) from error


def look_at_preset(path: Path) -> None:
    """Refuse what is no preset that can be built here; raises `PresetError`."""
    try:
        preset.check(path)
    except InputError as error:
        raise by_name(error, path) from error


def by_name(error: InputError, path: Path) -> InputError:
    """The same error with the name that a person sent: nobody need learn where the file waited."""
    return type(error)(error.message.replace(str(path), path.name), hint=error.hint)


def _unpacked(zipped: Path, folder: Path, waiting: Path) -> list[Path]:
    """Recordings of a zip, each looked at before the first goes into `folder`."""
    with tempfile.TemporaryDirectory(dir=waiting) as own:
        archive.unpack(zipped, Path(own), _recordings)
        found = sorted(path for path in Path(own).rglob("*") if path.is_file())
        for path in found:
            look_at(path)
        folder.mkdir(parents=True, exist_ok=True)
        return [_moved(path, folder, sanitise(path.name)) for path in found]


def _recordings(zipped: Path, entries: list[ZipInfo]) -> list[ZipInfo]:
    """Entries that end as audio does; a Mac's second files and hidden ones are no recordings."""
    found = [
        entry
        for entry in entries
        if Path(entry.filename).suffix.lower() in audio.READABLE
        and not any(part.startswith((".", "__MACOSX")) for part in Path(entry.filename).parts)
    ]
    if not found:
        raise VoiceError(
            f"'{zipped.name}' holds no recording", hint=f"looked for {', '.join(sorted(audio.READABLE))}"
        )
    return found


def _moved(there: Path, folder: Path, safe: str) -> Path:
    """Link the file into `folder` as `safe`, or that with a number; links never write over anything."""
    name = Path(safe)
    for number in range(1, 10_000):
        target = folder / (safe if number == 1 else f"{name.stem}-{number}{name.suffix}")
        try:
            target.hardlink_to(there)
        except FileExistsError:
            continue
        except OSError as error:
            raise OutputError(f"'{target.name}' could not be kept: {error.strerror}") from error
        return target
    raise OutputError(f"there are too many files called '{safe}'")
