"""What is set about a `VoiceConversion` beside its knobs: checked by type here, then by the voice."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from svcfx.chain.voice import Voice
from svcfx.errors import AudioTypeError, ParamError, VoiceError
from svcfx.node.knobs import Knobbed
from svcfx.node.voice_knobs import HIGHEST_KEY, LOWEST_KEY, SWITCHES

Switch = bool | int | float | str | None


class Switched(Knobbed):
    """A node with the switches of a voice, each a property; `_require` is asked before one is set."""

    SWITCHES: ClassVar[tuple[str, ...]] = ("voice", *(spec.name for spec in SWITCHES))

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._switches: dict[str, Switch] = {spec.name: spec.default for spec in SWITCHES}
        super().__init__(values)

    def _require(self, name: str, value: Switch) -> None:
        """Refuse what the voice lacks."""
        raise NotImplementedError

    def _switch(self, name: str, value: Switch) -> None:
        self._require(name, value)
        self._switches[name] = value

    @property
    def octave_repair(self) -> bool:
        """Whether short octave errors of the pitch tracker are mended."""
        return bool(self._switches["octave_repair"])

    @octave_repair.setter
    def octave_repair(self, on: bool) -> None:
        self._switch("octave_repair", _flag("octave_repair", on))

    @property
    def seed(self) -> int:
        """Seed of all that is random: 0 or a positive whole number."""
        return int(self._switches["seed"] or 0)

    @seed.setter
    def seed(self, seed: int) -> None:
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise AudioTypeError(f"seed must be a whole number, got {seed!r}")
        if not 0 <= seed < 2**32:
            raise ParamError(f"seed is {seed}, outside 0 to {2**32 - 1}")
        self._switch("seed", int(seed))

    @property
    def blend_with(self) -> str:
        """Singers that `blend` moves towards, with weights: "alto", or "alto:2, tenor:1"; "" for none."""
        return str(self._switches["blend_with"])

    @blend_with.setter
    def blend_with(self, singers: str) -> None:
        if not isinstance(singers, str):
            raise AudioTypeError(f"blend_with must be a text such as 'alto:2, tenor:1', got {singers!r}")
        self._switch("blend_with", singers)

    @property
    def predict_f0(self) -> bool:
        """Whether the singer's own contour is sung in place of the source's melody; for speech."""
        return bool(self._switches["predict_f0"])

    @predict_f0.setter
    def predict_f0(self, on: bool) -> None:
        self._switch("predict_f0", _flag("predict_f0", on))

    @property
    def second_encoding(self) -> bool:
        """Whether the diffusion hears the words of the generator's output, not those of the source."""
        return bool(self._switches["second_encoding"])

    @second_encoding.setter
    def second_encoding(self, on: bool) -> None:
        self._switch("second_encoding", _flag("second_encoding", on))

    @property
    def diffusion_only(self) -> bool:
        """Whether the diffusion sings alone, without the generator."""
        return bool(self._switches["diffusion_only"])

    @diffusion_only.setter
    def diffusion_only(self, on: bool) -> None:
        self._switch("diffusion_only", _flag("diffusion_only", on))

    @property
    def enhancer_key(self) -> float | None:
        """Semitones, 0 to 12, by which the enhancer reaches higher; None leaves the enhancer out."""
        key = self._switches["enhancer_key"]
        return None if key is None else float(key)

    @enhancer_key.setter
    def enhancer_key(self, semitones: float | None) -> None:
        self._switch("enhancer_key", None if semitones is None else _key(semitones))


def refuse_lack(voice: Voice, name: str, knob: str, value: Switch) -> None:
    """Raise `VoiceError` when the voice called `name` has no part for `knob` to stand at `value`."""
    missing = "" if value is None else voice.lacks(knob, value)
    if missing:
        raise VoiceError(f"voice '{name}' {missing}", hint=f"leave {knob} out")


def _flag(name: str, on: Any) -> bool:
    if not isinstance(on, (bool, np.bool_)):
        raise AudioTypeError(f"{name} must be True or False, got {on!r}")
    return bool(on)


def _key(semitones: Any) -> float:
    span = f"{LOWEST_KEY:g} to {HIGHEST_KEY:g} st"
    if isinstance(semitones, bool) or not isinstance(semitones, (int, float, np.integer, np.floating)):
        raise AudioTypeError(f"enhancer_key must be a number from {span}, or None, got {semitones!r}")
    if not (math.isfinite(semitones) and LOWEST_KEY <= semitones <= HIGHEST_KEY):
        raise ParamError(f"enhancer_key is {semitones:g} st, outside {span}")
    return float(semitones)
