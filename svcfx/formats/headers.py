"""How many bytes of sound the headers of AIFF, AU, CAF, W64 and RF64 files promise.

libsndfile trusts the size of the file instead, so that a cut copy reads short in silence.
Sources: Apple, Audio Interchange File Format 1.3; Apple Core Audio Format 1.0; EBU Tech 3306 (RF64);
Sony, Wave64; Sun, .au.
"""

from svcfx.formats.mpeg import Data

_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
_UNKNOWN = (0, 0xFFFFFFFF)
_MOST_BYTES = 1 << 60  # from here on a size of eight bytes means that it is not known


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
