"""What cannot be asked of a voice at one time: else one of the two would be left out in silence."""

from collections.abc import Mapping

from svcfx.chain.config import ChainSettings
from svcfx.errors import ParamError


def check(settings: ChainSettings, highest: Mapping[str, float]) -> None:
    """Refuse settings that exclude each other; `highest` is the most that a knob reaches.

    Raises:
        ParamError: Both are named, and which to leave out.
    """
    depth, blend = highest["diffusion_depth"], highest["blend"]
    if blend > 0.0 and not settings.blend_with:
        raise ParamError(
            f"blend reaches {blend:g}, and blend_with names no singer", hint="name one, such as 'alto'"
        )
    if settings.diffusion_only and depth > 0.0:
        raise ParamError(
            f"diffusion_only leaves no generator to refine, and diffusion_depth reaches {depth:g}",
            hint="leave one of them out",
        )
    if settings.diffusion_only and settings.second_encoding:
        raise ParamError(
            "second_encoding hears what the generator sings, and diffusion_only leaves it out",
            hint="leave one of them out",
        )
    if settings.enhancer_key is not None and (depth > 0.0 or settings.diffusion_only):
        raise ParamError(
            "the diffusion sings through the vocoder already, so enhancer_key enhances nothing",
            hint="leave out enhancer_key, or the diffusion",
        )
