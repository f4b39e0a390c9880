"""What a parameter is: its one home for name, default, range, unit and help.

Command line, presets, lanes, `help()` and the node's own setters all read these specs.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from svcfx.errors import AudioTypeError, ParamError, nearest

Unit = Literal["dB", "LUFS", "dBTP", "Hz", "st", "cents", "s", "ms", "ratio", "steps", "MIDI", "dB/oct"]
Choice = TypeVar("Choice", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamSpec:
    """One numeric parameter of a node: the only place its default, range and unit are written.

    >>> depth = ParamSpec(name="depth_db", default=6.0, low=0.0, high=24.0, unit="dB", help="How deep.")
    >>> depth.span, depth.check(12)
    ('0 to 24 dB', 12.0)
    >>> depth.check(30)
    Traceback (most recent call last):
    svcfx.errors.ParamError: depth_db is 30 dB, outside 0 to 24 dB
    """

    name: str
    default: float
    low: float
    high: float
    unit: Unit
    help: str
    automatable: bool = True
    whole: bool = False

    @property
    def span(self) -> str:
        """The allowed range in words, such as "-24 to 24 st"."""
        return f"{self.low:g} to {self.high:g} {self.unit}"

    def check(self, value: float) -> float:
        """Return `value` as a float when it is finite and in range.

        Raises:
            AudioTypeError: `value` is no number.
            ParamError: `value` is not finite, out of range, or broken where it must be whole.
        """
        number = self._number(value)
        if math.isfinite(number) and self.low <= number <= self.high:
            if self.whole and number != round(number):
                raise ParamError(f"{self.name} is {number:g}, must be a whole number from {self.span}")
            return number
        raise ParamError(f"{self.name} is {number:g} {self.unit}, outside {self.span}")

    def _number(self, value: float) -> float:
        """`value` as a float; a text that reads as a number is none, nor is an array of several."""
        try:
            if not isinstance(value, (bool, str, bytes)):
                return float(value)
        except OverflowError:
            return math.inf
        except (TypeError, ValueError):
            pass
        raise AudioTypeError(f"{self.name} must be a number from {self.span}, got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSpec:
    """One named choice of a node, such as its stereo policy.

    Attributes:
        aliases: Other names that people know a choice by.
        absent: What people may ask for and we do not have, each with a hint at what to take instead.
    """

    name: str
    default: str
    choices: tuple[str, ...]
    help: str
    aliases: Mapping[str, str] = field(default_factory=dict, hash=False)
    absent: Mapping[str, str] = field(default_factory=dict, hash=False)

    def check(self, value: str) -> str:
        """Return the choice that `value` names, itself or by an alias, else raise `ParamError`."""
        if not isinstance(value, str):
            raise AudioTypeError(f"{self.name} must be one of {', '.join(self.choices)}, got {value!r}")
        if value in self.absent:
            allowed = ", ".join(self.choices)
            raise ParamError(
                f"{self.name} is '{value}', which svcfx does not have; allowed are {allowed}",
                hint=self.absent[value],
            )
        return one_of(self.name, self.aliases.get(value, value), self.choices)


def one_of(name: str, value: str, choices: tuple[Choice, ...]) -> Choice:
    """`value` as the choice that it is; else `ParamError` says what `name` may be, and the nearest.

    >>> one_of("stereo", "mid", ("mid", "dual_mono"))
    'mid'
    """
    for choice in choices:
        if value == choice:
            return choice
    raise ParamError(f"{name} is '{value}', allowed are {', '.join(choices)}{nearest(value, choices)}")
