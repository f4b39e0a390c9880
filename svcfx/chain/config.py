"""The time base of the chain and what can be set about it.

Analysis runs at 16 kHz, control frames are 10 ms, synthesis runs at 44.1 kHz. Frame k is centred at
sample 160 k of the analysis and 441 k of the synthesis; all indices count from the start of the stem.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from svcfx.chain.knob_kinds import DIFFUSION_METHODS as DIFFUSION_METHODS
from svcfx.chain.knob_kinds import PITCH_NAMES as PITCH_NAMES
from svcfx.chain.knob_kinds import DiffusionMethod as DiffusionMethod
from svcfx.chain.knob_kinds import IndexSearch as IndexSearch
from svcfx.chain.knob_kinds import LevelName as LevelName
from svcfx.chain.knob_kinds import LookaheadName as LookaheadName
from svcfx.chain.knob_kinds import PitchName as PitchName
from svcfx.chain.knob_kinds import Precision as Precision
from svcfx.chain.knob_kinds import UnvoicedPitch as UnvoicedPitch
from svcfx.chain.knobs import BY_NAME, RESTS, Value
from svcfx.chain.knobs import PITCH as PITCH

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
DEFAULT_TRACKER: PitchName = RESTS["pitch"]
"""Follows pitch wherever nobody chose: what asks for a range or for notes needs none that costs more."""


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """What a conversion is made with, apart from its curves.

    Attributes:
        scale: What `retune` draws to, such as "A minor"; "" is every semitone.
        level: A whole stem is read as a whole ("measured"), or as a stream would read it ("card").
        lookahead: How far ahead it hears before it sings.
        blend_with: Singers that `blend` moves towards, with weights: "alto", or "alto:2, tenor:1".
        diffusion_method, diffusion_steps: Sampler of the refiner and how often it asks its network.
        diffusion_only: The refiner sings alone, without the generator.
        predict_f0: The singer's own contour in place of the source's melody; for speech.
        second_encoding: The refiner hears the generator's words, not the source's.
        unvoiced_f0: What RVC voices sing where no pitch is heard: noise, or the line between its neighbours.
        index_search: What an index would look at itself, one list where it has lists; or all of its rows.
        timing_ms: How far phrases may be moved in time, once they are sung.
        enhancer_key: Semitones that the enhancer works lower by; None leaves the enhancer out.
    """

    singer: str
    seed: int = RESTS["seed"]
    pitch: PitchName = RESTS["pitch"]
    octave_repair: bool = RESTS["octave_repair"]
    scale: str = RESTS["scale"]
    level: LevelName = RESTS["level"]
    lookahead: LookaheadName = RESTS["lookahead"]
    precision: Precision = RESTS["precision"]
    blend_with: str = RESTS["blend_with"]
    diffusion_method: DiffusionMethod = RESTS["diffusion_method"]
    diffusion_steps: int = RESTS["diffusion_steps"]
    diffusion_only: bool = RESTS["diffusion_only"]
    predict_f0: bool = RESTS["predict_f0"]
    second_encoding: bool = RESTS["second_encoding"]
    enhancer_key: float | None = RESTS["enhancer_key"]
    unvoiced_f0: UnvoicedPitch = RESTS["unvoiced_f0"]
    index_search: IndexSearch = RESTS["index_search"]
    timing_ms: float = RESTS["timing_ms"]


def settings(singer: str, values: Mapping[str, Value]) -> ChainSettings:
    """Settings of a singer from rows of the table by name, each already checked; others are left alone."""
    names = [named.name for named in fields(ChainSettings) if named.name in values]
    return ChainSettings(singer, **{name: _whole(name, values[name]) for name in names})  # type: ignore[arg-type]


def _whole(name: str, value: Value) -> Value:
    """A knob's float as the integer that it stands for."""
    return int(value or 0) if getattr(BY_NAME[name], "whole", False) else value
