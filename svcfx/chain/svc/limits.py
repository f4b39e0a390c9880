"""What a voice has parts for, and how far they go, in words that finish "voice 'mei' ..."."""

from svcfx.chain import knobs
from svcfx.chain.knobs import Part, Value
from svcfx.chain.svc import blending
from svcfx.chain.svc.parts import Parts
from svcfx.errors import InputError


def have(parts: Parts) -> frozenset[Part]:
    """Parts that a voice has, of those that knobs may need."""
    generator, refiner = parts.generator, parts.refiner
    there: dict[Part, bool] = {
        "prior noise": True,
        "other precision": True,
        "index": parts.bank is not None,
        "second singer": len(parts.singers) > 1,
        "diffusion refiner": refiner is not None,
        "second encoding": refiner is not None,
        "refiner that was trained from pure noise": refiner is not None and refiner.sings_alone,
        "vocoder behind a generator": parts.vocoder is not None and generator is not None,
        "f0 decoder": generator is not None and generator.config.f0_decoder,
        "formant control (a Formant node behind it has)": parts.family.formants,
        "pitch of its own, it sings the input's": _pitched(parts),
        "pitch that may be left open": parts.family.gaps == "open" and _pitched(parts),
    }
    return frozenset(part for part, is_there in there.items() if is_there)


def lacks(parts: Parts, knob: str, value: Value) -> str:
    """Why `knob` cannot stand at `value`: "has no ..., so ... must be ..."; "" when it can."""
    if knob == "blend_with" and value:
        return _mix(parts, str(value))
    missing = knobs.lacks(have(parts), knob, value)
    if not missing and knob == "diffusion_depth" and isinstance(value, float):
        return _depth(parts, value)
    return missing


def _pitched(parts: Parts) -> bool:
    return parts.generator is None or parts.generator.config.pitch


def _depth(parts: Parts, depth: float) -> str:
    refiner = parts.refiner
    if depth == 0.0 or refiner is None:
        return ""
    if parts.generator is None:
        return "has no generator that its diffusion model could refine, so diffusion_depth must be 0"
    if round(depth * refiner.timesteps) <= refiner.k_step_max:
        return ""
    return (
        f"has a refiner that knows {refiner.k_step_max} of {refiner.timesteps} noise levels, "
        f"so diffusion_depth must be at most {refiner.k_step_max / refiner.timesteps:g}, not {depth:g}"
    )


def _mix(parts: Parts, text: str) -> str:
    try:
        blending.shares(text, parts.singers)
    except InputError as error:
        return f"cannot blend so: {error.message}"
    return ""
