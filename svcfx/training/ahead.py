"""What the next step needs is made while one is worked on."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")


def ahead(make: Callable[[int], Made], first: int, stop: int) -> Iterator[tuple[int, Made]]:
    """Numbers from `first` to `stop` with what `make` gives for them, one made in advance."""
    with ThreadPoolExecutor(1) as pool:
        coming: Future[Made] | None = pool.submit(make, first) if first < stop else None
        for number in range(first, stop):
            assert coming is not None
            made = coming.result()
            coming = pool.submit(make, number + 1) if number + 1 < stop else None
            yield number, made
