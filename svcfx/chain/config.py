"""The time base of the chain and what can be set about it.

Analysis runs at 16 kHz, control frames are 10 ms, synthesis runs at 44.1 kHz. Frame k is centred at
sample 160 k of the analysis and 441 k of the synthesis; all indices count from the start of the stem.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from svcfx.params import ChoiceSpec

ANALYSIS_RATE = 16000
ANALYSIS_HOP = 160
VOICE_RATE = 44100
VOICE_HOP = 441
FRAME_SECONDS = 0.01
FRAMES_PER_SECOND = 100

SLICE = 32
"""Frames between two points of the grid: 0.32 s, twenty hops of the default tracker."""
LONG_SLICE = 8 * SLICE
"""Slice of one-shot conversion: eight grid steps in one piece, the same sums to float rounding."""
LOWEST_RATE, HIGHEST_RATE = 8000.0, 192000.0

PitchName = Literal["swift", "fcpe", "crepe", "crepe-tiny", "dio", "harvest", "praat", "rmvpe"]
PITCH_NAMES: tuple[PitchName, ...] = get_args(PitchName)
PITCH = ChoiceSpec(
    name="pitch",
    default="swift",
    choices=PITCH_NAMES,
    help="Pitch tracker.",
    aliases={"pm": "praat", "parselmouth": "praat"},
)

LevelName = Literal["measured", "card"]
Precision = Literal["fp32", "bf16"]
UnvoicedPitch = Literal["zero", "filled"]
IndexSearch = Literal["stored", "exact"]
DiffusionMethod = Literal["naive", "ddim", "pndm", "dpm-solver", "dpm-solver++", "unipc"]
DIFFUSION_METHODS: tuple[DiffusionMethod, ...] = get_args(DiffusionMethod)


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """What a conversion is made with, apart from its curves.

    Attributes:
        level: A whole stem is read as a whole ("measured"), or as a stream would read it ("card").
        blend_with: Singers that `blend` moves towards, with weights: "alto", or "alto:2, tenor:1".
        diffusion_method, diffusion_steps: Sampler of the refiner and how often it asks its network.
        diffusion_only: The refiner sings alone, without the generator.
        predict_f0: The singer's own contour in place of the source's melody; for speech.
        second_encoding: The refiner hears the generator's words, not the source's.
        unvoiced_f0: What RVC voices sing where no pitch is heard: noise, or the line between its neighbours.
        index_search: What an index would look at itself, one list where it has lists; or all of its rows.
        enhancer_key: Semitones that the enhancer works lower by; None leaves the enhancer out.
    """

    singer: str
    seed: int = 0
    pitch: PitchName = "swift"
    octave_repair: bool = True
    level: LevelName = "measured"
    precision: Precision = "fp32"
    blend_with: str = ""
    diffusion_method: DiffusionMethod = "unipc"
    diffusion_steps: int = 10
    diffusion_only: bool = False
    predict_f0: bool = False
    second_encoding: bool = False
    enhancer_key: float | None = None
    unvoiced_f0: UnvoicedPitch = "zero"
    index_search: IndexSearch = "stored"
