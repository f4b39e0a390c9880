"""A MIDI file of a song's time alone: tempos, time signatures and markers."""

from collections.abc import Iterable, Sequence

from svcfx.midi.tempo import TempoMap

TICKS_PER_QUARTER = 15_360
"""A multiple of the time bases in use, so that no tick of theirs is rounded."""
_MOST_BYTES = 200


def time_file(tempo_map: TempoMap, markers: Sequence[tuple[float, str]] = ()) -> bytes:
    """A file of one track.

    Args:
        tempo_map: Its time; denominators are powers of two.
        markers: Second and text of each.
    """
    scale = TICKS_PER_QUARTER / tempo_map.ticks_per_quarter
    events = [(tempo.tick * scale, 0x51, tempo.microseconds.to_bytes(3, "big")) for tempo in tempo_map.tempos]
    events += [
        (meter.tick * scale, 0x58, bytes((meter.numerator, meter.denominator.bit_length() - 1, 24, 8)))
        for meter in tempo_map.time_signatures
    ]
    events += [(max(tempo_map.tick(seconds), 0.0) * scale, 0x06, _text(name)) for seconds, name in markers]
    track = b"".join(_timed((round(tick), kind, data) for tick, kind, data in events))
    header = b"MThd" + bytes((0, 0, 0, 6, 0, 0, 0, 1)) + TICKS_PER_QUARTER.to_bytes(2, "big")
    return header + b"MTrk" + len(track).to_bytes(4, "big") + track


def _timed(events: Iterable[tuple[int, int, bytes]]) -> Iterable[bytes]:
    now = 0
    for tick, kind, data in sorted(events, key=lambda event: event[0]):
        yield _quantity(tick - now) + bytes((0xFF, kind)) + _quantity(len(data)) + data
        now = tick
    yield b"\x00\xff\x2f\x00"


def _quantity(number: int) -> bytes:
    """A variable-length quantity: seven bits a byte, the first ones with the high bit set."""
    sevens = [number & 0x7F]
    while number := number >> 7:
        sevens.append(number & 0x7F | 0x80)
    return bytes(reversed(sevens))


def _text(name: str) -> bytes:
    return name.encode("utf-8", "replace")[:_MOST_BYTES].decode("utf-8", "ignore").encode("utf-8")
