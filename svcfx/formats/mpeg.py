"""MPEG audio (MP1, MP2, MP3) frame by frame: how long such a file is, by its own frame headers.

The format has no length. A player guesses one from the first frame's bit rate, or believes an Info frame;
both are wrong for files from pipes and for joined ones. Here every header is walked.

Sources: ISO/IEC 11172-3, section 2.4; ID3v2.4, section 3; the LAME tag, http://gabriel.mp3-tech.org/mp3infotag.html
"""

import functools
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_BIT_RATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}  # kbit/s, by (version, layer); version 2 stands for 2.5 too, its layer III has the rates of layer II
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8000)}
_DECODER_DELAY = 529  # frames, of every layer III decoder
_MOST_BEFORE = 65_536  # bytes before the first frame that are looked through, as FFmpeg does

Data = bytes | mmap.mmap
Kind = Literal["frame", "info", "tag", "junk", "cut"]
Span = tuple[Kind, int, int]


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What the four bytes before each frame say; `size` in bytes, `frames` per channel."""

    layer: int
    sample_rate: int
    channels: int
    size: int
    frames: int
    version: int

    def fits(self, other: "FrameHeader") -> bool:
        """Whether both may be frames of one stream."""
        return (self.version, self.layer, self.sample_rate, self.channels) == (
            other.version,
            other.layer,
            other.sample_rate,
            other.channels,
        )


@dataclass(frozen=True, slots=True)
class FrameWalk:
    """What walking a file found.

    `count` are the frames of sound: an Info frame is none, at the start of the file or of another one that
    was joined to it. `promised` is what the first Info frame says (0 where there is none). `skip` and `drop`
    are what encoder and decoder added before and behind the sound, in samples. `astray` are the bytes before
    and behind the frames that are neither frame nor tag; `hole` is where such bytes stand between frames (-1:
    nowhere), `cut` where the last frame begins when it is not all there.
    """

    header: FrameHeader
    count: int
    promised: int
    skip: int
    drop: int
    astray: int
    hole: int
    cut: int

    @property
    def frames(self) -> int:
        """Samples per channel of the sound."""
        return max(0, self.count * self.header.frames - self.skip - self.drop)


def header_at(data: Data, at: int) -> FrameHeader | None:
    """The frame header at `at`, None where there is none (a free bit rate counts as none)."""
    return _header(data[at : at + 4])


@functools.lru_cache(4096)
def _header(word: bytes) -> FrameHeader | None:
    if len(word) < 4 or word[0] != 0xFF or word[1] & 0xE0 != 0xE0:
        return None
    form, layer = word[1] >> 3 & 3, 4 - (word[1] >> 1 & 3)
    index, rate = word[2] >> 4, word[2] >> 2 & 3
    if form == 1 or layer == 4 or index in (0, 15) or rate == 3:
        return None
    version = 1 if form == 3 else 2
    bit_rate = _BIT_RATES[version, min(layer, 4 - version)][index - 1] * 1000
    sample_rate, padding = _RATES[form][rate], word[2] >> 1 & 1
    frames = 384 if layer == 1 else 576 if (layer, version) == (3, 2) else 1152
    slots = frames // 8 * bit_rate // sample_rate
    size = (12 * bit_rate // sample_rate + padding) * 4 if layer == 1 else slots + padding
    return FrameHeader(layer, sample_rate, 1 if word[3] >> 6 == 3 else 2, size, frames, form)


def is_mpeg(data: Data) -> bool:
    """Whether the file begins with MPEG frames, ID3 tags and zeros before them left aside."""
    at = _after_tags(data)
    found = header_at(data, at)
    if found is None:
        return False
    following = header_at(data, at + found.size)
    ends = at + found.size >= len(data) - 1 or _tag(data, at + found.size) > 0
    return ends or (following is not None and following.fits(found))


def walk(data: Data) -> FrameWalk | None:
    """Walk all frames of `data` (bytes, or a map of a file); None when there is not one."""
    found = list(sound_of(data))
    opening = next((header_at(data, at) for kind, at, _ in found if kind in ("frame", "info")), None)
    if opening is None:
        return None
    kinds = [kind for kind, _, _ in found]
    count = kinds.count("frame")
    last = len(kinds) - next((n for n, kind in enumerate(reversed(kinds)) if kind in ("frame", "cut")), 0)
    start = next(n for n, kind in enumerate(kinds) if kind in ("frame", "info"))
    inside = [at for kind, at, _ in found[start:last] if kind == "junk"]
    astray = sum(size for kind, _, size in (*found[:start], *found[last:]) if kind == "junk")
    cut = next((at for kind, at, _ in found if kind == "cut"), -1)
    promised, skip, drop = _info(data, found[start][1], opening) if kinds[start] == "info" else (0, 0, 0)
    drop = drop if promised == count else 0  # of joined files the end of the first is no end
    return FrameWalk(opening, count, promised, skip, drop, astray, min(inside, default=-1), cut)


def sound_of(data: Data) -> Iterator[Span]:
    """`spans_of`, with the Info frames at the start and behind tags (of a joined file) told apart."""
    begins = True
    for kind, at, size in spans_of(data):
        header = header_at(data, at) if begins and kind == "frame" else None
        yield "info" if header and _is_info(data, at, header) else kind, at, size
        begins = kind == "tag" or (begins and kind == "junk")


def spans_of(data: Data) -> Iterator[Span]:
    """Frames, tags, junk and a frame that is cut off: (kind, first byte, bytes), all of the file in order."""
    at, opening = 0, None
    while at < len(data):
        found = header_at(data, at)
        if found is not None and (opening is None or found.fits(opening)):
            if at + found.size > len(data):
                yield "cut", at, len(data) - at
                return
            opening = opening or found
            yield "frame", at, found.size
            at += found.size
            continue
        size = _tag(data, at)
        kind: Kind = "tag" if size else "junk"
        size = min(size or _to_next(data, at, opening), len(data) - at)
        yield kind, at, size
        at += size


def _to_next(data: Data, at: int, opening: FrameHeader | None) -> int:
    """Bytes from `at` to the next two frames in a row or the next tag."""
    begin = at
    while True:
        sync = data.find(b"\xff", at + 1)
        tags = [found for name in (b"ID3", b"TAG", b"APETAGEX") if (found := data.find(name, at + 1)) >= 0]
        near = min((found for found in (sync, *tags) if found >= 0), default=len(data))
        if near >= len(data) or _tag(data, near):
            return near - begin
        here = header_at(data, near)
        if here is not None and (opening is None or here.fits(opening)):
            after = header_at(data, near + here.size)
            if near + here.size >= len(data) or (after is not None and after.fits(here)):
                return near - begin
        at = near


def _tag(data: Data, at: int) -> int:
    """Bytes of the tag at `at`, 0 where there is none."""
    head = data[at : at + 32]
    if head[:3] == b"ID3" and len(head) >= 10 and max(head[6:10]) < 0x80:
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        return 10 + size + (10 if head[5] & 0x10 else 0)
    if head[:3] == b"TAG" and len(data) - at in (128, 128 + 227):
        return len(data) - at
    if head[:8] == b"APETAGEX" and len(head) == 32:
        size = int.from_bytes(head[12:16], "little")
        return size + 32 if head[23] & 0x20 else 32  # a header counts the items and the footer behind it
    if head[:11] == b"LYRICSBEGIN":
        ends = [found + 9 for name in (b"LYRICS200", b"LYRICSEND") if (found := data.find(name, at)) >= 0]
        return min(ends, default=len(data)) - at
    return 0


def _after_tags(data: Data) -> int:
    at = 0
    while size := _tag(data, at):
        at += size
    zeros = data[at : at + _MOST_BEFORE]
    return at + len(zeros) - len(zeros.lstrip(b"\0"))


def _info_at(first: int, header: FrameHeader) -> int:
    """Where in a first frame "Xing" or "Info" stands: behind the header and the (silent) side information."""
    mono = header.channels == 1
    return first + 4 + ((17 if mono else 32) if header.version == 3 else (9 if mono else 17))


def _is_info(data: Data, first: int, header: FrameHeader) -> bool:
    at = _info_at(first, header)
    return header.layer == 3 and (data[at : at + 4] in (b"Xing", b"Info") or _is_vbri(data, first))


def _is_vbri(data: Data, first: int) -> bool:
    return data[first + 36 : first + 40] == b"VBRI"


def _info(data: Data, first: int, header: FrameHeader) -> tuple[int, int, int]:
    """Frames that the Info frame promises, and the samples that encoder and decoder put before and behind."""
    if not _is_info(data, first, header):
        return 0, 0, 0
    if _is_vbri(data, first):
        return int.from_bytes(data[first + 50 : first + 54]), 0, 0
    at = _info_at(first, header)
    flags = int.from_bytes(data[at + 4 : at + 8])
    promised = int.from_bytes(data[at + 8 : at + 12]) if flags & 1 else 0
    at += 8 + 4 * bool(flags & 1) + 4 * bool(flags & 2) + 100 * bool(flags & 4) + 4 * bool(flags & 8)
    if data[at : at + 4] not in (b"LAME", b"Lavf", b"Lavc"):
        return promised, 0, 0
    delays = int.from_bytes(data[at + 21 : at + 24])
    delay, padding = delays >> 12, delays & 0xFFF
    behind = max(0, padding - _DECODER_DELAY) if promised else 0
    return promised, delay + _DECODER_DELAY, behind
