"""Write the pictures of the studio and of a report, and one report, of the bundled song:
`python docs/page_pictures.py [FOLDER]`. Chromium and the extra `test` are needed."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "svcfx/demo"
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
"""Whoever takes the pictures may name an empty shelf in SVCFX_HOME."""
COLOURS = 96
REPORT_BARS = "5-6"
LANE = """async () => {
    const { patch } = await import("/page/api.js");
    const points = [[3, -2], [5, 0], [7, -3], [9, -3], [11, 1.5]];
    const value = { points, unit: "bars" };
    await patch("session", { changes: [{ key: ["stems", 0, "automation", "gain_db"], value }] });
}"""


def main() -> None:
    """Take the pictures."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    with tempfile.TemporaryDirectory() as place, sync_playwright() as started:
        song, empty = Path(place) / "auld-lang-syne", Path(place) / "new-song"
        shutil.copytree(DEMO, song)
        empty.mkdir()
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        with served(song) as url:
            _studio(browser, url, target)
        with served(empty) as url:
            _song(browser, url, target / "studio-song.png")
            _training(browser, url, target / "studio-training.png")
        rendered = [sys.executable, "-m", "svcfx", "render", str(song / "session.toml"), "--report"]
        out = Path(place) / "out"
        subprocess.run(
            [*rendered, "-o", str(out), "--bars", REPORT_BARS, "--quiet", "--no-cache"],
            check=True,
            env=ENVIRONMENT,
        )
        (page,) = out.glob("*.html")
        _report(browser, page.as_uri(), target / "report.png")
        shutil.copy(page, target / "report-example.html")
        browser.close()


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """A studio of a folder; gives its address."""
    command = [sys.executable, "-m", "svcfx", "studio", str(folder), "--no-browser", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)


def _studio(browser: Browser, url: str, target: Path) -> None:
    """The song with a lane; two renders compared, and the key plan; the phone's width in the dark."""
    page = browser.new_page(viewport={"width": 1280, "height": 980})
    page.goto(url)
    page.get_by_label("Voice", exact=True).wait_for()
    page.evaluate(LANE)
    page.reload()
    page.get_by_label("Voice", exact=True).wait_for()
    _rendered(page, 1)
    _taken(page, target / "studio.png")
    gain = page.locator('[data-key="group reverb"]')
    gain.click()
    wet = page.locator('[data-key="reverb.wet_level"]')
    wet.fill("0.3")
    wet.press("Tab")
    page.locator('[data-key="reverb.wet_level back"]').wait_for()
    _rendered(page, 2)
    page.get_by_role("button", name="Compare with render 1", exact=True).click()
    page.get_by_role("button", name="Find what suits the singers").click()
    page.locator("#plan li").first.wait_for(timeout=300_000)
    page.set_viewport_size({"width": 1280, "height": 1240})
    page.evaluate("scrollBy(0, document.querySelector('#plan-title').getBoundingClientRect().top - 120)")
    _taken(page, target / "studio-compare.png")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("scrollTo(0, 0)")
    _taken(page, target / "studio-phone.png")
    page.set_viewport_size({"width": 1280, "height": 760})
    page.emulate_media(color_scheme="light")
    page.locator("#clone-file").set_input_files(DEMO / "lead.ogg")
    page.locator("#clone-name").fill("mei")
    page.locator("#clone-consent").fill("Mei Lin, in writing on 3 May")
    _taken(page, target / "studio-clone.png")
    page.close()


def _song(browser: Browser, url: str, target: Path) -> None:
    """The way in with a whole song."""
    page = browser.new_page(viewport={"width": 1280, "height": 760})
    page.goto(url)
    page.get_by_role("heading", name="Drop the stems of a song here").wait_for()
    page.locator("#song-file").set_input_files(DEMO / "accompaniment.ogg")
    _taken(page, target)
    page.close()


def _training(browser: Browser, url: str, target: Path) -> None:
    """A voice that is trained of the bundled lead."""
    page = browser.new_page(viewport={"width": 720, "height": 760})
    page.goto(url)
    page.get_by_role("button", name="Train a voice…").click()
    page.locator("#train-files").set_input_files(DEMO / "lead.ogg")
    page.locator("#train-name").fill("mei")
    page.locator("#train-consent").fill("Mei Lin, in writing on 3 May")
    page.get_by_role("button", name="Listen to them").click()
    page.get_by_role("button", name="Begin the training of mei").click(timeout=300_000)
    page.get_by_role("button", name="Hear mei at step 150").wait_for(timeout=600_000)
    page.evaluate("scrollBy(0, document.querySelector('#trainings-title').getBoundingClientRect().top - 120)")
    _taken(page, target)
    page.get_by_role("button", name="Stop the training of mei").click()
    page.close()


def _report(browser: Browser, url: str, target: Path) -> None:
    page = browser.new_page(viewport={"width": 1100, "height": 1000})
    page.goto(url)
    page.get_by_role("button", name="Result").first.click()
    _taken(page, target)
    page.close()


def _rendered(page: Page, number: int) -> None:
    page.get_by_role("button", name="Render", exact=True).click()
    page.locator(f'[data-key="render {number}"]:enabled').wait_for(timeout=600_000)


def _taken(page: Page, target: Path) -> None:
    """The page as it is, in as few colours as it needs: pictures of it weigh a third so."""
    page.wait_for_timeout(3000)  # a page at work asks how far it is, so it is never idle
    page.screenshot(path=target)
    with Image.open(target) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main()
