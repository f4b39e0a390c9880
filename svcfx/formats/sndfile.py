"""WAV, AIFF, FLAC, OGG, W64, CAF and AU through libsndfile: the one door to soundfile.

Files are checked against their own header: a truncated or a joined one otherwise reads short in silence.
"""

import contextlib
import mmap
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from svcfx.atomic import ELSEWHERE
from svcfx.errors import AudioFileError, OutputError
from svcfx.formats import containers, riff
from svcfx.formats.containers import Spliced
from svcfx.formats.sound import Opened, Samples, UnreadableError

_BLOCK = 65_536  # frames a read or write; libsndfile's Vorbis encoder overflows its stack on very long ones
_UNKNOWN_FRAMES = 1 << 62
_PCM_BITS = {"PCM_16": 16, "PCM_24": 24}


@contextlib.contextmanager
def opened(path: Path, data: mmap.mmap, kind: containers.Kind) -> Iterator[Opened]:
    """Open the file at `path`, whose bytes are `data`.

    Raises:
        UnreadableError: libsndfile cannot read it.
        AudioFileError: It is damaged, or not all there.
    """
    if kind == "ogg" and not containers.ogg_is_whole(data):
        raise AudioFileError(f"'{path}' is truncated: its last OGG page is missing", hint="copy it again")
    with contextlib.ExitStack() as stack:
        try:
            files, remarks, promised = _files(path, data, kind, stack)
        except soundfile.LibsndfileError as error:
            raise UnreadableError(reason(error)) from error
        first = files[0]
        if first.frames >= _UNKNOWN_FRAMES:
            raise UnreadableError("it does not say how long it is")
        if any((one.samplerate, one.channels) != (first.samplerate, first.channels) for one in files):
            raise AudioFileError(
                f"'{path}' is {len(files)} files of different kinds, joined", hint="part them"
            )
        frames = max(sum(file.frames for file in files), promised)
        try:
            yield Opened(
                frames, first.samplerate, first.channels, lambda start: _pieces(files, start), remarks
            )
        except soundfile.LibsndfileError as error:
            hint = "export it again from its source"
            raise AudioFileError(f"'{path}' is damaged: {reason(error)}", hint=hint) from error


def _files(
    path: Path, data: mmap.mmap, kind: containers.Kind, stack: contextlib.ExitStack
) -> tuple[list[soundfile.SoundFile], tuple[str, ...], int]:
    """The files inside this one (several when they were joined), what to remark, and the frames promised."""
    if kind == "riff":
        return _wav(path, data, stack)
    begins = containers.starts(data, kind) if kind in ("ogg", "flac") else (0,)
    if len(begins) == 1:
        return [stack.enter_context(soundfile.SoundFile(name_of(path)))], (), 0
    ends = (*begins[1:], len(data))
    spans = [Spliced(data, b"", at, end - at) for at, end in zip(begins, ends, strict=True)]
    files = [stack.enter_context(soundfile.SoundFile(span)) for span in spans]
    return files, (f"it is {len(files)} files joined; all were read, one behind the other",), 0


def _wav(
    path: Path, data: mmap.mmap, stack: contextlib.ExitStack
) -> tuple[list[soundfile.SoundFile], tuple[str, ...], int]:
    found = riff.parse(data)
    if found is not None and found.joined:
        raise AudioFileError(
            f"'{path}' has another WAV file behind its end", hint="part them, or export again"
        )
    if found is None or not (found.streamed or found.slipped or found.unpadded):
        file = stack.enter_context(soundfile.SoundFile(name_of(path)))
        return [file], (), found.frames_promised if found else 0
    mended = Spliced(data, found.head, found.data_at, found.there)
    file = stack.enter_context(soundfile.SoundFile(mended))
    return [file], tuple(_remarks(found, file.frames)), 0 if found.slipped else found.frames_promised


def _remarks(found: riff.Riff, frames: int) -> Iterator[str]:
    if found.streamed:
        yield f"its header says that it holds nothing; the {frames} frames behind it were read"
    if found.slipped:
        yield f"its header promises {found.slipped} bytes more than there are; {frames} frames were read"
    if found.unpadded:
        yield "a chunk of odd size in its header has no pad byte; it was read as if it had"


def _pieces(files: Sequence[soundfile.SoundFile], start: int) -> Iterator[Samples]:
    for file in files:
        if start >= file.frames:
            start -= file.frames
            continue
        file.seek(start)
        start = 0
        while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
            yield np.ascontiguousarray(block.T)


def name_of(path: Path) -> str | bytes:
    """What soundfile opens: as bytes where names are bytes, for they need not be UTF-8."""
    return os.fsencode(path) if os.name == "posix" else str(path)


def reason(error: Exception) -> str:
    """libsndfile's own words without its "Error : " and full stop; a failed assertion has none."""
    words = str(getattr(error, "error_string", "") or "the disk took fewer frames than it was given")
    return words.removeprefix("Error : ").rstrip(".")


def write(path: Path, samples: Samples, sample_rate: int, form: str, subtype: str | None, told: Path) -> None:
    """Write `samples`, shape (channels, frames), to `path`; errors call it `told`.

    Raises:
        OutputError: The disk is full, or libsndfile refused.
    """
    try:
        with soundfile.SoundFile(
            name_of(path), "w", sample_rate, samples.shape[0], subtype=subtype, format=form
        ) as file:
            for start in range(0, samples.shape[1], _BLOCK):
                file.write(_quantised(samples[:, start : start + _BLOCK].T, subtype))
        counts = form in ("WAV", "FLAC")
        written = soundfile.info(name_of(path)).frames if counts else samples.shape[1]
    except (soundfile.LibsndfileError, AssertionError) as error:
        raise OutputError(f"'{told}' could not be written: {_why(told, error)}", hint=ELSEWHERE) from error
    if written != samples.shape[1]:
        raise OutputError(f"'{told}' could not be written: the disk is full", hint=ELSEWHERE)


def _quantised(block: NDArray[np.float32], subtype: str | None) -> NDArray[np.float32] | NDArray[np.int32]:
    """`block` rounded to the steps of a PCM subtype; libsndfile would round down, half a step of offset."""
    if subtype not in _PCM_BITS:
        return block
    bits = _PCM_BITS[subtype]
    full = np.float32(2.0 ** (bits - 1))
    steps = np.clip(block, -1.0, 1.0)
    steps *= full  # a power of two: exact, as every step is in float32
    np.rint(steps, out=steps)
    np.minimum(steps, full - 1, out=steps)
    return np.left_shift(steps.astype(np.int32), 32 - bits)


def _why(path: Path, error: Exception) -> str:
    return "the disk is full" if shutil.disk_usage(path.parent).free < 65_536 else reason(error)
