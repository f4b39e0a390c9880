"""Studios in temporary folders, and their API, called as the page calls it."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from svcfx import audio

fastapi = pytest.importorskip("fastapi")
RATE = 44_100
TOKEN = "a-token-that-nobody-guesses"


def tone(hz: float, seconds: float) -> audio.Samples:
    """A harmonic tone, shape (1, frames)."""
    when = np.arange(round(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * hz * k * when) / k for k in range(1, 9))
    return (0.1 * wave[None]).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two stems of two seconds, and nothing else."""
    song = tmp_path / "song"
    song.mkdir()
    audio.write(song / "lead vox.wav", tone(220.0, 2.0), RATE)
    audio.write(song / "drum loop 60bpm.wav", tone(110.0, 2.0), RATE)
    return song


def sung(folder: Path, voice: str, lead: str = "") -> Path:
    """The folder with a session: a lead that a voice sings, with more said of it in `lead`, and drums; two
    bars of one second at 240 a minute."""
    (folder / "sung.toml").write_text(
        f'svcfx_preset = 1\nname = "sung"\n[[nodes]]\nnode = "VoiceConversion"\nvoice = "{voice}"\n'
        '[[nodes]]\nnode = "Reverb"\nwet_level = 0.1\ndry_level = 0.5\n'
    )
    (folder / "session.toml").write_text(
        "svcfx_session = 1\n[tempo]\nbpm = 240.0\n"
        '[[stems]]\nfile = "lead vox.wav"\nname = "lead"\nrole = "lead"\n'
        f'preset = "sung.toml"\n{lead}'
        '[[stems]]\nfile = "drum loop 60bpm.wav"\nname = "drums"\nrole = "drums"\n'
        "[master]\ntail_seconds = 0.0\n"
    )
    return folder


@pytest.fixture
def api(folder: Path) -> Iterator["Api"]:
    """The API of a studio in `folder`."""
    with opened(folder) as made:
        yield made


class opened:
    """A studio of a folder, closed when the block ends."""

    def __init__(self, place: Path, watched: Sequence[Path] = ()) -> None:
        from svcfx.render.store import Memory
        from svcfx.ui.studio import Studio

        self.studio = Studio.at(place, Memory(), watched)

    def __enter__(self) -> "Api":
        from fastapi.testclient import TestClient

        from svcfx.ui import app
        from svcfx.ui.guard import Door

        made = app.make(self.studio, Door(TOKEN, frozenset({"127.0.0.1:8765"})))
        headers = {"Authorization": f"Bearer {TOKEN}"}
        client = TestClient(
            made, base_url="http://127.0.0.1:8765", headers=headers, raise_server_exceptions=False
        )
        return Api(client, self.studio)

    def __exit__(self, *_: object) -> None:
        self.studio.close()


class Api:
    """Calls that must succeed, and calls that must be refused."""

    def __init__(self, client: Any, studio: Any) -> None:
        self.client, self.studio = client, studio

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of a call that succeeds, as plain values."""
        answer = self.client.request(method, path, json=body)
        assert answer.status_code in (200, 201), (path, answer.text)
        return answer.json()

    def refused(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str]:
        """Status and sentence of a call that is refused, as every refusal is told."""
        content = {"json": body} if body is not None else {}
        answer = self.client.request(method, path, **content, **more)
        assert answer.status_code >= 400, answer.text
        told = answer.json()
        assert set(told) == {"error", "hint"}
        assert "\n" not in told["error"]
        return answer.status_code, told["error"]

    def change(self, *changes: tuple[list[str | int], Any]) -> Any:
        """The session after changes by key path."""
        edits = [{"key": key, "value": value} for key, value in changes]
        return self.ask("PATCH", "/api/session", {"changes": edits})

    def begin(self) -> Any:
        """The session of all audio that the folder holds."""
        found = self.ask("GET", "/api/session")["found"]
        return self.ask("POST", "/api/session/files", {"files": found})

    def rendered(self, bars: str | None = None) -> Any:
        """A render, once it is over."""
        number = self.ask("POST", "/api/jobs", {"bars": bars})["number"]
        return self.over(number)

    def over(self, number: int, is_enough: Callable[[Any], bool] = lambda job: False) -> Any:
        """A job, once it is over or far enough."""
        until = time.monotonic() + 600
        while time.monotonic() < until:
            job = self.ask("GET", f"/api/jobs/{number}")
            if job["state"] in ("done", "failed", "cancelled") or is_enough(job):
                return job
            time.sleep(0.02)
        raise AssertionError(f"render {number} does not end")
