"""The knobs of `VoiceConversion`, apart from the class, so that the command line's help loads no torch."""

from dataclasses import dataclass
from typing import Any, Literal

from svcfx.chain.config import DIFFUSION_METHODS, PITCH
from svcfx.params import ChoiceSpec, ParamSpec

Stereo = Literal["mid", "dual_mono", "mid_with_side"]
STEREO: tuple[Stereo, ...] = ("mid", "dual_mono", "mid_with_side")
SLOW = (
    "pitch crepe takes about 4 s of a CPU core for each second of audio;"
    " crepe-tiny takes about 0.2 s and swift 0.02 s"
)
VOICES_OWN = frozenset({"loudness_follow", "index_rate", "noise", "protect"})
"""Knobs whose default a voice may give itself, see `Voice.defaults`."""


def _knob(name: str, default: float, low: float, high: float, unit: Any, help: str) -> ParamSpec:
    return ParamSpec(name=name, default=default, low=low, high=high, unit=unit, help=help)


KNOBS: tuple[ParamSpec | ChoiceSpec, ...] = (
    _knob("transpose_semitones", 0.0, -36.0, 36.0, "st", "Moves the sung line."),
    _knob("formant_semitones", 0.0, -12.0, 12.0, "st", "Moves the formants and leaves the pitch."),
    _knob("diffusion_depth", 0.0, 0.0, 1.0, "ratio", "How deep the diffusion redraws the sound."),
    _knob("mix", 1.0, 0.0, 1.0, "ratio", "Converted voice against the input; at 0 the node is inert."),
    _knob("output_gain_db", 0.0, -60.0, 24.0, "dB", "Gain of the converted voice."),
    _knob("loudness_follow", 0.7, 0.0, 1.0, "ratio", "The source's dynamics against the singer's own."),
    _knob("noise", 0.4, 0.0, 1.0, "ratio", "Randomness of the sung sound."),
    _knob("index_rate", 0.0, 0.0, 1.0, "ratio", "How far words are bent towards the voice's index."),
    _knob("protect", 0.0, 0.0, 1.0, "ratio", "Share of the index kept away from unvoiced sounds."),
    _knob("blend", 0.0, 0.0, 1.0, "ratio", "From the voice's singer towards those of the blend."),
    ParamSpec(
        name="diffusion_steps",
        default=10.0,
        low=1.0,
        high=1000.0,
        unit="steps",
        help="Steps of the diffusion: more take longer.",
        automatable=False,
        whole=True,
    ),
    ChoiceSpec(name="stereo", default="mid", choices=STEREO, help="What of a stereo stem is sung."),
    PITCH,
    ChoiceSpec(
        name="level",
        default="measured",
        choices=("measured", "card"),
        help="Take the stem's level from the whole stem, or from the voice's card as streams do.",
    ),
    ChoiceSpec(
        name="precision",
        default="fp32",
        choices=("fp32", "bf16"),
        help="bf16 is quicker where the machine has it, and not the same to the bit.",
    ),
    ChoiceSpec(
        name="unvoiced_f0",
        default="zero",
        choices=("zero", "filled"),
        help="What RVC voices sing where no pitch is heard: breath, or the line between its neighbours.",
    ),
    ChoiceSpec(
        name="index_search",
        default="stored",
        choices=("stored", "exact"),
        help="Look where an index itself would, at one of its lists if it has any, or at all of its rows.",
    ),
    ChoiceSpec(
        name="diffusion_method", default="unipc", choices=DIFFUSION_METHODS, help="Sampler of the diffusion."
    ),
)


@dataclass(frozen=True, slots=True)
class SwitchSpec:
    """What is set about a node once, apart from its knobs: its default and a line of help."""

    name: str
    default: bool | int | str | None
    help: str


SWITCHES: tuple[SwitchSpec, ...] = (
    SwitchSpec("octave_repair", True, "Mend short octave errors of the pitch tracker."),
    SwitchSpec("seed", 0, "Seed of all that is random in the voice."),
    SwitchSpec("blend_with", "", "Singers to blend with, as in 'alto' or 'alto:2, tenor:1'."),
    SwitchSpec("predict_f0", False, "The singer's own melody in place of the input's; for speech."),
    SwitchSpec("second_encoding", False, "The diffusion takes the words from the generator's output."),
    SwitchSpec("diffusion_only", False, "The diffusion sings alone, without the generator."),
    SwitchSpec(
        "enhancer_key", None, "Sing once more through the vocoder; 0 to 12 semitones let it reach higher."
    ),
)
LOWEST_KEY, HIGHEST_KEY = 0.0, 12.0
