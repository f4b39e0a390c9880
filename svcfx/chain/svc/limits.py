"""What a voice has parts for, and how far they go, in words that finish "voice 'mei' ...". No torch: the
headers of a voice's files say as much as its networks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from svcfx.chain import knobs
from svcfx.chain.families import Family
from svcfx.chain.knobs import Part, Value
from svcfx.chain.svc.shares import shares
from svcfx.errors import InputError

if TYPE_CHECKING:
    from svcfx.chain.svc.parts import VoiceParts


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFacts:
    """What of a voice its limits follow from.

    Attributes:
        singers: Their names.
        pitched, f0_decoder: Of its generator; None where it has none.
        levels: Noise levels that its refiner knows, and all that there are; None without a refiner.
        vocoder, bank: Whether it has one.
    """

    family: Family
    singers: Collection[str]
    pitched: bool | None = None
    f0_decoder: bool | None = None
    levels: tuple[int, int] | None = None
    vocoder: bool = False
    bank: bool = False

    @property
    def generates(self) -> bool:
        """Whether it has a generator."""
        return self.pitched is not None


def reach(parts: "VoiceParts") -> VoiceFacts:
    """Of an opened voice."""
    config = None if parts.generator is None else parts.generator.network.config
    refiner = parts.refiner
    return VoiceFacts(
        family=parts.family,
        singers=parts.singers,
        pitched=None if config is None else config.pitch,
        f0_decoder=None if config is None else config.f0_decoder,
        levels=None if refiner is None else (refiner.k_step_max, refiner.timesteps),
        vocoder=parts.vocoder is not None,
        bank=parts.bank is not None,
    )


def have(voice: VoiceFacts) -> frozenset[Part]:
    """Parts that a voice has, of those that knobs may need."""
    refined, levels = voice.levels is not None, voice.levels or (0, 1)
    pitched = voice.pitched is not False
    there: dict[Part, bool] = {
        "prior noise": True,
        "other precision": True,
        "index": voice.bank,
        "second singer": len(voice.singers) > 1,
        "diffusion refiner": refined,
        "second encoding": refined,
        "refiner that was trained from pure noise": levels[0] == levels[1],
        "vocoder behind a generator": voice.vocoder and voice.generates,
        "f0 decoder": bool(voice.f0_decoder),
        "formant control (a Formant node behind it has)": voice.family.formants,
        "pitch of its own, it sings the input's": pitched,
        "pitch that may be left open": voice.family.gaps == "open" and pitched,
    }
    return frozenset(part for part, is_there in there.items() if is_there)


def lacks(voice: VoiceFacts, knob: str, value: Value) -> str:
    """Why `knob` cannot stand at `value`: "has no ..., so ... must be ..."; "" when it can."""
    if knob == "blend_with" and value:
        return _mix(voice, str(value))
    missing = knobs.lacks(have(voice), knob, value)
    if not missing and knob == "diffusion_depth" and isinstance(value, float):
        return _depth(voice, value)
    return missing


def defaults(voice: VoiceFacts) -> Mapping[str, float]:
    """Knobs that stand elsewhere for its family than for others, where it has the parts."""
    return {name: at for name, at in voice.family.defaults if not lacks(voice, name, at)}


def cost(voice: VoiceFacts, *, refined: bool) -> float:
    """Rough seconds of work for a second of sound on two cores, with or without the refiner."""
    return (0.33 if voice.generates else 0.1) + (1.0 if refined or not voice.generates else 0.0)


def _depth(voice: VoiceFacts, depth: float) -> str:
    if depth == 0.0 or voice.levels is None:
        return ""
    if not voice.generates:
        return "has no generator that its diffusion model could refine, so diffusion_depth must be 0"
    known, levels = voice.levels
    if round(depth * levels) <= known:
        return ""
    return (
        f"has a refiner that knows {known} of {levels} noise levels, "
        f"so diffusion_depth must be at most {known / levels:g}, not {depth:g}"
    )


def _mix(voice: VoiceFacts, text: str) -> str:
    try:
        shares(text, voice.singers)
    except InputError as error:
        return f"cannot blend so: {error.message}"
    return ""
