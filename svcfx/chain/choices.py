"""The named choices of a voice's knobs, as types and as tuples."""

from typing import Literal, get_args

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
