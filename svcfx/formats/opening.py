"""Open an audio file: by its bytes it goes to libsndfile or to FFmpeg, and what it promises is held to."""

import contextlib
import mmap
from collections.abc import Iterator
from pathlib import Path

from svcfx.errors import AudioFileError
from svcfx.formats import containers, headers, riff, sndfile
from svcfx.formats.sound import Opened, UnreadableError

_COMMON = "AIFF, CAF, FLAC, M4A, MP3, OGG, Opus, W64, WAV, WebM, WMA and others"


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open a file in whichever library reads its kind and counts it right.

    Raises:
        AudioFileError: The file is missing, empty, damaged, not all there, or no audio that can be read.
    """
    containers.refuse_no_file(path)
    with contextlib.ExitStack() as stack:
        try:
            data = stack.enter_context(containers.mapped(path))
        except FileNotFoundError as error:  # it went away since
            raise AudioFileError(f"'{path}' does not exist any more") from error
        except PermissionError as error:
            raise AudioFileError(f"'{path}' may not be read: permission denied") from error
        kind = containers.kind_of(data)
        wav = riff.parse(data) if kind == "riff" else None
        if kind == "mpeg" or (wav is not None and wav.is_mpeg):
            from svcfx.formats import mp3  # here: most files need no FFmpeg

            file = mp3.opened(path, wav.data_at, wav.there) if wav else mp3.opened(path)
        elif kind == "other":
            file = _by_ffmpeg(path)
        else:
            file = _by_libsndfile(path, stack, data, kind)
        if file.frames == 0:
            raise AudioFileError(f"'{path}' holds no audio: its header says 0 frames")
        yield file


def _by_libsndfile(path: Path, stack: contextlib.ExitStack, data: mmap.mmap, kind: containers.Kind) -> Opened:
    missing = headers.missing_bytes(data)
    if missing:
        raise AudioFileError(
            f"'{path}' is truncated: {missing} bytes that its header promises are missing",
            hint="copy or export the file again",
        )
    try:
        file = stack.enter_context(sndfile.opened(path, data, kind))
        if kind == "flac" and not file.remarks:
            _refuse_more(path, file)
        return file
    except UnreadableError as error:
        if kind not in ("ogg", "flac", "caf"):
            raise _no_audio(path, str(error)) from error
        return _by_ffmpeg(path, str(error))


def _refuse_more(path: Path, file: Opened) -> None:
    """A FLAC decoder stops where the header says; there may be more behind it."""
    from svcfx.formats import libav  # here: WAVs need no FFmpeg

    there = round(libav.last_end(path, containers.identity(path)) * file.sample_rate)
    if there > file.frames:
        raise AudioFileError(
            f"'{path}' is damaged: its header says {file.frames} frames, and there are {there}",
            hint="export it again from its source",
        )


def _by_ffmpeg(path: Path, reason: str = "") -> Opened:
    from svcfx.formats import libav  # here: most files need no FFmpeg

    try:
        return libav.opened(path)
    except UnreadableError as error:
        raise _no_audio(path, reason or str(error)) from error


def _no_audio(path: Path, reason: str) -> AudioFileError:
    return AudioFileError(
        f"'{path}' is no audio file that svcfx reads ({reason})", hint=f"readable are {_COMMON}"
    )
