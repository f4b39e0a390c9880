"""MP1, MP2 and MP3 files: as long as their frame headers add up to, decoded frame by frame."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from svcfx.errors import AudioFileError
from svcfx.formats import containers, libav, mpeg
from svcfx.formats.sound import Opened, Samples, gathered

_RESERVOIR_BYTES = 512  # a frame of layer III may begin up to 511 bytes before its header
_LEAST_MAIN_DATA = 38  # bytes of header, check and side information, which hold none of it
_AGAIN = "export it again, as WAV or FLAC"


def opened(path: Path, at: int = 0, size: int | None = None) -> Opened:
    """Open the MPEG frames of the file at `path`, or of `size` bytes of it from `at` on (a WAV's data).

    Raises:
        AudioFileError: It is damaged between its frames, not all there, or holds no sound.
    """
    found, spans = _walked(path, containers.identity(path), at, size)
    if found is None or not found.frames:
        raise AudioFileError(f"'{path}' holds no audio: there is no MPEG frame with sound in it")
    if found.hole >= 0:
        raise AudioFileError(
            f"'{path}' is damaged: at byte {found.hole} is no MPEG frame, and there are more behind it",
            hint=_AGAIN,
        )
    if found.count < found.promised:
        raise AudioFileError(
            f"'{path}' is truncated: {found.count} MPEG frames of {found.promised} are there",
            hint="copy or export the file again",
        )
    remarks = []
    if found.astray:
        remarks.append(
            f"{found.astray} bytes before or behind its sound are no MPEG frames; they were passed over"
        )
    if found.cut >= 0:
        remarks.append("its last MPEG frame is cut off and was left out")
    header = found.header
    return Opened(
        found.frames,
        header.sample_rate,
        header.channels,
        lambda start: gathered(_pieces(path, found, spans, start)),
        tuple(remarks),
    )


Spans = NDArray[np.int64]


@functools.lru_cache(16)
def _walked(
    path: Path, _identity: tuple[int, ...], at: int, size: int | None
) -> tuple[mpeg.FrameWalk | None, Spans]:
    """The walk, and where its frames of sound lie in the file: (first byte, bytes), shape (frames, 2)."""
    with contextlib.closing(containers.mapped(path)) as data:
        window = data if size is None else data[at : at + size]
        frames = [(at + first, long) for kind, first, long in mpeg.sound_of(window) if kind == "frame"]
        return mpeg.walk(window), np.array(frames, np.int64).reshape(-1, 2)


def _pieces(path: Path, found: mpeg.FrameWalk, spans: Spans, start: int) -> Iterator[Samples]:
    """Decode from `start` on. A frame leans on bytes before it, so decoding begins some frames earlier."""
    decode = libav.decoder_of(f"mp{found.header.layer}float")
    long = found.header.frames
    wanted = (start + found.skip) // long
    first = _leaning(spans, wanted)
    with contextlib.closing(containers.mapped(path)) as data:
        for number, (at, size) in enumerate(spans[first:].tolist(), first):
            piece = _one_frame(path, decode, data[at : at + size], number, needed=number >= wanted)
            begin = number * long - found.skip  # of this frame, in the sound
            piece = piece[:, max(0, start - begin) : max(0, found.frames - begin)]
            if number >= wanted and piece.shape[1]:
                yield piece


def _leaning(spans: Spans, wanted: int) -> int:
    """The frame to begin with: two for the overlap of blocks, and those that hold the bit reservoir."""
    first, before = max(0, wanted - 2), 0
    while first > 0 and before < _RESERVOIR_BYTES:
        first -= 1
        before += max(1, int(spans[first, 1]) - _LEAST_MAIN_DATA)
    return first


def _one_frame(
    path: Path, decode: Callable[[bytes], Samples], packet: bytes, number: int, *, needed: bool
) -> Samples:
    try:
        return decode(packet)
    except libav.DamagedError as error:
        if needed:
            raise AudioFileError(
                f"'{path}' is damaged: its MPEG frame {number} does not decode ({error})", hint=_AGAIN
            ) from error
        return np.zeros((1, 0), np.float32)
