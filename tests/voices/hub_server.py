"""A hub for tests: serves the files of one folder as huggingface.co does, and fails as a hub fails."""

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SMALL = (".json", ".yaml", ".md")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """A repository on a local port.

    Attributes:
        cut_after: Break the connection after so many bytes of each answer; 0 never.
        cuts: How often it does so.
        lies: Names whose bytes are changed on their way.
        dead: Accept connections and never answer. gone: Hang up on everybody; `gone_after_cut` from the first
            cut on.
        tags: Of the repository's page. gated: Show the list, refuse the files.
        extra: Names that the listing has and that no file stands behind.
        asked: Paths and ranges that were asked for.
    """

    repo: str
    folder: Path
    revisions: tuple[str, ...] = ("main", COMMIT)
    cut_after: int = 0
    cuts: int = 0
    lies: frozenset[str] = frozenset()
    dead: bool = False
    gone: bool = False
    gone_after_cut: bool = False
    extra: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    gated: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def listing(self) -> dict[str, object]:
        """What /api/models/... answers."""
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        siblings = [self._sibling(str(path.relative_to(self.folder)), path.read_bytes()) for path in files]
        siblings += [self._sibling(name, b"evil") for name in self.extra]
        return {"id": self.repo, "modelId": self.repo, "sha": COMMIT, "siblings": siblings, "tags": self.tags}

    def _sibling(self, name: str, data: bytes) -> dict[str, object]:
        found: dict[str, object] = {"rfilename": name, "size": len(data), "blobId": "0" * 40}
        if not name.endswith(SMALL):
            found["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 100}
        return found


@contextlib.contextmanager
def serve(hub: Hub) -> Iterator[Hub]:
    """Run the hub until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked.append((self.path, self.headers.get("Range", "")))
            if hub.dead:
                threading.Event().wait(60)
                return
            if hub.gone:
                self.close_connection = True
                return
            path = self.path.partition("?")[0]
            api = re.fullmatch(rf"/api/models/{hub.repo}(?:/revision/(.+))?", path)
            file = re.fullmatch(rf"/{hub.repo}/resolve/([^/]+)/(.+)", path)
            stored = re.fullmatch(r"/cdn/(.+)", path)
            if api and (api[1] or "main") in hub.revisions:
                self._send(json.dumps(hub.listing()).encode())
            elif file and hub.gated:
                self._refuse("GatedRepo", 403)
            elif file and (hub.folder / file[2]).is_file() and not file[2].endswith(SMALL):
                self.send_response(302)  # large files lie on other machines
                self.send_header("Location", f"{hub.url}/cdn/{file[2]}")
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif (file or stored) and (hub.folder / (file[2] if file else stored[1])).is_file():
                name = file[2] if file else stored[1]
                data = (hub.folder / name).read_bytes()
                self._send(data[::-1] if name in hub.lies else data)
            elif api:
                self._refuse("RevisionNotFound")
            else:
                self._refuse("EntryNotFound" if file else "RepoNotFound")

        do_HEAD = do_GET

        def _refuse(self, code: str, status: int = 404) -> None:
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _send(self, data: bytes) -> None:
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            start = int(asked[1]) if asked else 0
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            if self.command == "HEAD":
                return
            part = data[start:]
            if hub.cut_after and hub.cuts and len(part) > hub.cut_after:
                hub.cuts -= 1
                hub.gone = hub.gone or hub.gone_after_cut
                self.wfile.write(part[: hub.cut_after])
                self.wfile.flush()
                self.connection.close()
                return
            self.wfile.write(part)

        def log_message(self, *_words: object) -> None:
            pass

    return Handler
