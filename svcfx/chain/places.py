"""Where weights lie that a chain needs and that no voice carries; said by whoever keeps them."""

from collections.abc import Callable
from pathlib import Path

from svcfx.errors import MissingPartError

_rmvpe: list[Callable[[], Path]] = []


def rmvpe_lies_at(place: Callable[[], Path]) -> None:
    """Say where the weights of the pitch tracker RMVPE are kept."""
    _rmvpe[:] = [place]


def rmvpe_weights() -> Path | None:
    """The file of RMVPE's weights; None where it has not been fetched."""
    path = _rmvpe[0]() if _rmvpe else None
    return path if path is not None and path.is_file() else None


def require_rmvpe() -> Path:
    """The file of RMVPE's weights; raises `MissingPartError` where it has not been fetched."""
    path = rmvpe_weights()
    if path is None:
        raise MissingPartError(
            "pitch rmvpe needs weights that are not here yet", hint="run `svcfx voices pull rmvpe` once"
        )
    return path
