"""The report of a bounce: figures that are laws, one file that needs nothing, and no file lost."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import mido
import numpy as np
import pytest
from click.testing import CliRunner
from ui.browser import opened, violations

from svcfx import audio
from svcfx.cli.main import main
from svcfx.dsp import loudness
from svcfx.errors import OutputExistsError
from svcfx.report import players
from svcfx.report.bounced_page import Report
from svcfx.report.players import BitBudget
from svcfx.session.bounce import bounce

RATE = 44_100
HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">'
SESSION = f"""
svcfx_session = 1
title = '{HOSTILE}'
[tempo]
bpm = 120.0
[key]
points = [[0.0, 0], [2.0, 2]]
[[stems]]
file = "vocal.wav"
name = "lead"
role = "lead"
preset = "sung.toml"
match_loudness = false
automation."voice.formant_semitones" = {{ points = [[0.0, 0.0], [4.0, 2.0]] }}
[[stems]]
file = "tone.wav"
name = 'a <b>"tone"'
role = "pass"
gain_db = -6.0
[master]
tail_seconds = 0.0
"""


def harmonic(hz, seconds):
    when = np.arange(round(seconds * RATE)) / RATE
    return sum(0.2 / k * np.sin(2 * np.pi * hz * k * when) for k in range(1, 12))[None].astype(np.float32)


@pytest.fixture(scope="module")
def song(tmp_path_factory, synthetic_voice):
    """A song of four seconds: 220 Hz sung five semitones higher, the key up a tone at second 2, and a sine
    of -20 dBFS on both sides."""
    folder = tmp_path_factory.mktemp("song") / "carol"
    folder.mkdir()
    audio.write(folder / "vocal.wav", harmonic(220.0, 4.0), RATE)
    sine = 0.1 * np.sin(2 * np.pi * 997 * np.arange(4 * RATE) / RATE)
    audio.write(folder / "tone.wav", np.stack([sine, sine]).astype(np.float32), RATE)
    (folder / "sung.toml").write_text(
        'svcfx_preset = 1\nname = "sung"\n[[nodes]]\nnode = "VoiceConversion"\nname = "voice"\n'
        f'voice = "{synthetic_voice}"\ntranspose_semitones = 5.0\n'
    )
    (folder / "session.toml").write_text(SESSION)
    return folder / "session.toml"


def reported(song, out, **settings):
    report = Report(settings.get("on_exists", "error"))
    done = bounce(song, out, listener=report, **settings)
    return report, report.write(done)


@pytest.fixture(scope="module")
def made(song, tmp_path_factory):
    """A report and its page."""
    return reported(song, tmp_path_factory.mktemp("out"))


@pytest.mark.slow
def test_a_voice_moved_by_semitones_shows_them_in_each_key(made):
    report, _ = made
    lead, _ = report.told.figures()["strips"]
    cents = [(moved["from_seconds"], moved["cents"]) for moved in lead["moved"]]
    assert [at for at, _ in cents] == [0.0, 2.0]
    assert [found for _, found in cents] == pytest.approx([500, 700], abs=15)
    assert lead["pitch"]["error_cents"] < 15
    assert (lead["pitch"]["octave_jumps"], lead["pitch"]["gpe"]) == (0, 0.0)
    assert lead["source"]["seconds"] == lead["result"]["seconds"] == 4.0
    (lane,) = lead["lanes"]
    assert (lane["name"], lane["low"], lane["high"]) == (
        "voice.formant_semitones", pytest.approx(0, abs=0.01), pytest.approx(2, abs=0.01),
    )  # fmt: skip


def test_what_each_stage_cost_is_the_whole_cost_and_clicks_are_counted(made):
    report, path = made
    lead, tone = report.told.figures()["strips"]
    for strip in (lead, tone):
        rounded = 0.005 * (len(strip["stages"]) + 1) + 1e-6  # each is told to a hundredth
        assert sum(strip["stages"].values()) == pytest.approx(strip["work_seconds"], abs=rounded)
    assert set(lead["stages"]) >= {"pitch", "content", "board"}
    assert lead["clicks"] == {"source": 0, "result": 0}
    assert tone["clicks"] is None
    if lead["likeness"] is not None:
        assert -1.0 <= lead["likeness"]["source"] <= 1.0
    assert re.search(r"pitch \d+\.\d\d", path.read_text())


def test_a_sine_of_known_level_shows_it_before_and_behind_its_fader(made):
    """997 Hz at -20 dBFS on both sides is -20 LUFS (BS.1770-4), and its peaks are its true peaks."""
    report, _ = made
    _, tone = report.told.figures()["strips"]
    for side, level in (("source", -20.0), ("result", -26.0)):
        assert (tone[side]["lufs"], tone[side]["dbtp"]) == pytest.approx((level, level), abs=0.05)
        assert tone[side]["range_lu"] < 0.1
    assert tone["pitch"] is None


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.policy, self.text = [], [], "", ""

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href", "action", "poster")]
        assert not [name for name in known if name.startswith("on") or name == "style"]
        if known.get("http-equiv") == "Content-Security-Policy":
            self.policy = known["content"]

    def handle_data(self, data):
        self.text += data


def test_the_page_holds_all_it_needs_and_escapes_every_name(made):
    _, path = made
    text = path.read_text()
    page = _Page()
    page.feed(text)
    assert page.addresses
    assert all(address.startswith("data:audio/ogg;base64,") for address in page.addresses)
    assert re.findall(r"(?:https?:)?//[a-z]+\.[a-z]", re.sub(r"base64,[^\"]*", "", text)) == []
    assert page.policy.startswith("default-src 'none'")
    assert "unsafe" not in page.policy
    assert page.tags.count("script") == 2
    assert "img" not in page.tags
    assert HOSTILE in page.text
    assert 'a <b>"tone"' in page.text


def test_the_figures_of_the_page_are_those_of_the_object(made):
    report, path = made
    page = _Page()
    page.feed(path.read_text())
    for strip in report.told.figures()["strips"]:
        for side in ("source", "result"):
            for name, unit in (("lufs", "LUFS"), ("range_lu", "LU"), ("dbtp", "dBTP")):
                assert f"{strip[side][name]:.1f} {unit}" in page.text


@pytest.mark.slow
def test_the_program_of_the_docs_writes_the_page_and_says_how_loud_it_is(song, tmp_path, monkeypatch, capsys):
    shutil.copytree(song.parent, tmp_path / "song")
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[2] / "docs/report.md").read_text()
    exec(compile(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], "docs/report.md", "exec"), {})
    path, lufs = capsys.readouterr().out.split()
    assert (tmp_path / path).read_text().startswith("<!DOCTYPE html>")
    assert -40 < float(lufs) < 0


@pytest.mark.slow
def test_a_page_that_is_there_as_it_would_be_made_stays_and_another_file_is_not_lost(song, tmp_path):
    _, path = reported(song, tmp_path)
    before = path.stat().st_mtime_ns
    report, again = reported(song, tmp_path)
    assert (again, report.told, path.stat().st_mtime_ns) == (path, None, before)
    path.write_text("mine")
    with pytest.raises(OutputExistsError, match="exists already"):
        reported(song, tmp_path)
    reported(song, tmp_path, on_exists="skip")
    assert path.read_text() == "mine"
    reported(song, tmp_path, on_exists="overwrite")
    assert path.read_text() != "mine"


def test_the_command_prints_the_page_or_the_same_figures_as_json(song, tmp_path):
    done = CliRunner().invoke(main, ["render", str(song), "-o", str(tmp_path), "--report", "--json"])
    assert done.exit_code == 0, done.output
    events = [json.loads(line) for line in done.stdout.splitlines()]
    (told,) = [event for event in events if event["event"] == "report"]
    assert told["file"] == str(tmp_path / "carol.html")
    assert told["figures"]["strips"][1]["result"]["lufs"] == pytest.approx(-26.0, abs=0.05)
    (tmp_path / "carol.html").unlink()
    again = CliRunner().invoke(main, ["render", str(song), "-o", str(tmp_path), "--report", "--quiet"])
    assert again.stdout.splitlines() == [str(tmp_path / "carol.html")]


@pytest.mark.parametrize("drawn", [0, 1_500_000])
@pytest.mark.parametrize("parts", [0, 2, 6, 40])
@pytest.mark.parametrize("seconds", [1, 240, 1200])
def test_sound_and_drawings_stay_within_what_a_page_may_weigh(seconds, parts, drawn):
    budget = BitBudget.of(seconds, parts, drawn)
    weight = budget.bits_per_second * (players.MIX_SHARES + budget.parts * players.PART_SHARES) * seconds / 8
    assert weight * 4 / 3 + drawn <= players.MOST_BYTES * 1.001
    assert budget.parts <= parts
    assert seconds > 240 or parts > 6 or budget.parts == parts


@pytest.mark.parametrize("bits_per_second", [8_000, 32_000])
def test_a_player_weighs_no_more_than_was_asked_for(bits_per_second):
    noise = 0.1 * np.random.default_rng(1).standard_normal((2, 10 * RATE)).astype(np.float32)
    sound = BitBudget(bits_per_second, 2).mix(noise, RATE)
    asked = players.MIX_SHARES * bits_per_second * 10 / 8 * 4 / 3
    assert 0.7 * asked < len(sound.address) < 1.1 * asked
    assert sound.lufs == pytest.approx(loudness.integrated_lufs(noise, RATE), abs=0.01)


def test_players_run_together_and_nothing_leaves(made):
    _, path = made
    sounds = "[...document.querySelectorAll('audio')]"
    where = f"{sounds}.filter((a) => !a.paused).map((a) => [a.currentTime, a.muted])"
    with opened(path.as_uri(), viewport={"width": 390, "height": 844}) as (page, _):
        page.get_by_role("button", name="Result").focus()
        page.keyboard.press("Enter")
        page.locator("#seek").fill("1.5")
        page.get_by_role("button", name="Play").press("Enter")
        page.wait_for_function("() => document.getElementById('clock').textContent > '0:01.8'")
        playing = page.evaluate(where)
        assert len(playing) == 3
        assert [muted for _, muted in playing].count(False) == 1
        assert max(at for at, _ in playing) - min(at for at, _ in playing) < 0.2
        page.get_by_role("button", name="Pause").click()
        volumes = page.evaluate(f"{sounds}.map((a) => [Number(a.dataset.lufs), a.volume])")
        evened = [lufs + 20 * np.log10(volume) for lufs, volume in volumes]
        assert max(evened) - min(evened) < 0.02
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert violations(page) == []


def test_the_program_of_the_docs_runs(song, tmp_path, monkeypatch, capsys):
    text = (Path(__file__).parents[2] / "docs" / "report.md").read_text()
    program = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "song").symlink_to(song.parent)
    exec(compile(program, "docs/report.md", "exec"), {})
    path, lufs = capsys.readouterr().out.split()
    assert (Path(path).is_file(), float(lufs) < 0) == (True, True)


@pytest.mark.slow
def test_buses_and_sections_are_told_with_their_ways_and_names(song, tmp_path):
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    track += [mido.MetaMessage("marker", text=text, time=960) for text in ("<b>loud</b>", "end")]
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(song.parent / "song.mid")
    path = song.parent / "bused.toml"
    text = SESSION.replace("[tempo]\nbpm = 120.0", '[midi]\nfile = "song.mid"').replace(
        "-6.0\n", '-6.0\nto = "all"\n'
    )
    text += '[[buses]]\nname = "all"\nsends = [{ bus = "room" }]\n[[buses]]\nname = "room"\n'
    path.write_text(text + '[sections."<b>loud</b>"]\ncrossfade_seconds = 0.0\nall.gain_db = 6.0\n')
    report, page = reported(path, tmp_path / "out")
    figures = report.told.figures()
    assert figures["sections"] == [
        {"name": "<b>loud</b>", "from_seconds": 1.0, "to_seconds": 2.0, "changes": "all.gain_db = 6"}
    ]
    by_name = {strip["name"]: strip for strip in figures["strips"]}
    assert (by_name["all"]["to"], by_name["all"]["sends"]) == ("master", ["room"])
    assert [lane["name"] for lane in by_name["all"]["lanes"]] == ["gain_db"]
    assert "<b>loud</b>" not in page.read_text()
    with opened(page.as_uri()) as (shown, _):
        assert shown.get_by_text("<b>loud</b>, 1.0 to 2.0 s: all.gain_db = 6").is_visible()
        assert shown.get_by_text("goes to master, sends to room").is_visible()
