"""A real Chromium at a real studio: the command in its own process, the page driven as a person would."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HANGS_SECONDS = 300
"""Ends a test that would hang; no outcome depends on it."""
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-dev-shm-usage",
    "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip

DROP = """([files]) => {
    const transfer = new DataTransfer();
    for (const [name, data] of files) {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, {type: "audio/wav"}));
    }
    for (const kind of ["dragenter", "dragover", "drop"])
        window.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
}"""
"""Drops files, given as pairs of a name and its bytes in base 64, on the page."""


def chromium() -> str:
    """The browser's program; its test is skipped where there is none, and fails under CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None or not _has("playwright"):
        if os.environ.get("CI"):
            pytest.fail("CI needs chromium (Debian: chromium) and playwright")
        pytest.skip("chromium or playwright is not installed")
    return found


def _has(package: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(package) is not None


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """`svcfx studio` of a folder; gives the address that it prints."""
    command = [sys.executable, "-m", "svcfx", "studio", str(folder), "--no-browser", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=_hears_ctrl_c)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=HANGS_SECONDS)


def _hears_ctrl_c() -> None:
    """A shell's "&" has it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def revert(url: str) -> None:
    """Have the studio at that address show what its session's file says, before a page asks for what an
    earlier test left."""
    base, _, token = url.partition("/#token=")
    headers = {"Authorization": f"Bearer {token}"}
    asked = urllib.request.Request(f"{base}/api/session/revert", method="POST", headers=headers)
    with urllib.request.urlopen(asked, timeout=HANGS_SECONDS) as answer:
        assert answer.status == 200


def violations(page: Any) -> list[tuple[str, str, list[str]]]:
    """What axe-core finds on a page: rule, what it asks for, where; skipped without it, required by CI."""
    if not _has("axe_playwright_python"):
        if os.environ.get("CI"):
            pytest.fail("CI needs axe-playwright-python")
        pytest.skip("axe-playwright-python is not installed")
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(one["id"], one["help"], [node["html"] for node in one["nodes"]]) for one in found]


class Heard:
    """What a page asked for and complained of while it was open; `expected` are parts of what it may say."""

    def __init__(self, page: Any) -> None:
        self.urls: list[str] = []
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        page.on("request", lambda request: self.urls.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._console)
        page.on("dialog", lambda dialog: dialog.accept())

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")


_KEPT: list[Any] = []


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """One browser for every page that is opened in the block, for it takes seconds to start. Its loop runs in
    this thread as long: a module keeps one, not a session."""
    with _launched() as browser:
        _KEPT.append(browser)
        try:
            yield
        finally:
            _KEPT.remove(browser)


@contextlib.contextmanager
def _launched() -> Iterator[Any]:
    """The browser that is kept, or one for the block alone."""
    if _KEPT:
        yield _KEPT[-1]
        return
    program = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextlib.contextmanager
def opened(url: str, **options: Any) -> Iterator[tuple[Any, Heard]]:
    """A page at `url` that knows nothing of others; when the block ends it must have said nothing wrong and
    asked nobody else."""
    with _launched() as browser:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        with contextlib.closing(context):
            page = context.new_page()
            page.set_default_timeout(1000 * HANGS_SECONDS)
            heard = Heard(page)
            page.goto(url)
            yield page, heard
    base = url.split("#")[0]
    assert [other for other in heard.urls if not other.startswith((base, "blob:", "data:"))] == []
    wrong = [text for text in heard.complaints if not any(part in text for part in heard.expected)]
    assert wrong == [], wrong
