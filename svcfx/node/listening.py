"""How far a long call is, told to whoever listens: pedalboard's call has no room for a callback."""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar

OnFraction = Callable[[float], None]

_listener: ContextVar[OnFraction | None] = ContextVar("svcfx_listener", default=None)


@contextlib.contextmanager
def listening(on_fraction: OnFraction) -> Iterator[None]:
    """Have nodes that are called in the block tell `on_fraction` how much of their array is done, 0 to 1."""
    token = _listener.set(on_fraction)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(fraction: float) -> None:
    """What a node says every few seconds of audio; nobody need be listening."""
    listener = _listener.get()
    if listener is not None:
        listener(fraction)
