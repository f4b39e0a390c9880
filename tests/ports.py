"""Ports for processes that are to meet."""

import contextlib
import random
import socket


def free_port() -> int:
    """One below those that the system gives to whoever asks for any, so that nobody takes it meanwhile."""
    while True:
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            return int(free.getsockname()[1])
