"""Singers' ranges as they are written on the command line."""

import math
from collections.abc import Iterable

from svcfx.errors import VoiceError


def parse(texts: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Read "160:700" (all singers) and "mei=160:700" into Hz by singer, "" for all.

    Raises:
        VoiceError: One is not such a pair, or its lowest note is not below its highest.
    """
    found = {}
    for text in texts:
        singer, _, span = text.rpartition("=")
        low, _, high = span.partition(":")
        try:
            pair = (float(low), float(high))
        except ValueError:
            pair = (math.nan, math.nan)
        if not 20.0 <= pair[0] < pair[1] <= 5000.0:
            raise VoiceError(
                f"range '{text}' is not LOW:HIGH in Hz, from 20 to 5000",
                hint="write `ranges` 160:700, or mei=160:700",
            )
        found[singer] = pair
    return found
