"""What a row of the table of knobs is: a knob, a choice or a switch; and the choices by name. No torch."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from svcfx.errors import AudioTypeError, ParamError
from svcfx.params import ChoiceSpec, ParamSpec

Stage = Literal["hear", "score", "sing", "mix"]
Part = Literal[
    "index", "prior noise", "second singer", "diffusion refiner", "refiner that was trained from pure noise",
    "second encoding", "f0 decoder", "vocoder behind a generator", "other precision",
    "formant control (a Formant node behind it has)", "pitch of its own, it sings the input's",
    "pitch that may be left open", "short lookahead",
]  # fmt: skip
"""What a voice may lack, in words that finish "voice 'mei' has no ..."."""
Value = bool | int | float | str | None
PitchName = Literal["swift", "fcpe", "crepe", "crepe-tiny", "dio", "harvest", "praat", "rmvpe"]
PITCH_NAMES: tuple[PitchName, ...] = get_args(PitchName)
LevelName = Literal["measured", "card"]
LEVELS: tuple[LevelName, ...] = get_args(LevelName)
Precision = Literal["fp32", "bf16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
Stereo = Literal["mid", "dual_mono", "mid_with_side"]
STEREO: tuple[Stereo, ...] = get_args(Stereo)
DiffusionMethod = Literal["naive", "ddim", "pndm", "dpm-solver", "dpm-solver++", "unipc"]
DIFFUSION_METHODS: tuple[DiffusionMethod, ...] = get_args(DiffusionMethod)
UnvoicedPitch = Literal["zero", "filled"]
UNVOICED: tuple[UnvoicedPitch, ...] = get_args(UnvoicedPitch)
IndexSearch = Literal["stored", "exact"]
SEARCHES: tuple[IndexSearch, ...] = get_args(IndexSearch)
LookaheadName = Literal["full", "short"]
LOOKAHEADS: tuple[LookaheadName, ...] = get_args(LookaheadName)


@dataclass(frozen=True, kw_only=True)
class _Row:
    """What every row says beside its values.

    Attributes:
        stage: The first stage of a voice that reads it: what a change does again.
        section: Where help tells it; flags: what the command line calls it.
        needs: Parts of a voice without which it stays where it rests, the first that lacks being named.
        asks: Another row that must be set where this one is moved.
        excludes: Rows that it may not be moved together with, and why.
        of_voice: Whether a voice may rest it elsewhere.
    """

    stage: Stage
    section: str
    flags: tuple[str, ...]
    needs: tuple[Part, ...] = ()
    asks: str = ""
    excludes: Mapping[str, str] = field(default_factory=dict, hash=False)
    of_voice: bool = False


@dataclass(frozen=True, kw_only=True)
class Knob(_Row, ParamSpec):
    """A number that is turned, by a lane too if it is `automatable`."""

    @property
    def moved(self) -> Value:
        """A value a little off where it rests, for whoever asks whether it can be moved at all."""
        step = 1.0 if self.whole else (self.high - self.low) / 100.0
        return self.default + (step if self.default + step <= self.high else -step)


@dataclass(frozen=True, kw_only=True)
class Choice(_Row, ChoiceSpec):
    """A name out of a few."""

    @property
    def moved(self) -> Value:
        """Another one than where it rests."""
        return next(choice for choice in self.choices if choice != self.default)


@dataclass(frozen=True, kw_only=True)
class Switch(_Row):
    """What is set once and is no knob to be turned: a flag, a whole number, a text, or a number or None.

    Attributes:
        kind: Of its values; low, high, unit: of those that are numbers.
        reads: Refuses a text that says nothing.
    """

    name: str
    default: Value
    help: str
    kind: Literal["flag", "whole", "text", "number"]
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    reads: Callable[[str], object] = str

    @property
    def moved(self) -> Value:
        """A value other than where it rests."""
        if self.kind == "flag":
            return not self.default
        return "another" if self.kind == "text" else self.high

    @property
    def span(self) -> str:
        """The allowed range in words, such as "0 to 12 st"."""
        return f"{self.low:.0f} to {self.high:.0f} {self.unit}".rstrip()

    def check(self, value: Any) -> Value:
        """Return `value` as its kind; raises `AudioTypeError` for another type, `ParamError` out of range."""
        checks = {"flag": self._flag, "whole": self._whole, "text": self._text, "number": self._number}
        return checks[self.kind](value)

    def _flag(self, value: Any) -> Value:
        if type(value).__name__ not in ("bool", "bool_"):
            raise AudioTypeError(f"{self.name} must be True or False, got {value!r}")
        return bool(value)

    def _whole(self, value: Any) -> Value:
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise AudioTypeError(f"{self.name} must be a whole number, got {value!r}")
        return int(self._within(value))

    def _text(self, value: Any) -> Value:
        if not isinstance(value, str):
            raise AudioTypeError(f"{self.name} must be a text, got {value!r}")
        self.reads(value)
        return value

    def _number(self, value: Any) -> Value:
        if value is None:
            return None
        if isinstance(value, (bool, str, bytes)) or not hasattr(value, "__float__"):
            raise AudioTypeError(f"{self.name} must be a number from {self.span}, or None, got {value!r}")
        return float(self._within(value))

    def _within(self, value: Any) -> Any:
        if not (math.isfinite(value) and self.low <= value <= self.high):
            unit = f" {self.unit}" if self.unit else ""
            raise ParamError(f"{self.name} is {value:.12g}{unit}, outside {self.span}")
        return value


Row = Knob | Choice | Switch
