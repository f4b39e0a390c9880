"""Open an audio file: by its bytes it goes to libsndfile or to FFmpeg, and what it promises is held to.

libsndfile trusts the size of a file instead of the headers of AIFF, AU, CAF, W64 and RF64, so that a cut copy
would read short in silence; they are read here.
Sources: Apple, Audio Interchange File Format 1.3; Apple Core Audio Format 1.0; EBU Tech 3306 (RF64);
Sony, Wave64; Sun, .au.
"""

import contextlib
import mmap
from collections.abc import Iterator
from pathlib import Path

from svcfx.errors import AudioFileError
from svcfx.formats import containers, riff, sndfile
from svcfx.formats.mpeg import Data
from svcfx.formats.sound import Opened, UnreadableError

_COMMON = "AIFF, CAF, FLAC, M4A, MP3, OGG, Opus, W64, WAV, WebM, WMA and others"
_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
_UNKNOWN = (0, 0xFFFFFFFF)
_MOST_BYTES = 1 << 60  # from here on a size of eight bytes means that it is not known


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
    missing = missing_bytes(data)
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


def missing_bytes(data: Data) -> int:
    """Bytes of sound that the header promises and that are not there; 0 where it does not say."""
    magic = bytes(data[:4])
    if magic == b"FORM":
        return _missing(data, *_chunk(data, 12, b"SSND", "big", 4, even=True))
    if magic == b"caff":
        return _missing(data, *_chunk(data, 8, b"data", "big", 8))
    if magic == b"RF64":
        return _missing(data, *_rf64(data))
    if magic == b"riff":
        return _missing(data, *_w64(data))
    if magic in (b".snd", b"dns."):
        order = "big" if magic == b".snd" else "little"
        at = int.from_bytes(data[4:8], order)  # type: ignore[arg-type]
        return _missing(data, at, int.from_bytes(data[8:12], order))  # type: ignore[arg-type]
    return 0


def _missing(data: Data, at: int, size: int) -> int:
    return 0 if at == 0 or size in _UNKNOWN or size >= _MOST_BYTES else max(0, at + size - len(data))


def _chunk(
    data: Data, at: int, wanted: bytes, order: str, width: int, *, even: bool = False
) -> tuple[int, int]:
    """Where the body of the chunk `wanted` begins and what size it has by its header; (0, 0) without one."""
    while at + 4 + width <= len(data):
        size = int.from_bytes(data[at + 4 : at + 4 + width], order)  # type: ignore[arg-type]
        body = at + 4 + width
        if data[at : at + 4] == wanted:
            return body, size
        at = body + size + (size & 1 if even else 0)
    return 0, 0


def _rf64(data: Data) -> tuple[int, int]:
    ds64, size = _chunk(data, 12, b"ds64", "little", 4, even=True)
    at, short = _chunk(data, 12, b"data", "little", 4, even=True)
    long = int.from_bytes(data[ds64 + 8 : ds64 + 16], "little") if size >= 16 else 0
    return at, long if short == 0xFFFFFFFF else short


def _w64(data: Data) -> tuple[int, int]:
    at = 40  # behind the GUIDs "riff" and "wave" and a size of 8 bytes
    while at + 24 <= len(data):
        size = int.from_bytes(data[at + 16 : at + 24], "little")
        if data[at : at + 16] == _W64_DATA:
            return at + 24, max(0, size - 24)
        at += max(24, (size + 7) // 8 * 8)
    return 0, 0
