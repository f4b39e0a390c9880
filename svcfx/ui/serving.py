"""Serve a studio: on which address, under which names, with which token."""

import contextlib
import ipaddress
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from svcfx.errors import InputError, OutputError
from svcfx.render.store import Store
from svcfx.ui import app
from svcfx.ui.guard import Door
from svcfx.ui.studio import Studio, check_writable

LOOPBACK = "127.0.0.1"
SHORTEST_PASSWORD = 12
_CLOSING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where the studio is to be reached; `password` stands in place of a token made anew each time."""

    host: str = LOOPBACK
    port: int = 0
    password: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine can call."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def serve(
    place: Path,
    address: Address,
    *,
    with_page: bool = True,
    store: Store | None = None,
    watched: Sequence[Path] = (),
    on_open: Callable[[str], None] = lambda url: None,
) -> None:
    """Open the studio of a folder or session file until Ctrl-C closes it. Calls are answered by other
    threads; this one, the program's first, is left to what needs it.

    Args:
        place: The folder, or its session file.
        address: Where; port 0 takes a free one.
        with_page: Serve the page too, not the API alone.
        store: Keeps what renders made, for the next ones; None makes everything again.
        watched: Folders of trainings elsewhere that the page shows.
        on_open: Is told the page's address, token and all, once it can be called.

    Raises:
        InputError: There is no such folder, or the address is open to others and no password is given.
        OutputError: The address cannot be listened at.
    """
    check(address)
    studio = Studio.at(place, store, watched)
    check_writable(studio.folder)
    listening = _listen(address)
    port = int(listening.getsockname()[1])
    token = address.password or secrets.token_urlsafe(24)
    door = Door(token, names(address, port), any_address=not address.is_loopback)
    config = uvicorn.Config(
        app.make(studio, door, with_page=with_page),
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    answering = threading.Thread(target=server.run, args=([listening],), name="studio-http", daemon=True)
    try:
        on_open(url(address, port, token))
        answering.start()
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how it is closed
            studio.host.serve(answering.is_alive)
    finally:
        server.should_exit = True
        studio.close()
        if answering.ident is not None:
            answering.join(_CLOSING_SECONDS)
        listening.close()


def check(address: Address) -> None:
    """Refuse an address that others can reach, unless there is a password that can stand for a token.

    Raises:
        InputError: It is one.
    """
    if address.password and len(address.password) < SHORTEST_PASSWORD:
        raise InputError(
            f"the password has {len(address.password)} characters, it must have at least {SHORTEST_PASSWORD}"
        )
    if not address.password.isascii():
        raise InputError("the password has letters beyond ASCII, which headers do not carry")
    if not address.is_loopback and not address.password:
        raise InputError(
            f"'{address.host}' can be reached by other machines: whoever has the address could read and"
            " render this folder, and what is sent is not encrypted",
            hint="set SVCFX_STUDIO_PASSWORD, or better reach it through ssh -L",
        )


def names(address: Address, port: int) -> frozenset[str]:
    """The names under which the studio is called."""
    known = {"localhost", LOOPBACK, "[::1]"} if address.is_loopback else set()
    known.add(_bracketed(address.host))
    return frozenset(f"{name}:{port}" for name in known)


def url(address: Address, port: int, token: str) -> str:
    """The page's address. The token is a fragment, which browsers send to nobody; a password is not shown."""
    end = "" if address.password else f"#token={token}"
    return f"http://{_bracketed(address.host)}:{port}/{end}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address.host, address.port))
        listening.listen()
    except OSError as error:
        listening.close()
        why = (error.strerror or str(error)).lower()
        raise OutputError(
            f"{address.host}:{address.port} cannot be listened at: {why}", hint="try another port"
        ) from error
    return listening
