"""Names under 'spk' of a config, and the rows of the speaker table that they stand for."""

from collections.abc import Mapping
from typing import Any

from svcfx.errors import VoiceError


def singers(name: str, document: Mapping[str, Any], rows: int) -> dict[str, int]:
    """Row of each singer; a row that the network does not have is refused.

    Args:
        name: The config in messages.
        rows: Rows of the network's table.
    """
    named = document.get("spk")
    if not isinstance(named, Mapping) or not named:
        raise VoiceError(f"{name} names no singer under 'spk'", hint='Add one, such as "spk": {"mei": 0}.')
    for singer, row in named.items():
        if isinstance(row, bool) or not isinstance(row, int) or not 0 <= row < rows:
            raise VoiceError(f"{name}: singer '{singer}' is row {row!r}, the voice has 0 to {rows - 1}")
    return {str(singer): row for singer, row in named.items()}
