"""The knobs of `VoiceConversion`, apart from the class, so that the command line's help loads no torch."""

from typing import Any, Literal

from svcfx.chain.config import PITCH_NAMES
from svcfx.params import ChoiceSpec, ParamSpec

Stereo = Literal["mid", "dual_mono", "mid_with_side"]
STEREO: tuple[Stereo, ...] = ("mid", "dual_mono", "mid_with_side")


def _knob(name: str, default: float, low: float, high: float, unit: Any, help: str) -> ParamSpec:
    return ParamSpec(name=name, default=default, low=low, high=high, unit=unit, help=help)


KNOBS: tuple[ParamSpec | ChoiceSpec, ...] = (
    _knob("transpose_semitones", 0.0, -36.0, 36.0, "st", "Moves the sung line."),
    _knob("formant_semitones", 0.0, -12.0, 12.0, "st", "Moves the formants and leaves the pitch."),
    _knob("diffusion_depth", 0.0, 0.0, 1.0, "ratio", "Depth of the diffusion refiner, where there is one."),
    _knob("mix", 1.0, 0.0, 1.0, "ratio", "Converted voice against the input; at 0 the node is inert."),
    _knob("output_gain_db", 0.0, -60.0, 24.0, "dB", "Gain of the converted voice."),
    _knob("loudness_follow", 0.7, 0.0, 1.0, "ratio", "The source's dynamics against the singer's own."),
    ChoiceSpec(name="stereo", default="mid", choices=STEREO, help="What of a stereo stem is sung."),
    ChoiceSpec(name="pitch", default="swift", choices=PITCH_NAMES, help="Pitch tracker."),
    ChoiceSpec(
        name="level",
        default="measured",
        choices=("measured", "card"),
        help="Take the stem's level from the whole stem, or from the voice's card as streams do.",
    ),
)
