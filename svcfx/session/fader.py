"""A strip's own knobs, behind its board: its gain, its pan, and the levels of its sends.

Lanes, controllers and sections find them as `gain_db`, `pan` and `sends.BUS.gain_db`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from svcfx.errors import SessionError, nearest
from svcfx.lanes import Curve, Lane
from svcfx.session.strip_model import Channel

KNOBS = ("gain_db", "pan")
_LIMITS = {"gain_db": (-120.0, 40.0), "pan": (-1.0, 1.0)}
_PLAYED = {"gain_db": (-60.0, 6.0, None), "pan": (-1.0, 1.0, 0.0)}
_SENDS = "sends."
_STILL = Lane.constant(0.0)


@dataclass(frozen=True, slots=True)
class Fader:
    """Gain in dB, pan from -1 (left) to 1 (right), levels of sends in dB by their bus; in song seconds."""

    gain_db: Curve = _STILL
    pan: Curve = _STILL
    sends: Mapping[str, Curve] = field(default_factory=dict)

    @property
    def knobs(self) -> dict[str, Curve]:
        """Each by its address."""
        sends = {_send(bus): curve for bus, curve in self.sends.items()}
        return {"gain_db": self.gain_db, "pan": self.pan, **sends}

    def turned(self, knobs: Mapping[str, Curve]) -> "Fader":
        """A fader with these curves by address in place of its own."""
        sends = {bus: knobs[_send(bus)] for bus in self.sends}
        return Fader(knobs["gain_db"], knobs["pan"], sends)


AT_REST = Fader()


def taken(strip: Channel, lanes: dict[str, Curve], key_path: str) -> Fader:
    """A strip's fader: its lanes are taken out of `lanes`, and what has none stands as the session says.

    Raises:
        SessionError: A lane goes where the knob does not, or moves a send that is none of the strip's.
    """
    at_rest = {name: float(getattr(strip, name)) for name in KNOBS}
    at_rest |= {_send(send.bus): send.gain_db for send in strip.sends}
    knobs = {address: lanes.pop(address, Lane.constant(value)) for address, value in at_rest.items()}
    for address, curve in knobs.items():
        reached = [value for _, value in curve.points] if isinstance(curve, Lane) else []
        refuse_beyond(address, reached, key_path)
    for address in lanes:
        refuse_unsent(address, knobs, key_path)
    return Fader(sends={send.bus: _STILL for send in strip.sends}).turned(knobs)


def played(address: str) -> tuple[float, float, float | None] | None:
    """Where a MIDI controller's 0, 127 and (where that is meant) 64 put a knob; None for none of ours."""
    return _PLAYED.get(address.rpartition(".")[2] if address.startswith(_SENDS) else address)


def refuse_unsent(address: str, knobs: Iterable[str], key_path: str) -> None:
    """Refuse the address of a send that is none of these knobs."""
    if address.startswith(_SENDS):
        known = [knob for knob in knobs if knob.startswith(_SENDS)]
        raise SessionError(
            f"{key_path}: '{address}' moves no send of this strip{nearest(address, known)}",
            hint=f"it has {', '.join(known) or 'none'}",
        )


def refuse_beyond(address: str, reached: Iterable[float], key_path: str) -> None:
    """Refuse values of a knob that it cannot have."""
    low, high = _LIMITS[address.rpartition(".")[2]]
    for value in reached:
        if not low <= value <= high:
            raise SessionError(
                f"{key_path}: the lane of {address} reaches {value:g}, outside {low:g} to {high:g}"
            )


def _send(bus: str) -> str:
    """Where the level of a send is found."""
    return f"{_SENDS}{bus}.gain_db"
