"""What libsndfile does not read, or does not count right, through FFmpeg's decoders: the one door to PyAV.

MP3 comes frame by frame (see `mp3`); other formats go through FFmpeg's own demuxers.
"""

import contextlib
import functools
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.error import FFmpegError

from svcfx.errors import AudioFileError
from svcfx.formats import containers
from svcfx.formats.sound import Opened, Samples, UnreadableError, gathered

_FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,caf,dts,dtshd,eac3,flac,latm,loas,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,"
    "mpc,mpc8,ogg,tta,voc,w64,wav,wv"
)  # none that opens other files, as playlists do
_EXACT = ("mov", "tta", "wv", "ape", "flac")  # whose header states the length; others estimate it
_SLACK = 0.1  # seconds: Matroska counts milliseconds, and the padding of its last block with them
_EDIT_STEP = 0.001  # seconds: what edit lists are rounded to
_MOST_PADDING = 4096  # samples: fewer are added at the end by an encoder, two packets of HE-AAC
_FULL_SCALE = {np.dtype(np.int16): 2.0**15, np.dtype(np.int32): 2.0**31}
_ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_NOTHING = np.zeros((1, 0), np.float32)
_AGAIN = "export it again, as WAV or FLAC"


def opened(path: Path) -> Opened:
    """Open a file of a format that FFmpeg demuxes.

    Raises:
        UnreadableError: It cannot be read at all.
        AudioFileError: It is damaged, not all there, or holds no sound.
    """
    facts = _counted(path, containers.identity(path))
    return Opened(
        facts.frames,
        facts.sample_rate,
        facts.channels,
        lambda start: gathered(_from(start, path, facts)),
        facts.remarks,
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    frames: int
    sample_rate: int
    channels: int
    remarks: tuple[str, ...]


@functools.lru_cache(1024)
def _counted(path: Path, _identity: tuple[int, ...]) -> _Facts:
    """Facts of a file; it is decoded once, because most of these formats do not say how long they are."""
    with _demuxed(path) as (container, stream):
        total, first, promised = 0, None, _promised(container, stream)
        ends = [Fraction(0)]
        for frame in _frames(path, container, stream, ends):
            first = first or (frame.sample_rate, frame.layout.nb_channels)
            if (frame.sample_rate, frame.layout.nb_channels) != first:
                raise AudioFileError(
                    f"'{path}' changes its sample rate or channels at frame {total}", hint=_AGAIN
                )
            total += frame.samples
        if first is None:
            raise UnreadableError("not one frame could be decoded")
        exact = round(promised * first[0])
        slack = _SLACK if "matroska" in container.format.name else 2 * _EDIT_STEP
        if total < exact - first[0] * slack:
            raise AudioFileError(
                f"'{path}' is truncated: {total} frames of {exact} could be read",
                hint="copy or export the file again",
            )
        if "mov" in container.format.name:
            total = min(total, _without_padding(promised, float(ends[-1]), total, first[0]))
        others = len(container.streams.audio) - 1
        remarks = (f"it holds {others} more soundtracks; the first was read",) if others else ()
        return _Facts(total, *first, remarks)


@functools.lru_cache(1024)
def last_end(path: Path, _identity: tuple[int, ...]) -> float:
    """Where the last packet of a file ends, in seconds, without decoding; 0.0 where FFmpeg cannot tell."""
    try:
        with _demuxed(path) as (container, stream):
            packets = (packet for packet in container.demux(stream) if packet.pts is not None)
            return float(
                max((packet.pts + packet.duration for packet in packets), default=0) * stream.time_base
            )
    except (UnreadableError, FFmpegError):
        return 0.0


def _without_padding(stated: float, last_end: float, total: int, sample_rate: int) -> int:
    """Frames of an MP4 without what the encoder added at its end.

    The end of the last packet says it to the sample; the edit list, in milliseconds, where it ends before.
    """
    end = stated if last_end > stated + _EDIT_STEP else last_end
    frames = round(end * sample_rate)
    return frames if 0 < total - frames < _MOST_PADDING else total


def _promised(container: Any, stream: Any) -> float:
    """Seconds that the container states, 0.0 where it only estimates."""
    name = container.format.name
    if any(exact in name.split(",") for exact in _EXACT) and stream.duration:
        return float(stream.duration * stream.time_base)
    pictures = any(not one.disposition.attached_pic for one in container.streams.video)
    if "matroska" in name and container.duration and not pictures:
        return float(container.duration) / 1e6
    return 0.0


@contextlib.contextmanager
def _demuxed(path: Path) -> Iterator[tuple[Any, Any]]:
    with path.open("rb") as file, contextlib.ExitStack() as stack:
        try:
            container = stack.enter_context(
                av.open(
                    file,
                    metadata_errors="replace",
                    options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"},
                )
            )
        except (FFmpegError, ValueError, UnicodeError) as error:
            raise UnreadableError(_reason(error)) from error
        if not container.streams.audio:
            raise UnreadableError("it holds no sound")
        _refuse_cut_asf(path, container)
        yield container, container.streams.audio[0]


def _frames(path: Path, container: Any, stream: Any, ends: list[Fraction]) -> Iterator[Any]:
    """Decoded frames; damage is an error, but for a tag that a demuxer took for sound.

    The end of each packet, in seconds, is put into `ends`.
    """
    done = 0
    try:
        for packet in container.demux(stream):
            if packet.pts is not None and packet.duration:
                ends[:] = [max(ends[0], (packet.pts + packet.duration) * stream.time_base)]
            try:
                for frame in packet.decode():
                    done += frame.samples
                    yield frame
            except FFmpegError:
                if bytes(packet)[:3] not in (b"ID3", b"TAG", b"APE"):
                    raise
    except FFmpegError as error:
        if not done:
            raise UnreadableError(f"not one frame could be decoded: {_reason(error)}") from error
        raise AudioFileError(f"'{path}' is damaged at frame {done}: {_reason(error)}", hint=_AGAIN) from error


def _decoded(path: Path, facts: _Facts) -> Iterator[Samples]:
    done = 0
    with _demuxed(path) as (container, stream):
        for frame in _frames(path, container, stream, [Fraction(0)]):
            piece = _samples(frame)[:, : facts.frames - done]
            done += piece.shape[1]
            if piece.shape[1]:
                yield piece


def _from(start: int, path: Path, facts: _Facts) -> Iterator[Samples]:
    """Pieces from a frame on. No seeking: where a packet lies is a guess in many of these formats."""
    if start == 0:
        yield from _decoded(path, facts)
    else:
        kept = _kept(containers.identity(path), facts, lambda: _decoded(path, facts))
        yield np.array(kept[:, start:])


_LAST: dict[str, Any] = {}


def _kept(key: tuple[Any, ...], facts: "_Facts", decode: Callable[[], Iterator[Samples]]) -> Samples:
    """The decoded file, shape (channels, frames), on disk until another is asked for: parts come in rows."""
    if _LAST.get("key") != key:
        _LAST.clear()
        with tempfile.TemporaryFile() as file:
            for piece in decode():
                file.write(piece.T.tobytes())
            file.flush()
            shape = (file.tell() // (4 * facts.channels), facts.channels)
            _LAST.update(key=key, samples=np.memmap(file, np.float32, "r", shape=shape))
    return cast(Samples, _LAST["samples"].T)


def _samples(frame: Any) -> Samples:
    """A frame's samples as float32, shape (channels, frames), full scale 1.0."""
    found = frame.to_ndarray()
    if not frame.format.is_planar:
        found = found.reshape(-1, frame.layout.nb_channels).T
    if found.dtype == np.uint8:
        return np.ascontiguousarray((found.astype(np.float32) - 128) / 128)
    scale = _FULL_SCALE.get(found.dtype)
    return np.ascontiguousarray(found if scale is None else found / np.float64(scale), np.float32)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()


def _refuse_cut_asf(path: Path, container: Any) -> None:
    """A WMA states its size in bytes, unless it was broadcast (ASF specification, section 3.2)."""
    if "asf" not in container.format.name:
        return
    with contextlib.closing(containers.mapped(path)) as data:
        at = data.find(_ASF_FILE_PROPERTIES, 0, 65_536)
        stated = int.from_bytes(data[at + 40 : at + 48], "little")
        if at >= 0 and not data[at + 88] & 1 and stated > len(data):
            raise AudioFileError(
                f"'{path}' is truncated: {len(data)} bytes of {stated}", hint="copy it again"
            )


class DamagedError(Exception):
    """A packet does not decode; FFmpeg's reason is the message."""


def decoder_of(name: str) -> Callable[[bytes], Samples]:
    """A decoder by FFmpeg's name: the samples of each packet, (channels, frames), or `DamagedError`."""
    context: Any = av.CodecContext.create(name, "r")

    def decode(packet: bytes) -> Samples:
        try:
            frames = context.decode(av.Packet(packet))
        except FFmpegError as error:
            raise DamagedError(_reason(error)) from error
        return np.concatenate([_samples(frame) for frame in frames], axis=1) if frames else _NOTHING

    return decode
