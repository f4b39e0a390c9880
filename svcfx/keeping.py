"""Results that are made once: who works says what a result depends on, who keeps may know it already."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # commands import this, and their --help loads no numpy
    from numpy.typing import NDArray

Arrays = Mapping[str, "NDArray[Any]"]


class Keeper(Protocol):
    """Asked for the result of one piece of work: arrays by name, which are only read."""

    def __call__(self, kind: str, version: int, facts: tuple[Any, ...], make: Callable[[], Arrays]) -> Arrays:
        """What `make` gives, or gave before.

        Args:
            kind: What work it is, such as "content".
            version: Counts one up when a change to the code changes results.
            facts: All else that the result depends on: numbers, texts, arrays, and tuples of them.
        """
        ...


def afresh(kind: str, version: int, facts: tuple[Any, ...], make: Callable[[], Arrays]) -> Arrays:
    """Nothing is kept: the default."""
    return make()
