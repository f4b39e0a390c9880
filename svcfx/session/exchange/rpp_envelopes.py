"""Envelopes of a REAPER project as lanes of a session; `track` is whose they are, for messages.

One of more points than a session takes is refused with `InputError`.
"""

from svcfx.lanes import Lane
from svcfx.session.exchange import volume
from svcfx.session.exchange.rpp_text import Chunk
from svcfx.session.exchange.song import Lost

_DIGITS = 9


def gain(envelope: Chunk, track: str, at_rest_db: float, lost: Lost) -> Lane | None:
    """An envelope of volume, which goes on top of its fader, as a lane of the two together."""
    points, held = _points(envelope, track, lost)
    if not points:
        return None
    what = _called(envelope, track)
    made = [
        (time, volume.SILENT_DB if db <= volume.SILENT_DB else level_of(round(db + at_rest_db, _DIGITS)))
        for time, db in volume.in_decibels(points, held, what)
    ]
    return volume.lane(made, held, what)


def pan(envelope: Chunk, track: str, at_rest: float, lost: Lost) -> Lane | None:
    """An envelope of pan, which goes on top of its knob, as a lane of the two together."""
    points, held = _points(envelope, track, lost)
    if not points:
        return None
    moved = [(time, pan_of(at_rest - value)) for time, value in points]
    return volume.lane(moved if held else volume.simplified(moved), held, _called(envelope, track))


def _points(envelope: Chunk, track: str, lost: Lost) -> tuple[list[volume.Point], bool]:
    """Points of an envelope that is switched on, in order, and whether all of them are held."""
    if not is_active(envelope):
        return [], True
    volume.require_few(sum(1 for _ in envelope.every("PT")), _called(envelope, track))
    found = sorted(
        ((line.number(0), line.number(1), int(line.number(2))) for line in envelope.every("PT")),
        key=lambda point: point[0],
    )
    if any(shape not in (0, 1) for _, _, shape in found[:-1]):
        lost.add(f"the bends of an envelope {envelope.key}: it goes in straight lines")
    return volume.corners([(time, value, shape == 1) for time, value, shape in found])


def _called(envelope: Chunk, track: str) -> str:
    return f"the envelope {envelope.key} of track '{track}'"


def is_active(envelope: Chunk) -> bool:
    """Whether an envelope is switched on."""
    return bool(envelope.first("ACT").number(0, 1.0))


def pan_of(value: float) -> float:
    """A pan within its limits, freed from the last digits' noise."""
    return round(min(max(value, -1.0), 1.0), _DIGITS) + 0.0


def level_of(db: float) -> float:
    """A level in dB within a session's limits."""
    return min(max(db, volume.SILENT_DB), volume.LOUDEST_DB)
