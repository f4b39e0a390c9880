"""Write docs/studio.png and docs/report.png, the bundled song in the studio and its report:
`python docs/page_pictures.py [FOLDER]`."""

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


LANE = """async () => {
    const { patch } = await import("/page/api.js");
    const points = [[3, -2], [5, 0], [7, -3], [9, -3], [11, 1.5]];
    const value = { points, unit: "bars" };
    await patch("session", { changes: [{ key: ["stems", 0, "automation", "gain_db"], value }] });
}"""


def main() -> None:
    """Take the pictures."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    with tempfile.TemporaryDirectory() as place:
        song = Path(place) / "auld-lang-syne"
        shutil.copytree(ROOT / "svcfx/demo", song)
        command = [sys.executable, "-m", "svcfx", "studio", str(song), "--no-browser", "--port", "0"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert server.stdout is not None
        try:
            _studio(server.stdout.readline().strip(), target / "studio.png")
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)
        command = [
            sys.executable,
            "-m",
            "svcfx",
            "render",
            str(song / "session.toml"),
            "-o",
            place,
            "--report",
        ]
        subprocess.run(command, check=True, env=environment)
        (page,) = Path(place).glob("*.html")
        _report(page.as_uri(), target / "report.png")


def _report(url: str, target: Path) -> None:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        page.goto(url)
        page.locator("#zoom").fill("1.5")
        page.locator("#seek").fill("25")
        page.get_by_role("button", name="Result").first.click()
        _settled(page)
        page.screenshot(path=target)
        browser.close()


def _studio(url: str, target: Path) -> None:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1280, "height": 980})
        page.goto(url)
        page.get_by_label("Voice", exact=True).wait_for()
        page.evaluate(LANE)
        page.reload()
        page.get_by_label("Voice", exact=True).wait_for()
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
