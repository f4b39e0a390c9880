"""The report of one converted file: both to be heard, what moved in cents, and no file lost."""

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner
from ui.browser import opened, violations

from svcfx import audio
from svcfx.cli.main import main

RATE = 44_100


@pytest.fixture(scope="module")
def made(tmp_path_factory, synthetic_voice):
    """A tone converted five semitones up, with its page: the folder and the page."""
    folder = tmp_path_factory.mktemp("takes")
    when = np.arange(3 * RATE) / RATE
    tone = sum(0.2 / k * np.sin(2 * np.pi * 220 * k * when) for k in range(1, 12))
    audio.write(folder / "take <b>.wav", tone[None].astype(np.float32), RATE)
    assert run(folder, synthetic_voice).exit_code == 0
    (page,) = (folder / "out").glob("*.html")
    return folder, page


def run(folder, voice, *more):
    given = ["convert", str(folder / "take <b>.wav"), "--voice", voice, "-t", "5", "-o", str(folder / "out")]
    return CliRunner().invoke(main, [*given, "--report", "--quiet", *more])


def test_what_was_moved_is_told_and_both_can_be_heard(made):
    _, page = made
    text = page.read_text()
    assert float(re.search(r"<dt>moved</dt><dd>([+-]\d+) cents", text)[1]) == pytest.approx(500, abs=15)
    assert re.findall(r'<audio [^>]*data-sound="([^"]*)"', text) == ["source-0", "result-0"]
    assert "take &lt;b&gt;" in text
    assert "take <b>" not in text
    assert "Waveform of the mix" not in text
    with opened(page.as_uri(), viewport={"width": 390, "height": 844}) as (view, _):
        view.get_by_role("button", name="Play").click()
        view.wait_for_function("() => document.getElementById('clock').textContent > '0:00.2'")
        view.get_by_role("button", name="Source").click()
        view.get_by_role("button", name="Pause").click()
        assert violations(view) == []


def test_a_page_stays_where_nothing_changed_and_steps_aside_from_another_file(made, synthetic_voice):
    folder, page = made
    before = page.stat().st_mtime_ns
    again = run(folder, synthetic_voice)
    assert again.stdout.splitlines()[-1] == str(page)
    assert page.stat().st_mtime_ns == before
    kept, words = page.read_text(), "mine"
    page.write_text(words)
    aside = run(folder, synthetic_voice, "--json")
    told = json.loads(aside.stdout.splitlines()[-1])
    assert told["report"] == str(page.with_name(f"{page.stem}-2.html"))
    assert page.read_text() == words
    page.write_text(kept)
