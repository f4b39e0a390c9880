"""Faders and pans of a `.dawproject` in a session's units, where they stand and as they move."""

from dataclasses import dataclass, replace

from svcfx.dsp.levels import gain_from_db
from svcfx.lanes import Lane
from svcfx.session.exchange import volume
from svcfx.session.exchange.timebase import Timebase, Unit, number
from svcfx.session.exchange.xml import Element

_DIGITS = 9


@dataclass(frozen=True, slots=True)
class MixerControl:
    """A fader or a pan: whose, its address in a session, its unit and limits, and where it stands."""

    track: str
    address: str
    unit: str
    low: float
    high: float
    value: float = 0.0

    @property
    def is_pan(self) -> bool:
        """Whether it is one."""
        return self.address == "pan"

    def factor(self, text: str, unit: str = "") -> float:
        """A value of the file: a gain's factor, a pan from -1 to 1."""
        unit = unit or self.unit
        value = number(text, f"{self.address} of '{self.track}'")
        if unit == "decibel":
            return gain_from_db(min(value, volume.LOUDEST_DB * 3))
        if unit == "percent":
            value /= 100.0
        elif unit == "normalized" and not self.is_pan:
            value = self.low + value * (self.high - self.low)
        if not self.is_pan:
            return max(value, 0.0)
        pan = 2.0 * value - 1.0 if unit == "normalized" else value
        return round(min(max(pan, -1.0), 1.0), _DIGITS)


def knob(element: Element, track: str, address: str) -> MixerControl:
    """A parameter, as it stands."""
    low = number(element.get("min"), "a parameter's min", 0.0)
    high = number(element.get("max"), "a parameter's max", 1.0)
    bare = MixerControl(track, address, element.get("unit", "linear"), low, high)
    at_rest = "0" if bare.unit == "decibel" else "0.5" if bare.unit == "normalized" and bare.is_pan else ""
    text = element.get("value") or at_rest or ("0" if bare.is_pan else "1")
    value = bare.factor(text)
    return replace(bare, value=value if bare.is_pan else volume.decibels(value))


def lane(points: Element, moved: MixerControl, unit: Unit, timebase: Timebase) -> Lane | None:
    """A parameter's automation; None where it has no points.

    Raises:
        InputError: It has more points than a session takes.
    """
    found = (
        (
            timebase.seconds(number(point.get("time"), "a point's time"), unit),
            moved.factor(point.get("value"), points.get("unit")),
            point.get("interpolation") != "linear",
        )
        for point in points.every("RealPoint", "Point")
    )
    marks = sorted(found, key=lambda mark: mark[0])  # two of one time are a jump, in their order
    if not marks:
        return None
    what = f"{moved.address} of '{moved.track}'"
    volume.require_few(len(marks), what)
    drawn, held = volume.corners(marks)
    if moved.is_pan:
        made = drawn if held else volume.simplified(drawn)
    else:
        made = [(time, min(db, volume.LOUDEST_DB)) for time, db in volume.in_decibels(drawn, held, what)]
    return volume.lane(made, held, what)
