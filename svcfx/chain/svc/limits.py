"""What a voice has no part for, in words that finish "voice 'mei' ...": the knobs that must stay put."""

from svcfx.chain.svc import blending
from svcfx.chain.svc.parts import Parts
from svcfx.errors import InputError

OF_AN_INDEX = ("index_rate", "protect")
"""Knobs that move nothing without an index."""


def lacks(parts: Parts, knob: str, value: float | str) -> str:
    """Why `knob` cannot stand at `value`: "has no ..., so ... must be ..."; "" when it can."""
    if knob == "diffusion_depth" and isinstance(value, float):
        return _depth(parts, value)
    if knob == "blend_with" and value:
        return _mix(parts, str(value))
    if knob == "unvoiced_f0" and value != "zero" and (parts.family.gaps != "open" or not _pitched(parts)):
        return "has no pitch that may be left open, so unvoiced_f0 must be zero"
    if value and (missing := _missing(parts).get(knob)):
        return f"has no {missing[0]}, so {knob} must be {missing[1]}"
    return ""


def _missing(parts: Parts) -> dict[str, tuple[str, str]]:
    """Knobs that move nothing here: what is missing, and where they must stay."""
    generator = parts.generator
    found: dict[str, tuple[str, str]] = {}
    if not parts.family.formants:
        found["formant_semitones"] = ("formant control (a Formant node behind it has)", "0")
    if not _pitched(parts):
        what = "pitch of its own, it sings the input's"
        found |= {"transpose_semitones": (what, "0"), "formant_semitones": (what, "0")}
    if parts.bank is None:
        found |= dict.fromkeys(OF_AN_INDEX, ("index", "0"))
    if parts.refiner is None:
        found |= dict.fromkeys(("second_encoding", "diffusion_only"), ("diffusion refiner", "off"))
    elif not parts.refiner.sings_alone:
        found["diffusion_only"] = ("refiner that was trained from pure noise", "off")
    if parts.vocoder is None or generator is None:
        found["enhancer_key"] = ("vocoder behind a generator", "left out")
    if generator is None or not generator.config.f0_decoder:
        found["predict_f0"] = ("f0 decoder", "off")
    if len(parts.singers) < 2:
        found["blend"] = ("second singer", "0")
    return found


def _pitched(parts: Parts) -> bool:
    return parts.generator is None or parts.generator.config.pitch


def _depth(parts: Parts, depth: float) -> str:
    refiner = parts.refiner
    if depth == 0.0:
        return ""
    if refiner is None or parts.generator is None:
        what = "diffusion refiner" if refiner is None else "generator that its diffusion model could refine"
        return f"has no {what}, so diffusion_depth must be 0"
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
