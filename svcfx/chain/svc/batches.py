"""Takes of one length, as many at a time as memory holds."""

from collections.abc import Callable, Sequence

import torch

from svcfx.chain.svc.take import Take
from svcfx.errors import SvcfxError

Sing = Callable[[Sequence[Take]], torch.Tensor]


def sing(perform: Sing, takes: Sequence[Take], most: int) -> list[torch.Tensor]:
    """Audio (N,) of each take, `most` samples at once; where memory ends, half as many, and so on.

    Raises:
        SvcfxError: A single take does not fit in memory.
    """
    count = max(most // max(len(takes[0].audio), 1), 1)
    groups = [takes[first : first + count] for first in range(0, len(takes), count)]
    return [audio for group in groups for audio in _halving(perform, group)]


def _halving(perform: Sing, takes: Sequence[Take]) -> list[torch.Tensor]:
    try:
        return list(perform(takes))
    except RuntimeError as error:
        if not _is_out_of_memory(error):
            raise
        if len(takes) == 1:
            raise _too_long(takes[0]) from error
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    middle = len(takes) // 2
    return _halving(perform, takes[:middle]) + _halving(perform, takes[middle:])


def _is_out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error)


def _too_long(take: Take) -> SvcfxError:
    return SvcfxError(
        f"a phrase of {len(take.audio)} samples does not fit in memory",
        hint="Close other programs, or set SVCFX_DEVICE=cpu.",
    )
