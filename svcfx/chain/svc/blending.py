"""Who sings: one singer of a voice, or on the way from one to a mix of others."""

import math
from collections.abc import Mapping

import torch

from svcfx.errors import ParamError, VoiceError, nearest


def shares(text: str, singers: Mapping[str, int]) -> dict[str, float]:
    """What each singer has of a mix, adding to 1, written as "alto" or "alto:2, tenor:1".

    Raises:
        VoiceError: The voice has no such singer. ParamError: A weight is no number above 0.
    """
    named: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, colon, weight = (field.strip() for field in part.partition(":"))
        if name not in singers:
            raise VoiceError(
                f"blend_with names '{name}', the voice has {', '.join(singers)}{nearest(name, singers)}"
            )
        named[name] = named.get(name, 0.0) + (_weight(part, weight) if colon else 1.0)
    total = sum(named.values())
    return {name: weight / total for name, weight in named.items()}


def weights(
    singer: str, others: Mapping[str, float], blend: torch.Tensor, rows: Mapping[str, int], count: int
) -> torch.Tensor:
    """Weights (T, count) of a speaker table's rows; `blend` (T,) is 0 for the singer, 1 for the others."""
    own, mix = torch.zeros(count), torch.zeros(count)
    own[rows[singer]] = 1.0
    for name, share in others.items():
        mix[rows[name]] += share
    return (1.0 - blend)[:, None] * own + blend[:, None] * mix


def _weight(part: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isfinite(value) and value > 0:
        return value
    raise ParamError(f"blend_with '{part}': a weight must be a number above 0, as in 'alto:2, tenor:1'")
