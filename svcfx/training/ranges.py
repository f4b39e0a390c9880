"""What every recipe of a training is asked: whether its numbers can be."""

from collections.abc import Iterable

from svcfx.errors import ParamError, nearest


def require_least(recipe: object, lowest: dict[str, float]) -> None:
    """Raise `ParamError` when one of these fields is below its least, infinite or no number."""
    for name, low in lowest.items():
        value = getattr(recipe, name)
        if not low <= value < float("inf"):
            raise ParamError(f"{name} is {value}, allowed is {low:g} or more")


def require_shares(recipe: object, names: Iterable[str]) -> None:
    """Raise `ParamError` when one of these fields is not from 0 to 1."""
    for name in names:
        value = getattr(recipe, name)
        if not 0.0 <= value <= 1.0:
            raise ParamError(f"{name} is {value}, allowed are 0 to 1")


def require_known(name: str, value: str, allowed: Iterable[str]) -> None:
    """Raise `ParamError` when a choice is none of those that there are."""
    known = tuple(allowed)
    if value not in known:
        raise ParamError(f"{name} is '{value}'{nearest(value, known)}, allowed are {', '.join(known)}")
