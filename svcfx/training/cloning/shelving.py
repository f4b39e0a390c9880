"""A parametric voice of somebody's own on the shelf, whole or not at all; and the range that suits it."""

from collections.abc import Callable
from pathlib import Path

from svcfx.voices import staging
from svcfx.voices.card import Card, CardPart, read, sha256_of, write

LOWER, HIGHER, LEAST_REACH = 2.0 ** (-3.0 / 12.0), 2.0 ** (3.0 / 12.0), 4.0
"""A range is widened by 3 semitones on each side, and to two octaves upwards: speech spans less than song."""


def shelve(card: Card, place: Path, weights: str, save: Callable[[Path], object]) -> Card:
    """Put a voice into a folder of the shelf; returns its card with the hash of what `save` wrote.

    Raises:
        OutputError: The disk is full or cannot be written; the shelf is as it was.
    """
    with staging.folder(place) as folder:
        save(folder / weights)
        part = CardPart(file=weights, sha256=sha256_of(folder / weights))
        write(card.model_copy(update={"parts": {"weights": part}}), folder / "card.toml")
    return read(place / "card.toml")


def widened(low_hz: float, high_hz: float) -> tuple[float, float]:
    """Lowest and highest note that a singer may be asked for who was heard from `low_hz` to `high_hz`."""
    low = low_hz * LOWER
    return low, max(high_hz * HIGHER, low * LEAST_REACH)
