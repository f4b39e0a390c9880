"""Audio in memory and on disk: the one door to soundfile.

Samples are float32, shape (channels, frames), full scale 1.0. Files are checked against their own
header, because a truncated WAV or OGG otherwise reads short in silence.
"""

import contextlib
import os
import shutil
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from svcfx.errors import AudioFileError, AudioShapeError, OutputError, nearest

Samples = NDArray[np.float32]
Encoding = Literal["pcm16", "pcm24", "float"]

SUFFIXES = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3"}
_SUBTYPES = {"pcm16": "PCM_16", "pcm24": "PCM_24", "float": "FLOAT"}
MAX_SECONDS = 6 * 3600
_BLOCK = 65_536  # frames a write; libsndfile's Vorbis encoder overflows its stack on very long ones
_ELSEWHERE = "choose another folder with -o, or free some space"


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Samples, shape (channels, frames), and their rate in Hz."""

    samples: Samples
    sample_rate: int

    @property
    def frames(self) -> int:
        """Frames per channel."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.frames / self.sample_rate


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file's header says."""

    frames: int
    sample_rate: int
    channels: int


def probe(path: Path) -> AudioInfo:
    """Read a file's header.

    Raises:
        AudioFileError: The file is missing, empty, or no audio that can be read.
    """
    with _opened(path) as file:
        return AudioInfo(file.frames, file.samplerate, file.channels)


def read(path: Path) -> Audio:
    """Read a whole WAV, FLAC, OGG or MP3 file.

    Raises:
        AudioFileError: The file is missing, empty, truncated, not finite, over six hours, or no audio.
    """
    with _opened(path) as file:
        promised = file.frames
        if promised == 0:
            raise AudioFileError(f"'{path}' holds no audio: its header says 0 frames")
        if promised > MAX_SECONDS * file.samplerate:
            raise AudioFileError(f"'{path}' is longer than {MAX_SECONDS // 3600} hours", hint="cut it first")
        try:
            interleaved = file.read(dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise AudioFileError(
                f"'{path}' is damaged: {error}", hint="export it again from its source"
            ) from error
        rate, found = file.samplerate, len(interleaved)
    expected = max(promised, _wav_frames(path))
    if found < expected:
        raise AudioFileError(
            f"'{path}' is truncated: {found} frames of {expected} could be read",
            hint="copy or export the file again",
        )
    samples = np.ascontiguousarray(interleaved.T)
    finite = np.isfinite(samples)
    if not finite.all():
        channel, frame = (int(index[0]) for index in np.nonzero(~finite))
        raise AudioFileError(f"'{path}' has a sample that is not finite at frame {frame}, channel {channel}")
    return Audio(samples, rate)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    if not path.exists():
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise AudioFileError(f"'{path}' does not exist{nearest(path.name, siblings)}")
    if path.is_dir():
        raise AudioFileError(f"'{path}' is a folder, not an audio file")
    if path.stat().st_size == 0:
        raise AudioFileError(f"'{path}' is empty (0 bytes)", hint="export it again")
    try:
        file = soundfile.SoundFile(str(path))
    except PermissionError as error:
        raise AudioFileError(f"'{path}' may not be read: permission denied") from error
    except soundfile.LibsndfileError as error:
        raise AudioFileError(
            f"'{path}' is no audio file that svcfx reads ({error.error_string.rstrip('.')})",
            hint=f"readable are {', '.join(sorted(SUFFIXES))}",
        ) from error
    with file:
        if file.format == "OGG" and not _ogg_has_end(path):
            raise AudioFileError(f"'{path}' is truncated: its last OGG page is missing", hint="copy it again")
        yield file


def _ogg_has_end(path: Path) -> bool:
    """Whether the last page carries the end-of-stream flag (RFC 3533, section 6, header_type 0x04)."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 70_000))
        tail = file.read()
    start = tail.rfind(b"OggS")
    return (
        start >= 0 and len(tail) > start + 26 and bool(tail[start + 5] & 0x04) and _page_whole(tail[start:])
    )


def _page_whole(page: bytes) -> bool:
    count = page[26]
    return len(page) >= 27 + count and len(page) >= 27 + count + sum(page[27 : 27 + count])


def _wav_frames(path: Path) -> int:
    """Frames that a RIFF header promises, 0 when this is no RIFF file (libsndfile trusts the file size)."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return 0
        block = 0
        while len(chunk := file.read(8)) == 8:
            name, size = chunk[:4], struct.unpack("<I", chunk[4:])[0]
            if name == b"fmt ":
                form = file.read(size)
                block = struct.unpack("<H", form[12:14])[0] if len(form) >= 14 else 0
                continue
            if name == b"data":
                return 0 if size == 0xFFFFFFFF or block == 0 else int(size // block)
            file.seek(size + (size & 1), os.SEEK_CUR)
    return 0


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a temporary neighbour of `path` to fill; it becomes `path` only when the block succeeds.

    Raises:
        OutputError: The folder cannot be written or the disk is full; nothing is left behind.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise OutputError(
            f"'{path}' could not be written: {(error.strerror or str(error)).lower()}", hint=_ELSEWHERE
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write(path: Path, samples: Samples, sample_rate: int, *, encoding: Encoding = "pcm24") -> None:
    """Write `samples`, shape (channels, frames), atomically; the suffix of `path` chooses the format.

    The same samples give the same bytes for WAV, FLAC and MP3; an OGG stream has a random serial number.
    PCM clips at full scale; `encoding` is for WAV and (but for "float") FLAC.

    Raises:
        AudioShapeError: `samples` is not (channels, frames).
        AudioFileError: The suffix is unknown, or the format cannot hold the encoding.
        OutputError: The file could not be written.
    """
    if samples.ndim != 2:
        raise AudioShapeError(f"samples to write have shape {samples.shape}, must be (channels, frames)")
    form = format_of(path)
    if form == "FLAC" and encoding == "float":
        raise AudioFileError("FLAC holds no float samples", hint="use encoding pcm24, or a .wav file")
    subtype = _SUBTYPES[encoding] if form in ("WAV", "FLAC") else None
    with atomic(path) as temporary:
        try:
            with soundfile.SoundFile(
                str(temporary), "w", sample_rate, samples.shape[0], subtype=subtype, format=form
            ) as file:
                for start in range(0, samples.shape[1], _BLOCK):
                    file.write(samples[:, start : start + _BLOCK].T)
            written = soundfile.info(str(temporary)).frames
        except (soundfile.LibsndfileError, AssertionError) as error:
            raise OutputError(
                f"'{path}' could not be written: {_why(path, error)}", hint=_ELSEWHERE
            ) from error
        if form in ("WAV", "FLAC") and written != samples.shape[1]:
            raise OutputError(f"'{path}' could not be written: the disk is full", hint=_ELSEWHERE)
        if form == "WAV" and encoding == "float":
            _forget_time(temporary)


def _why(path: Path, error: Exception) -> str:
    if shutil.disk_usage(path.parent).free < 65_536:
        return "the disk is full"
    return str(getattr(error, "error_string", "") or "the disk took fewer frames than it was given").rstrip(
        "."
    )


def format_of(path: Path) -> str:
    """libsndfile's format name for the suffix of `path`, or `AudioFileError`."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise AudioFileError(f"'{path.name}' ends in '{suffix}', allowed are {', '.join(sorted(SUFFIXES))}")
    return SUFFIXES[suffix]


def _forget_time(path: Path) -> None:
    """Zero the time stamp in a float WAV's PEAK chunk, so that equal samples are equal bytes."""
    with path.open("rb+") as file:
        start = file.read(4096).find(b"PEAK")
        if start >= 0:
            file.seek(start + 12)  # name 4, size 4, version 4, then the stamp
            file.write(b"\0\0\0\0")
