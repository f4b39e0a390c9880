"""What each singer has of a mix, as `blend_with` says it. No torch."""

import math
from collections.abc import Collection

from svcfx.errors import ParamError, VoiceError, nearest


def shares(text: str, singers: Collection[str]) -> dict[str, float]:
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


def _weight(part: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isfinite(value) and value > 0:
        return value
    raise ParamError(f"blend_with '{part}': a weight must be a number above 0, as in 'alto:2, tenor:1'")
