"""Write docs/studio.png, the bundled song in the studio: `python docs/studio_picture.py`."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip


def main() -> None:
    """Take the picture."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/studio.png"
    with tempfile.TemporaryDirectory() as place:
        song = Path(place) / "auld-lang-syne"
        shutil.copytree(ROOT / "svcfx/demo", song)
        command = [sys.executable, "-m", "svcfx", "studio", str(song), "--no-browser", "--port", "0"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert server.stdout is not None
        try:
            _shoot(server.stdout.readline().strip(), target)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


def _shoot(url: str, target: Path) -> None:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(url)
        page.get_by_role("button", name="Render", exact=True).click()
        page.get_by_text("whole song").nth(1).wait_for(timeout=300_000)
        _settled(page)
        page.screenshot(path=target)
        browser.close()


def _settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    main()
