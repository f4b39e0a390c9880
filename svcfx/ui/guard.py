"""What stands before every request: who may call, from where, how much may be sent, and what a page may load.

The studio reads and writes a folder, so nobody may call it but its own page and programs that know its token:
not another site in the same browser (Host, Origin, Sec-Fetch-Site), nor another person on the machine. The
token is sent as a header, which no other site can make a browser send; there is no cookie.
"""

import hmac
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from svcfx.errors import InputError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

API = "/api/"
UPLOADS = ("/api/files/", "/api/voices/files/", "/api/tasks/recordings/", "/api/trainings/recordings/")
MOST_UPLOADED = 2_000_000_000
MOST_SAID = 4_000_000
"""Bytes of one uploaded file, and of any other request."""
HEADERS = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


_FIGURES = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*")
_REOPEN = "open the address that svcfx studio printed"


@dataclass(frozen=True, slots=True)
class Door:
    """Who is let in: the token, and the names (with port) under which the studio is reached.

    `any_address` is for a studio that other machines call, by whichever name they know it: an address in
    figures then, for a name could be somebody else's that leads here.
    """

    token: str
    hosts: frozenset[str]
    any_address: bool = False

    def knows(self, host: str) -> bool:
        """Whether the studio is called by one of its own names."""
        if host.lower() in self.hosts:
            return True
        name = host.rsplit(":", 1)[0].strip("[]")
        return self.any_address and _FIGURES.fullmatch(name) is not None


class TooMuchError(InputError):
    """A request sent more than it may."""


class Guard:
    """ASGI middleware that refuses, with `{error, hint}`, whoever may not call."""

    def __init__(self, app: App, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        refusal = self._refusal(scope["path"], headers)
        if refusal is not None:
            await _say(*refusal, send)
            return
        most = MOST_UPLOADED if scope["path"].startswith(UPLOADS) else MOST_SAID
        await self.app(scope, _bounded(receive, most), _with_headers(send))

    def _refusal(self, path: str, headers: dict[str, str]) -> tuple[int, str, str] | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self.door.knows(host):
            return (
                403,
                f"the studio is not called '{host[:100]}'",
                _REOPEN,
            )
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            return 403, f"a page of '{origin[:100]}' may not call the studio", ""
        if headers.get("sec-fetch-site") == "cross-site":
            return 403, "another site may not call the studio", ""
        if not path.startswith(API):
            return None
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode("latin-1", "replace"), self.door.token.encode()):
            return (
                401,
                "the token is missing or wrong",
                f"{_REOPEN}, token and all",
            )
        length = headers.get("content-length", "0")
        most = MOST_UPLOADED if path.startswith(UPLOADS) else MOST_SAID
        if not length.isdigit() or int(length) > most:
            return 413, f"'{length[:20]}' bytes are announced, at most {most // 1_000_000} MB are taken", ""
        return None


def _bounded(receive: Receive, most: int) -> Receive:
    """The same, until more than `most` bytes came: a length that is announced need not be true."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise TooMuchError(f"more than {most // 1_000_000} MB were sent", hint="send less at a time")
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = [(key.encode(), value.encode()) for key, value in HEADERS.items()]
            message["headers"] = [*message.get("headers", []), *own]
        await send(message)

    return guarded


async def _say(status: int, error: str, hint: str, send: Send) -> None:
    body = json.dumps({"error": error, "hint": hint}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    whole = _with_headers(send)
    await whole({"type": "http.response.start", "status": status, "headers": headers})
    await whole({"type": "http.response.body", "body": body})
