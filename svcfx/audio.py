"""Audio in memory and on disk: the one door to soundfile.

Samples are float32, shape (channels, frames), full scale 1.0. Files are checked against their own
header, because a truncated WAV or OGG otherwise reads short in silence.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from svcfx import containers
from svcfx.atomic import ELSEWHERE
from svcfx.atomic import atomic as atomic
from svcfx.errors import AudioFileError, AudioShapeError, OutputError

Samples = NDArray[np.float32]
Encoding = Literal["pcm16", "pcm24", "float"]

SUFFIXES = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3"}
_SUBTYPES = {"pcm16": "PCM_16", "pcm24": "PCM_24", "float": "FLOAT"}
_PCM_BITS = {"PCM_16": 16, "PCM_24": 24}
MAX_SECONDS = 6 * 3600
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_MOST_CHANNELS = {"MP3": 2, "FLAC": 8, "OGG": 255, "WAV": 1024}
_BLOCK = 65_536  # frames a write; libsndfile's Vorbis encoder overflows its stack on very long ones


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
        if file.frames > MAX_SECONDS * file.samplerate:
            raise AudioFileError(f"'{path}' is longer than {MAX_SECONDS // 3600} hours", hint="cut it first")
        try:
            interleaved = file.read(dtype="float32", always_2d=True)
        except MemoryError as error:
            raise AudioFileError(f"'{path}' does not fit in memory", hint="cut it first") from error
        _refuse_short(path, len(interleaved), max(file.frames, containers.wav_frames(path)))
        return Audio(_finite(path, interleaved, 0), file.samplerate)


def blocks(path: Path, frames: int) -> Iterator[Audio]:
    """Read a file in pieces of `frames`, the last one shorter; raises as `read` does."""
    done = 0
    with _opened(path) as file:
        while len(piece := file.read(frames, dtype="float32", always_2d=True)):
            yield Audio(_finite(path, piece, done), file.samplerate)
            done += len(piece)
        _refuse_short(path, done, max(file.frames, containers.wav_frames(path)))


def read_part(path: Path, start: int, frames: int) -> Audio:
    """Read `frames` from frame `start` on, fewer where the file ends; raises as `read` does."""
    with _opened(path) as file:
        file.seek(min(start, file.frames))
        piece = file.read(frames, dtype="float32", always_2d=True)
        return Audio(_finite(path, piece, start), file.samplerate)


def _refuse_short(path: Path, found: int, expected: int) -> None:
    if expected == 0:
        raise AudioFileError(f"'{path}' holds no audio: its header says 0 frames")
    if found < expected:
        raise AudioFileError(
            f"'{path}' is truncated: {found} frames of {expected} could be read",
            hint="copy or export the file again",
        )


def _finite(path: Path, interleaved: NDArray[np.float32], first: int) -> Samples:
    samples = np.ascontiguousarray(interleaved.T)
    finite = np.isfinite(samples)
    if not finite.all():
        channel, frame = (int(index[0]) for index in np.nonzero(~finite))
        raise AudioFileError(
            f"'{path}' has a sample that is not finite at frame {first + frame}, channel {channel}"
        )
    return samples


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    containers.refuse_no_file(path)
    try:
        file = soundfile.SoundFile(_name(path))
    except PermissionError as error:
        raise AudioFileError(f"'{path}' may not be read: permission denied") from error
    except soundfile.LibsndfileError as error:
        raise AudioFileError(
            f"'{path}' is no audio file that svcfx reads ({_reason(error)})",
            hint=f"readable are {', '.join(sorted(SUFFIXES))}",
        ) from error
    with file:
        if file.format == "OGG" and not containers.ogg_is_whole(path):
            raise AudioFileError(f"'{path}' is truncated: its last OGG page is missing", hint="copy it again")
        try:
            yield file
        except soundfile.LibsndfileError as error:
            raise AudioFileError(
                f"'{path}' is damaged: {_reason(error)}", hint="export it again from its source"
            ) from error


def _name(path: Path) -> str | bytes:
    """What soundfile opens: as bytes where names are bytes, for they need not be UTF-8."""
    return os.fsencode(path) if os.name == "posix" else str(path)


def write(path: Path, samples: Samples, sample_rate: int, *, encoding: Encoding = "pcm24") -> None:
    """Write `samples`, shape (channels, frames), atomically; the suffix of `path` chooses the format.

    The same samples give the same bytes for WAV, FLAC and MP3; an OGG stream has a random serial number.
    PCM clips at full scale; `encoding` is for WAV and (but for "float") FLAC.

    Raises:
        AudioShapeError: `samples` is not (channels, frames), or holds no frames.
        AudioFileError: The suffix is unknown, or the format cannot hold such audio (see `check_holds`).
        OutputError: The file could not be written, or a sample is not finite.
    """
    if samples.ndim != 2 or samples.size == 0:
        raise AudioShapeError(f"samples to write have shape {samples.shape}, must be (channels, frames)")
    check_holds(path, sample_rate, samples.shape[0], encoding=encoding)
    form = format_of(path)
    if not np.isfinite(samples).all():
        raise OutputError(f"'{path}' was not written: a sample is not finite", hint="look at the last effect")
    subtype = _SUBTYPES[encoding] if form in ("WAV", "FLAC") else None
    with atomic(path) as temporary:
        try:
            with soundfile.SoundFile(
                _name(temporary), "w", sample_rate, samples.shape[0], subtype=subtype, format=form
            ) as file:
                for start in range(0, samples.shape[1], _BLOCK):
                    file.write(_quantised(samples[:, start : start + _BLOCK].T, subtype))
            written = soundfile.info(_name(temporary)).frames
        except (soundfile.LibsndfileError, AssertionError) as error:
            raise OutputError(
                f"'{path}' could not be written: {_why(path, error)}", hint=ELSEWHERE
            ) from error
        if form in ("WAV", "FLAC") and written != samples.shape[1]:
            raise OutputError(f"'{path}' could not be written: the disk is full", hint=ELSEWHERE)
        if form == "WAV" and encoding == "float":
            _forget_time(temporary)


def _quantised(block: NDArray[np.float32], subtype: str | None) -> NDArray[np.float32] | NDArray[np.int32]:
    """`block` rounded to the steps of a PCM subtype; libsndfile would round down, half a step of offset."""
    if subtype not in _PCM_BITS:
        return block
    bits = _PCM_BITS[subtype]
    full = 2.0 ** (bits - 1)
    steps = np.clip(np.rint(block.astype(np.float64) * full), -full, full - 1)
    return steps.astype(np.int32) << (32 - bits)


def _why(path: Path, error: Exception) -> str:
    return "the disk is full" if shutil.disk_usage(path.parent).free < 65_536 else _reason(error)


def _reason(error: Exception) -> str:
    """libsndfile's own words without its "Error : " and full stop; a failed assertion has none."""
    words = str(getattr(error, "error_string", "") or "the disk took fewer frames than it was given")
    if "not a regular file" in words:  # what its MP3 reader says of any file that it cannot decode
        words = "no frame could be decoded"
    return words.removeprefix("Error : ").rstrip(".")


def check_holds(path: Path, sample_rate: int, channels: int, *, encoding: Encoding = "pcm24") -> None:
    """Refuse audio that the format of `path` cannot hold: ask before rendering, not after.

    Raises:
        AudioFileError: The suffix is unknown, or rate, channels or encoding do not fit the format.
    """
    form = format_of(path)
    if form == "FLAC" and encoding == "float":
        raise AudioFileError("FLAC holds no float samples", hint="use encoding pcm24, or a .wav file")
    if channels > _MOST_CHANNELS[form]:
        most = _MOST_CHANNELS[form]
        raise AudioFileError(
            f"'{path}' would have {channels} channels, {form} holds at most {most}", hint="write a .wav file"
        )
    if form == "MP3" and sample_rate not in MP3_RATES:
        rates = ", ".join(str(rate) for rate in MP3_RATES)
        raise AudioFileError(
            f"'{path}' would be at {sample_rate} Hz, MP3 holds {rates} Hz", hint="write a .wav or .flac file"
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
