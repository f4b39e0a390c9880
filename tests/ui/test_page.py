"""The page in a real Chromium: from dropped stems to a saved session, by mouse and by keyboard alone."""

import base64
import re
import shutil

import mido
import numpy as np
import pytest
from ui.browser import DROP, HANGS_SECONDS, kept, opened, revert, served, violations
from ui.conftest import RATE, tone
from voices import rvc_checkpoints

from svcfx import audio
from svcfx.report import sung
from svcfx.session import document
from svcfx.session.bounce import bounce
from svcfx.training import history
from svcfx.voices import shelf

SECONDS = 4.0
PLAYED = "(time) => document.getElementById('at-time').textContent >= time"


@pytest.fixture(scope="module", autouse=True)
def _browser():
    with kept():
        yield


STEMS = {"lead vox.wav": 220.0, "keys.wav": 330.0}


@pytest.fixture
def stems(tmp_path):
    """Two stems of four seconds that lie somewhere else, by name."""
    for name, hz in STEMS.items():
        audio.write(tmp_path / name, tone(hz, SECONDS), RATE)
    return {name: (tmp_path / name).read_bytes() for name in STEMS}


@pytest.fixture
def empty(tmp_path, synthetic_voice):
    """A song with nothing but a preset of its own."""
    return written(tmp_path / "my song", synthetic_voice)


def written(song, voice):
    """A folder with a preset of a small voice."""
    song.mkdir()
    (song / "small.toml").write_text(
        'svcfx_preset = 1\nname = "small"\ndescription = "A small voice."\n'
        f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{voice}"\n'
        '[[nodes]]\nnode = "Reverb"\nwet_level = 0.0\ndry_level = 0.5\n'
    )
    return song


TEXT = (
    '# by hand\nsvcfx_session = 1\ntitle = "Ours"\n\n[tempo]\nbpm = 120.0\n\n'
    '[[stems]]\nfile = "lead vox.wav"\nrole = "lead"\npreset = "small.toml"\n\n'
    '[[stems]]\nfile = "keys.wav"\nrole = "pass"   # leave it\n'
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, synthetic_voice):
    """A studio of a song with both stems and a session: its folder and address."""
    song = written(tmp_path_factory.mktemp("shared") / "our song", synthetic_voice)
    for name, hz in STEMS.items():
        audio.write(song / name, tone(hz, SECONDS), RATE)
    (song / "session.toml").write_text(TEXT)
    with served(song) as url:
        yield song, url


@pytest.fixture
def begun(shared):
    """The same, with the session as it was: a page of it and its folder. Presets that come into it go once
    the page is closed, which may still ask about them, and the session names them no more."""
    song, url = shared
    as_it_was(song, url)
    presets = set(song.glob("[!.]*.toml"))
    with opened(url) as (page, heard):
        page.get_by_label("Voice", exact=True).wait_for()
        yield page, heard, song
    if brought := set(song.glob("[!.]*.toml")) - presets:
        as_it_was(song, url)
        for path in brought:
            path.unlink()


def as_it_was(song, url):
    """Have the session of a studio say again what it said first."""
    (song / "session.toml").write_text(TEXT)
    revert(url)


def drop(page, files):
    page.evaluate(DROP, [[[name, base64.b64encode(data).decode()] for name, data in files.items()]])


def change(page, key, value):
    """Type into the field with that key, and leave it."""
    field = page.locator(f'[data-key="{key}"]')
    field.fill(value)
    field.press("Tab")


def render(page, number):
    """Ask for a render and wait for it; every one before it is there still."""
    page.get_by_role("button", name="Render", exact=True).click()
    page.locator("#renders button:enabled").filter(has_text=re.compile(rf"^{number} ")).wait_for()


def following(page):
    """The number of the next render: every test of a studio makes some, and the page shows the last ten."""
    asked = """async () => {
        const jobs = await (await import("/page/api.js")).get("jobs");
        return Math.max(0, ...jobs.map(({ number }) => number));
    }"""
    return 1 + page.evaluate(asked)


def written_down(page, text):
    """Wait until the session that the page shows says this."""
    page.wait_for_function("(text) => document.getElementById('text').textContent.includes(text)", arg=text)


def play(page):
    """Play the first bar again and again: it does not end by itself."""
    page.locator("#loop-to").fill("1")
    page.get_by_role("button", name="Loop", exact=True).click()
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="Stop", exact=True).wait_for()


def fetched(page, path, target):
    """The samples that the page would play."""
    data = page.evaluate(
        """async (path) => {
            const api = await import("/page/api.js");
            const bytes = new Uint8Array(await api.sound(path));
            let text = "";
            for (let at = 0; at < bytes.length; at += 32768)
                text += String.fromCharCode(...bytes.subarray(at, at + 32768));
            return btoa(text);
        }""",
        path,
    )
    target.write_bytes(base64.b64decode(data))
    return audio.read(target)


def semitones(sound, first, last):
    """The median pitch between two seconds, as a MIDI number."""
    return float(np.nanmedian(sung(sound).notes[round(first * 100) : round(last * 100)]))


def shows(page, key, value):
    """Wait until the field with that key has that value."""
    from playwright.sync_api import expect

    expect(page.locator(f'[data-key="{key}"]')).to_have_value(value, timeout=1000 * HANGS_SECONDS)


def test_from_dropped_stems_to_a_saved_song(empty, stems, tmp_path):
    with served(empty) as url, opened(url) as (page, _):
        page.get_by_role("heading", name="Drop the stems of a song here").wait_for()
        assert page.evaluate("location.hash") == ""
        drop(page, stems)
        page.get_by_role("group", name="lead vox").wait_for()
        assert sorted(path.name for path in empty.glob("*.wav")) == ["keys.wav", "lead vox.wav"]

        page.get_by_label("Role", exact=True).wait_for()
        assert page.get_by_role("radio", name="Result").is_disabled()
        page.get_by_label("Preset", exact=True).select_option("small.toml")
        page.get_by_label("Voice", exact=True).wait_for()
        render(page, 1)
        before = fetched(page, "jobs/1/strips/lead%20vox/audio", tmp_path / "one.wav")

        # A click in the lane, at bar 2, three semitones above the middle line.
        lane = page.get_by_role("application")
        box = lane.bounding_box()
        lane.click(position={"x": box["width"] / 2 + 1, "y": box["height"] * (9 - 3 + 0.2 - 3) / 12})
        page.get_by_text("not saved", exact=True).wait_for()
        page.locator('[data-key="bar 1"]').wait_for()
        assert page.locator('[data-key="bar 1"]').input_value() == "2"
        change(page, "semitones 1", "3")
        render(page, 2)
        after = fetched(page, "jobs/2/strips/lead%20vox/audio", tmp_path / "two.wav")
        assert semitones(after, 0.3, 1.8) == pytest.approx(semitones(before, 0.3, 1.8), abs=0.2)
        assert semitones(after, 2.3, 3.8) - semitones(before, 2.3, 3.8) == pytest.approx(3.0, abs=0.2)

        page.locator('[data-key="group reverb"]').click()
        change(page, "reverb.wet_level", "0.8")
        page.locator('[data-key="reverb.wet_level back"]').wait_for()
        render(page, 3)
        wet = fetched(page, "jobs/3/strips/lead%20vox/audio", tmp_path / "three.wav")
        assert np.abs(wet.samples - after.samples).max() > 0.01

        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("saved", exact=True).wait_for()
        page.reload()
        page.locator('[data-key="bar 1"]').wait_for()
        assert page.locator('[data-key="semitones 1"]').input_value() == "3"
        page.get_by_label("Voice", exact=True).wait_for()
        assert page.get_by_label("Preset", exact=True).input_value() == "small.toml"
        assert page.locator('[data-key="reverb.wet_level"]').input_value() == "0.8"
        page.locator("#renders .again").nth(2).wait_for()

    # What the page saved is what the command line renders: the same samples.
    read = document.load(empty / "session.toml").session
    assert read.key.points == [[1.0, 0.0], [2.0, 3.0]]
    done = bounce(empty / "session.toml", tmp_path / "out")
    mix = audio.read(done.mix[0]).samples
    assert mix.shape[1] >= SECONDS * RATE


@pytest.mark.slow
def test_a_whole_song_that_is_dropped_is_taken_apart(tmp_path, home):
    pytest.importorskip("onnx", reason="the test extra is not installed")
    pytest.importorskip("onnxruntime", reason="the separate extra is not installed")
    from separation import nets

    folder = tmp_path / "my song"
    folder.mkdir()
    nets.write(folder / "mine.onnx", nets.below(2000.0))
    audio.write(tmp_path / "My Voice.wav", tone(220.0, SECONDS), RATE)
    with served(folder) as url, opened(url, viewport={"width": 390, "height": 844}) as (page, _):
        page.get_by_role("heading", name="Drop the stems of a song here").wait_for()
        drop(page, {"My Voice.wav": (tmp_path / "My Voice.wav").read_bytes()})
        dialog = page.get_by_role("dialog", name="Take a song apart")
        dialog.get_by_label("Model").select_option("mine.onnx")
        assert page.evaluate(_NAMELESS) == []
        dialog.get_by_role("button", name="Take it apart").click()
        page.get_by_role("group", name="My Voice.vocals", exact=True).get_by_text(
            "lead", exact=True
        ).wait_for()
        rest = page.get_by_role("group", name="My Voice.accompaniment", exact=True)
        rest.get_by_text("accompaniment", exact=True).wait_for()
        page.locator("#tasks").wait_for(state="hidden")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    names = {path.name for path in folder.glob("*.wav")}
    assert names == {"My Voice.wav", "My Voice.vocals.wav", "My Voice.accompaniment.wav"}


@pytest.mark.slow
def test_a_recording_is_cloned_by_nobody_without_consent_and_what_is_refused_is_said(begun, tmp_path):
    page, heard, _ = begun
    audio.write(tmp_path / "me.wav", tone(220.0, 1.0), RATE)
    page.locator("#clone-file").set_input_files(tmp_path / "me.wav")
    dialog = page.get_by_role("dialog", name="Clone a voice")
    dialog.get_by_label("Name of the voice").fill("me/")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('#clone-consent').validity.valueMissing")
    dialog.get_by_label("Whose voice it is").fill("myself")
    page.keyboard.press("Enter")
    dialog.get_by_role("alert").get_by_text("cannot be a voice's name").wait_for()
    assert violations(page) == []
    dialog.get_by_label("Name of the voice").fill("me")
    page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    page.locator("#banner").get_by_text("5 s").wait_for()  # a second of somebody is too little
    page.locator("#tasks").wait_for(state="hidden")
    heard.expected = ("status of 422",)


def task(number, state, **more):
    """A task as the API tells it."""
    plain = {"number": number, "state": state, "label": f"song {number}", "kind": "clone", "stage": "hearing"}
    left = {"done_fraction": 0.25, "seconds_left": None, "notes": [], "error": "", "hint": ""}
    return {**plain, **left, "roles": {}, "singers": [], "training": "", **more}


@pytest.mark.slow
def test_what_runs_and_waits_is_found_again_when_the_page_is_loaded_and_each_can_be_stopped(begun):
    page, _, _ = begun
    tasks = [task(3, "queued"), task(2, "running"), task(1, "failed", error="what is long over")]
    page.route("**/api/tasks", lambda route: route.fulfill(json=tasks))
    for _ in range(2):
        page.reload()
        rows = page.get_by_role("region", name="Work beside renders").get_by_role("listitem")
        rows.nth(1).wait_for()
        assert [row.text_content() for row in rows.all()] == [
            "song 2: hearing, 25 %Stop it",
            "song 3: waitingStop it",
        ]
    assert violations(page) == []
    page.route("**/api/tasks/3", lambda route: route.fulfill(json={}))
    with page.expect_request(lambda asked: (asked.method, asked.url[-7:]) == ("DELETE", "tasks/3")):
        page.get_by_role("button", name="Stop song 3").click()
    tasks[0] = task(3, "cancelled")
    page.get_by_text("song 3").wait_for(state="detached")
    tasks[1] = task(2, "failed", error="song 2 has no voice in it")
    page.locator("#banner").get_by_text("song 2 has no voice in it").wait_for()
    page.get_by_role("region", name="Work beside renders").wait_for(state="hidden")
    assert "long over" not in page.locator("#banner").text_content()


def test_a_render_that_waits_is_found_again_and_says_for_what(begun):
    page, _, _ = begun
    page.route("**/api/tasks", lambda route: route.fulfill(json=[task(2, "running")]))
    job = {
        "number": 99,
        "state": "queued",
        "bars": None,
        "stage": "",
        "strip": "",
        "changes": [],
        "levels": None,
    }
    job |= {"done_fraction": 0.0, "work_seconds": 0.0, "seconds_left": None, "strips": [], "notes": []}
    page.route("**/api/jobs", lambda route: route.fulfill(json=[job]))
    page.route("**/api/jobs/99", lambda route: route.fulfill(json=job))
    page.reload()
    page.get_by_text("waiting until song 2 is done or stopped").wait_for()
    page.locator("#file").scroll_into_view_if_needed()
    assert page.locator("#stage").bounding_box()["y"] >= 0  # it stays in sight
    with page.expect_request(lambda request: (request.method, request.url[-2:]) == ("DELETE", "99")):
        page.get_by_role("button", name="Cancel", exact=True).click()
    assert violations(page) == []


def test_a_plug_in_that_opens_long_is_named_until_it_is_open(begun):
    page, _, _ = begun
    held = []
    page.route("**/api/session/opening", lambda route: route.fulfill(json={"plugin": "Big", "seconds": 30}))
    page.route("**/api/session/strips/keys/board", lambda route: held.append(route))
    page.locator('[data-key="name keys"]').click()
    page.locator("#hint").get_by_text("Big is being opened, 30 s so far").wait_for()
    held[0].continue_()
    page.locator("#hint").get_by_text("Big is").wait_for(state="detached")


def test_everything_can_be_done_with_the_keyboard_alone(begun):
    page, _, song = begun
    press = page.keyboard.press

    def reach(wanted, most=120):
        """Go on with Tab until what has the keyboard is called so."""
        for _ in range(most):
            press("Tab")
            if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
                return
        raise AssertionError(f"Tab does not reach {wanted}")

    reach("#key")
    press("Enter")
    page.locator('[data-key="semitones 1"]').wait_for()
    press("ArrowUp")
    shows(page, "semitones 1", "3")
    press("Shift+ArrowLeft")
    shows(page, "beat 1", "4")
    assert "Change 2 of 2" in page.locator("#key").get_attribute("aria-label")
    assert "+3 semitones" in page.locator("#told").text_content()
    reach(".toggle.M")
    press("Space")
    page.locator('.toggle.M[aria-pressed="true"]').wait_for()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Mute lead vox"
    press("Control+z")
    press("Control+Shift+z")  # at once: it waits for the undo
    page.locator('.toggle.M[aria-pressed="true"]').wait_for()
    press("Control+z")
    page.locator('.toggle.M[aria-pressed="true"]').wait_for(state="detached")
    press("Control+s")
    page.get_by_text("saved", exact=True).wait_for()
    text = (song / "session.toml").read_text()
    assert "# by hand" in text
    assert "# leave it" in text
    key = document.load(song / "session.toml").session.key
    assert key.points[1][1] == 3.0


def add_lane(page, address):
    """Begin a lane of the selected strip; returns its canvas."""
    page.wait_for_function("""() => document.querySelector('[data-key="add lane"]')?.options.length > 3""")
    page.locator('[data-key="add lane"]').select_option(address)
    lane = page.locator(f'[data-key="lane {address}"]')
    lane.wait_for()
    return lane


def test_a_lane_is_drawn_by_mouse_typed_undone_and_heard(begun, tmp_path):
    page, _, song = begun
    lane = add_lane(page, "gain_db")
    box = lane.bounding_box()

    def height(level):
        """Where a level is drawn between -60 and 6 dB, as a fader has it."""
        return box["height"] * (1 - ((level + 60) / 66) ** 2)

    # A click at bar 2, 30 dB down.
    lane.click(position={"x": box["width"] / 2 + 1, "y": height(-30)})
    page.get_by_role("heading", name="gain db, lead vox").wait_for()
    shows(page, "bar 1", "2")
    assert float(page.locator('[data-key="value 1"]').input_value()) == pytest.approx(-30, abs=1.5)
    # It is dragged down by 11 dB, and stays on its beat.
    box = lane.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + height(-30))
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 9, box["y"] + height(-41), steps=4)
    page.mouse.up()
    page.wait_for_function("""() => document.querySelector('[data-key="value 1"]').value < -38""")
    shows(page, "bar 1", "2")
    change(page, "value 1", "-24")
    page.locator('[data-key="shape gain_db"]').select_option("step")
    page.keyboard.press("Control+z")
    page.wait_for_function(
        """() => document.querySelector('[data-key="shape gain_db"]').value === 'linear'"""
    )
    page.keyboard.press("Control+Shift+z")
    page.wait_for_function("""() => document.querySelector('[data-key="shape gain_db"]').value === 'step'""")

    number = following(page)
    render(page, number)
    sound = fetched(page, f"jobs/{number}/strips/lead%20vox/audio", tmp_path / "down.wav").samples
    level = [np.std(sound[:, int(at * RATE) : int((at + 1.5) * RATE)]) for at in (0.3, 2.3)]
    assert 20 * np.log10(level[1] / level[0]) == pytest.approx(-24, abs=1)

    page.keyboard.press("Control+s")
    page.get_by_text("saved", exact=True).wait_for()
    (found,) = document.load(song / "session.toml").session.stems[0].automation.items()
    assert (found[0], found[1].points, found[1].interpolation) == ("gain_db", [[1, 0], [2, -24]], "step")
    page.get_by_role("button", name="Take the lane gain db away").click()
    lane.wait_for(state="detached")
    page.get_by_role("heading", name="Key changes").wait_for()


def test_a_knobs_lane_is_drawn_with_the_keyboard_alone_on_a_narrow_page(begun):
    page, _, song = begun
    page.set_viewport_size({"width": 390, "height": 844})
    add_lane(page, "voice.formant_semitones").focus()
    press = page.keyboard.press
    lane = page.locator('[data-key="lane voice.formant_semitones"]')

    def says(text):
        page.wait_for_function(
            "([text, key]) => document.querySelector(key).getAttribute('aria-label').includes(text)",
            arg=[text, '[data-key="lane voice.formant_semitones"]'],
        )

    says("Point 1 of 1, at the beginning")
    press("Enter")
    says("Point 2 of 2, at 2:1")
    shows(page, "bar 1", "2")
    press("Shift+ArrowLeft")
    shows(page, "beat 1", "4")
    before = float(page.locator('[data-key="value 1"]').input_value())
    press("ArrowUp")
    page.wait_for_function(f"""() => document.querySelector('[data-key="value 1"]').value > {before}""")
    assert page.evaluate("document.activeElement.dataset.key") == lane.get_attribute("data-key")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(_NAMELESS) == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert {text: ratio for text, ratio in page.evaluate(_CONTRAST) if ratio < 4.5} == {}
    press("ArrowLeft")
    says("Point 1 of 2")
    press("ArrowRight")
    press("Delete")
    says("Point 1 of 1")
    press("Control+z")
    says("of 2")
    press("Control+s")
    page.get_by_text("saved", exact=True).wait_for()
    (lane,) = document.load(song / "session.toml").session.stems[0].automation.values()
    assert [at for at, _ in lane.points] == [1.0, 1.75]
    assert lane.points[1][1] > lane.points[0][1]


def test_what_is_refused_is_said_where_it_was_typed_and_a_file_that_is_none_at_the_top(begun):
    page, heard, song = begun
    change(page, "Gain of lead vox in dB", "400")
    told = page.get_by_role("group", name="lead vox").get_by_role("alert")
    told.wait_for()
    assert "lead vox.gain_db is 400, must be a number from -120 to 40" in told.text_content()
    drop(page, {"evil.wav": b"<script>alert(1)</script>"})
    page.locator("#banner").get_by_text("evil.wav").wait_for()
    assert not (song / "evil.wav").exists()
    # The browser itself logs every refusal; nothing else may be said.
    heard.expected = ("status of 422",)


def test_source_result_and_mix_are_switched_on_one_clock(begun):
    page, _, _ = begun
    render(page, following(page))
    play(page)
    page.wait_for_function(PLAYED, arg="0:00.3")
    for name in ("Result", "Mix", "Source"):
        page.get_by_role("radio", name=name).check()
        assert page.get_by_role("radio", name=name).is_checked()
    page.wait_for_function(PLAYED, arg="0:00.8")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Play", exact=True).wait_for()


def test_meters_show_what_sounds_and_rest_when_nothing_does(begun):
    page, _, _ = begun
    level = """(name) => new DOMMatrix(getComputedStyle(
        document.querySelector(`[data-meter="${name}"]`)).transform).a"""
    render(page, following(page))
    assert [page.evaluate(level, name) for name in ("", "lead vox", "keys")] == [0, 0, 0]
    page.get_by_role("radio", name="Mix").check()
    play(page)
    for name in ("", "lead vox", "keys"):
        page.wait_for_function(f"(name) => ({level})(name) > 0.5", arg=name)
    page.get_by_role("radio", name="Source").check()
    page.wait_for_function(f"() => ({level})('keys') < 0.3 && ({level})('lead vox') > 0.5")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.wait_for_function(f"() => ({level})('lead vox') === 0")


@pytest.mark.slow
def test_two_renders_are_switched_in_place_and_what_differs_is_said(begun):
    page, _, _ = begun
    number = following(page)
    render(page, number)
    change(page, "Gain of lead vox in dB", "-9")
    shows(page, "Gain of lead vox in dB", "-9")
    render(page, number + 1)
    row = page.get_by_role("listitem").filter(has=page.locator(f'[data-key="render {number + 1}"]'))
    row.get_by_text("lead vox: gain_db 0 → -9").wait_for()
    page.get_by_role("button", name=f"Compare with render {number}", exact=True).click()
    page.locator("#differs").get_by_text("lead vox: gain_db 0 → -9").wait_for()

    page.get_by_role("radio", name="Mix").check()
    play(page)
    page.wait_for_function(PLAYED, arg="0:00.3")
    heard = "() => document.querySelector('#swap').getAttribute('aria-pressed')"
    page.get_by_role("button", name="Stop", exact=True).focus()
    page.get_by_role("button", name=f"Render {number} instead").click()
    assert page.evaluate(heard) == "true"
    assert page.get_by_role("button", name="Stop", exact=True).is_visible()  # it plays on
    assert f"Hearing render {number}." in page.locator("#told").text_content()
    page.locator("#strips").focus()
    page.keyboard.press("x")
    assert page.evaluate(heard) == "false"
    page.wait_for_function(PLAYED, arg="0:00.8")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name=f"Compare with render {number}", exact=True).click()
    page.get_by_role("button", name=f"Render {number} instead").wait_for(state="hidden")


def test_a_strips_sound_is_saved_as_a_preset_and_another_is_brought(begun):
    page, heard, song = begun
    page.locator('[data-key="group reverb"]').click()
    change(page, "reverb.wet_level", "0.6")
    page.locator('[data-key="reverb.wet_level back"]').wait_for()
    page.get_by_role("button", name="Save as preset…").click()
    dialog = page.get_by_role("dialog", name="Save as a preset")
    dialog.get_by_label("Name of the preset").fill("small")
    page.keyboard.press("Enter")
    dialog.get_by_role("alert").get_by_text("is there already").wait_for()
    assert violations(page) == []
    dialog.get_by_label("Name of the preset").fill("Big room")
    page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    page.wait_for_function(
        """() => document.querySelector('[data-key="Preset"]').value === 'Big room.toml'"""
    )
    shows(page, "reverb.wet_level", "0.6")
    assert page.locator('[data-key="reverb.wet_level back"]').count() == 0
    drop(page, {"calm.toml": b'svcfx_preset = 1\nname = "calm"\nextends = "lead-vela"\n'})
    page.locator("""[data-key="Preset"] option[value="calm.toml"]""").wait_for(state="attached")
    assert (song / "calm.toml").exists()
    heard.expected = ("status of 409",)


def test_a_strip_without_a_preset_is_sung_by_a_press_and_one_undo_takes_it_back(begun):
    page, _, _ = begun
    page.locator('[data-key="name keys"]').click()
    page.get_by_role("button", name="Sing keys with vela").click()
    page.locator("""[data-key="use vela"][aria-pressed="true"]""").wait_for()
    shows(page, "Preset", "lead-vela")
    page.keyboard.press("Control+z")
    shows(page, "Preset", "")


def test_a_message_is_put_away_and_names_no_path_of_this_machine(begun):
    page, heard, song = begun
    page.locator('[data-key="Preset"]').select_option("")
    shows(page, "Preset", "")
    page.get_by_role("button", name="Find what suits the singers").click()
    banner = page.locator("#banner")
    banner.get_by_text("no stem goes through a voice").wait_for()
    assert str(song) not in banner.text_content()
    page.get_by_role("button", name="Put the message away").click()
    banner.wait_for(state="hidden")
    heard.expected = ("status of 422",)


def test_the_key_plan_is_shown_and_taken(begun):
    page, _, _ = begun
    page.get_by_role("button", name="Find what suits the singers").click()
    card = page.locator("#plan").get_by_role("listitem").first
    card.get_by_role("img").wait_for()
    assert "+12: " in card.get_by_role("img").get_attribute("aria-label")
    page.get_by_role("button", name="Take what is suggested for lead vox").click()
    page.get_by_text("not saved", exact=True).wait_for()
    assert "transpose = " in page.locator("#text").text_content()
    assert violations(page) == []


@pytest.fixture
def by_midi(shared):
    """The same song with a MIDI file: CC 10 goes right at bar 2, CC 7 fades the lead up in small steps,
    and the melody is C4 and E4."""
    song, url = shared
    file, track, now = mido.MidiFile(), mido.MidiTrack(), 0
    file.tracks.append(track)
    track.append(mido.MetaMessage("track_name", name="lead"))
    events = [(0, 10, 64), (1920, 10, 127)] + [(12 * at, 7, 80 + at // 8) for at in range(320)]
    for tick, number, value in sorted(events):
        track.append(mido.Message("control_change", control=number, value=value, time=tick - now))
        now = tick
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("track_name", name="melody")]))
    for note, length in ((60, 1920), (64, 1920)):
        file.tracks[1].append(mido.Message("note_on", note=note))
        file.tracks[1].append(mido.Message("note_off", note=note, time=length))
    file.save(song / "song.mid")
    (song / "session.toml").write_text(
        TEXT.replace("[tempo]\nbpm = 120.0", '[midi]\nfile = "song.mid"').replace(
            'role = "lead"',
            'role = "lead"\nmelody_track = "melody"\ncc_tracks = ["lead"]\ncc = { 7 = "gain_db" }',
        )
    )
    revert(url)
    with opened(url) as (page, heard):
        page.locator('[data-key="lane pan"]').wait_for()
        yield page, heard, song


def lane_of(song, address):
    """A lane of the first strip as the file says it, None where it says none."""
    return document.load(song / "session.toml").session.stems[0].automation.get(address)


def saved(page):
    page.keyboard.press("Control+s")
    page.get_by_text("saved", exact=True).wait_for()


@pytest.mark.slow
def test_what_a_controller_plays_is_drawn_instead_once_the_mouse_moves_it(by_midi, tmp_path):
    page, _, song = by_midi
    midi = (song / "song.mid").read_bytes()
    begun = following(page)
    render(page, begun)
    played = fetched(page, f"jobs/{begun}/strips/lead%20vox/audio", tmp_path / "midi.wav").samples
    row = page.get_by_role("group", name="Lane gain db")
    assert row.get_by_text("CC 7 of lead", exact=True).is_visible()
    assert row.get_by_label("Take the lane gain db away").is_hidden()
    assert violations(page) == []

    # A click at bar 3, which MIDI leaves at its highest, 30 dB down.
    lane = page.locator('[data-key="lane gain_db"]')
    box = lane.bounding_box()
    lane.click(position={"x": box["width"] - 2, "y": box["height"] * (1 - (30 / 66) ** 2)})
    said = (
        "gain db is drawn now, in place of CC 7 of lead; the MIDI file stays as it is. Undo brings it back."
    )
    page.locator("#hint").get_by_text(said).wait_for()
    row.get_by_text("in place of CC 7 of lead", exact=True).wait_for()
    page.get_by_role("heading", name="gain db, lead vox").wait_for()
    assert violations(page) == []
    saved(page)
    drawn = lane_of(song, "gain_db")
    assert drawn.replaces_midi
    assert 3 <= len(drawn.points) <= 12
    assert drawn.points[-1] == [pytest.approx(3.0), pytest.approx(-30, abs=2)]
    assert (song / "song.mid").read_bytes() == midi

    # Before the last of the points that MIDI's became it sounds as it did, within a step of the controller.
    render(page, begun + 1)
    sound = fetched(page, f"jobs/{begun + 1}/strips/lead%20vox/audio", tmp_path / "drawn.wav").samples
    frames = slice(0, int((drawn.points[-2][0] - 1) * 2.0 * RATE) - 100)
    before, after = played[:, frames], sound[:, frames]
    loud = np.abs(before) > 1e-3
    assert np.abs(20 * np.log10(np.abs(after[loud] / before[loud]))).max() <= 66 / 127 + 0.02
    end = slice(int(3.95 * RATE), int(3.99 * RATE))
    assert 20 * np.log10(np.std(sound[:, end]) / np.std(played[:, end])) < -12

    page.keyboard.press("Control+z")
    row.get_by_text("CC 7 of lead", exact=True).wait_for()
    page.keyboard.press("Control+Shift+z")
    row.get_by_text("in place of CC 7 of lead", exact=True).wait_for()
    row.get_by_label("Take the lane gain db away").click()
    row.get_by_text("CC 7 of lead", exact=True).wait_for()
    saved(page)
    assert lane_of(song, "gain_db") is None


def test_what_a_controller_plays_is_drawn_with_the_keyboard_alone(by_midi):
    page, _, song = by_midi
    page.set_viewport_size({"width": 390, "height": 844})
    press = page.keyboard.press
    lane = page.locator('[data-key="lane pan"]')
    page.wait_for_function("""() => document.querySelector('[data-key="add lane"]')?.options.length > 3""")
    for _ in range(80):
        press("Tab")
        if page.evaluate("document.activeElement.dataset.key") == "lane pan":
            break

    def says(text):
        page.wait_for_function(
            """(text) => document.querySelector('[data-key="lane pan"]')
                .getAttribute("aria-label").includes(text)""",
            arg=text,
        )

    says("pan of lead vox. Point 1 of 2, at the beginning, 0")
    press("ArrowRight")
    says("Point 2 of 2, at 2:1, 1")
    press("ArrowDown")
    says("at 2:1, 0.98")
    page.locator("#hint").get_by_text("pan is drawn now, in place of CC 10 of lead").wait_for()
    assert page.evaluate("document.activeElement.dataset.key") == lane.get_attribute("data-key")
    press("Shift+ArrowLeft")
    says("at 1:4, 0.98")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(_NAMELESS) == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert {text: ratio for text, ratio in page.evaluate(_CONTRAST) if ratio < 4.5} == {}
    change(page, "value 1", "-0.5")
    says("at 1:4, −0.5")
    saved(page)
    drawn = lane_of(song, "pan")
    assert (drawn.points, drawn.interpolation) == ([[1, 0], [1.75, -0.5]], "smooth")
    for _ in range(3):
        press("Control+z")
    says("Point 2 of 2, at 2:1, 1")
    saved(page)
    assert lane_of(song, "pan") is None


def test_the_notes_of_a_melody_are_drawn_by_their_names(by_midi):
    page, _, song = by_midi
    lane = page.locator('[data-key="lane voice.target_note"]')
    lane.focus()

    def says(text):
        page.get_by_role("application", name=text).wait_for()

    page.get_by_text("the notes of melody", exact=True).wait_for()
    says("Point 1 of 2, at the beginning, C4")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    says("Point 2 of 2, at 2:1, F4")
    page.get_by_text("in place of the notes of melody", exact=True).wait_for()
    change(page, "note 1", "67")
    says("Point 2 of 2, at 2:1, G4")
    assert violations(page) == []
    saved(page)
    drawn = lane_of(song, "voice.target_note")
    assert (drawn.points, drawn.interpolation) == ([[1, 60], [2, 67]], "step")


def test_tracks_that_move_a_strip_are_chosen_and_go_with_its_voice(by_midi):
    page, _, song = by_midi
    page.get_by_label("Melody from").select_option(label="nothing")
    page.locator('[data-key="lane voice.target_note"]').wait_for(state="detached")
    page.get_by_label("Melody from").select_option("melody")
    page.locator('[data-key="lane voice.target_note"]').wait_for()
    page.get_by_label("Controllers from").select_option(label="nothing")
    page.locator('[data-key="lane pan"]').wait_for(state="detached")
    page.get_by_label("Controllers from").select_option("lead")
    page.locator('[data-key="lane pan"]').wait_for()
    page.get_by_label("Preset", exact=True).select_option("")
    page.get_by_label("Melody from").wait_for(state="detached")
    saved(page)
    (lead, _) = document.load(song / "session.toml").session.stems
    assert (lead.melody_track, lead.cc_tracks) == (None, ["lead"])


def test_a_section_is_changed_by_number_heard_and_saved(shared, tmp_path):
    song, url = shared
    file, track = mido.MidiFile(), mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("marker", text="verse"))
    track.append(mido.MetaMessage("marker", text="Chorus", time=1920))
    file.save(song / "song.mid")
    (song / "session.toml").write_text(TEXT.replace("[tempo]\nbpm = 120.0", '[midi]\nfile = "song.mid"'))
    revert(url)
    with opened(url) as (page, _):
        card = page.get_by_role("region", name="Sections")
        card.get_by_label("Section", exact=True).select_option("Chorus")
        card.get_by_label("Change lead vox in the section").select_option("gain_db")
        shows(page, "section Chorus lead vox.gain_db", "0")
        card.get_by_text("2:1 to 3:1").wait_for()
        change(page, "section Chorus lead vox.gain_db", "-20")
        shows(page, "section Chorus lead vox.gain_db", "-20")
        assert violations(page) == []
        number = following(page)
        render(page, number)
        sound = fetched(page, f"jobs/{number}/strips/lead%20vox/audio", tmp_path / "down.wav").samples
        level = [np.std(sound[:, int(at * RATE) : int((at + 1.5) * RATE)]) for at in (0.3, 2.3)]
        assert 20 * np.log10(level[1] / level[0]) == pytest.approx(-20, abs=1)
        saved(page)
        card.get_by_label("Take lead vox gain db out of Chorus").click()
        card.get_by_text("2:1 to 3:1").wait_for(state="detached")
    assert document.load(song / "session.toml").session.sections["Chorus"].changes == {
        "lead vox.gain_db": -20
    }


@pytest.mark.slow
def test_a_choice_is_moved_by_its_names(begun):
    page, _, song = begun
    preset = (song / "small.toml").read_text() + '[[nodes]]\nnode = "LadderFilter"\ncutoff_hz = 8000.0\n'
    (song / "ladder.toml").write_text(preset)
    (song / "session.toml").write_text(TEXT.replace("small.toml", "ladder.toml"))
    page.evaluate('async () => (await import("/page/api.js")).post("session/revert")')
    page.reload()
    lane = add_lane(page, "ladder_filter.mode")
    lane.focus()
    page.keyboard.press("Enter")
    shows(page, "bar 1", "2")
    page.locator('[data-key="value 1"]').select_option("BPF12")
    page.wait_for_function(
        """() => document.querySelector('[data-key="lane ladder_filter.mode"]')
            .getAttribute("aria-label").includes("BPF12")"""
    )
    assert violations(page) == []
    saved(page)
    drawn = lane_of(song, "ladder_filter.mode")
    assert (drawn.points, drawn.interpolation) == ([[1, 0], [2, 2]], "step")


@pytest.mark.slow
def test_a_training_is_watched_while_it_goes_on(shared, tmp_path):
    song, url = shared
    out = song / "voices" / "me"
    made = history.History(out, 0, ("step", "seconds", "mel", "check"))
    made.add({"step": 20, "mel": 2.0, "check": 1.5})
    path = history.preview_path(out, 20)
    path.parent.mkdir()
    audio.write(path, tone(220.0, 0.5), RATE)
    try:
        with opened(url) as (page, _):
            picture = page.get_by_role("img", name="voices/me, check")
            picture.wait_for()
            made.add({"step": 40, "mel": 1.0, "check": 0.75})
            page.get_by_text("step 40, best at 40").wait_for()
            assert "from 1.5 to 0.75" in picture.get_attribute("aria-label")
            page.get_by_label("What is drawn of voices/me").select_option("mel")
            page.get_by_role("img", name="voices/me, mel from 2 to 1").wait_for()
            page.get_by_role("button", name="Hear voices/me at step 20").click()
            page.wait_for_function(
                "() => document.querySelector('#told').textContent.startsWith('Hearing voices/me')"
            )
            assert violations(page) == []
    finally:
        shutil.rmtree(song / "voices")


def test_a_render_is_run_again_with_its_settings(begun):
    page, _, _ = begun
    number = following(page)
    render(page, number)
    change(page, "Gain of lead vox in dB", "-9")
    shows(page, "Gain of lead vox in dB", "-9")
    page.get_by_role("button", name=f"Run again with the settings of render {number}", exact=True).click()
    shows(page, "Gain of lead vox in dB", "0")
    page.get_by_role("button", name=f"Run again with the settings of render {number + 1}").wait_for()
    page.keyboard.press("Control+z")
    shows(page, "Gain of lead vox in dB", "-9")


@pytest.mark.slow
def test_a_dropped_voice_asks_for_consent_comes_onto_the_shelf_and_sings(
    tmp_path, synthetic_voice, home, monkeypatch
):
    song = written(tmp_path / "our song", synthetic_voice)
    audio.write(song / "lead vox.wav", tone(220.0, SECONDS), RATE)
    (song / "session.toml").write_text(TEXT.partition('[[stems]]\nfile = "keys')[0])
    rvc_checkpoints.write(tmp_path / "mei.pth")
    with served(song) as url, opened(url, viewport={"width": 390, "height": 844}) as (page, heard):
        page.get_by_role("button", name=f"Sing lead vox with {synthetic_voice}").wait_for()
        press = page.keyboard.press
        drop(page, {"mei.pth": (tmp_path / "mei.pth").read_bytes()})
        dialog = page.get_by_role("dialog", name="Add a voice")
        dialog.wait_for()
        assert page.evaluate("document.activeElement.id") == "voice-consent"
        press("Enter")  # nobody is named yet
        assert page.evaluate("document.querySelector('#voice-consent').validity.valueMissing")
        assert page.evaluate(_NAMELESS) == []
        page.keyboard.type("Mei <b>Lin</b>, in writing")
        press("Tab")
        press("Tab")
        page.keyboard.type("tess/")
        press("Enter")
        dialog.get_by_text("cannot be a voice's name").wait_for()
        page.locator("#voice-name").fill("mei")
        for field, hertz in (("lowest", "160"), ("highest", "700")):
            page.get_by_label(field).fill(hertz)
        press("Enter")
        page.get_by_text("mei is on the shelf.").wait_for()
        card = page.get_by_role("listitem").filter(has=page.get_by_text("mei", exact=True))
        assert "D♯3 to F5" in card.text_content()
        assert "Mei <b>Lin</b>, in writing" in card.text_content()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="Sing lead vox with mei").click()
        page.locator("""[data-key="use mei"][aria-pressed="true"]""").wait_for()
        page.keyboard.press("Control+s")
        page.get_by_text("saved", exact=True).wait_for()
        heard.expected = ("status of 422",)  # the name that cannot be
    assert document.load(song / "session.toml").session.stems[0].set == {"voice.voice": "mei"}
    (found,) = shelf.added()[0]
    assert (found.name, found.consent) == ("mei", "Mei <b>Lin</b>, in writing")


def test_the_page_fits_and_names_everything_in_light_and_dark(begun):
    page, _, _ = begun
    for width, scheme in ((1280, "light"), (390, "light"), (390, "dark"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(_NAMELESS) == []
        assert {text: ratio for text, ratio in page.evaluate(_CONTRAST) if ratio < 4.5} == {}
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    knobs = page.locator("#inspector .node label").all_text_contents()
    assert len(knobs) > 20
    assert len(knobs) == len(set(knobs))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_with_a_lane_and_a_dialog_open(begun, width, scheme):
    page, _, _ = begun
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    add_lane(page, "gain_db")
    assert violations(page) == []
    drop(page, {"mei.pth": b"x"})
    page.get_by_role("dialog", name="Add a voice").wait_for()
    assert violations(page) == []


_NAMELESS = """() => [...document.querySelectorAll("button, input, select, canvas[tabindex]")]
    .filter((one) => one.offsetParent && one.getAttribute("aria-hidden") !== "true")
    .filter((one) => !one.textContent.trim() && !one.getAttribute("aria-label") && !one.labels?.length)
    .map((one) => one.outerHTML)"""
_CONTRAST = """() => {
    const parse = (colour) => {
        const canvas = new OffscreenCanvas(1, 1).getContext("2d");
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
        .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
    const ground = (one) => {
        for (let at = one; at; at = at.parentElement) {
            const found = parse(getComputedStyle(at).backgroundColor);
            if (found[3] > 200) return found;
        }
        return [255, 255, 255];
    };
    return [...document.querySelectorAll("p, span, label, button, strong, h1, h2, h3, th, li, summary")]
        .filter((one) => one.offsetParent && !one.disabled && !one.closest(":disabled, .muted")
            && !one.querySelector("input:disabled")
            && !one.parentElement.querySelector(":scope > input:disabled")
            && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
        .map((one) => {
            const both = [light(parse(getComputedStyle(one).color)), light(ground(one))];
            const [a, b] = both.sort((x, y) => y - x);
            return [`${one.textContent.trim().slice(0, 40)} <${one.className}>`, (a + 0.05) / (b + 0.05)];
        });
}"""


def test_a_bus_stands_with_the_strips_and_what_went_there_is_freed_when_it_is_taken_out(shared):
    song, url = shared
    sent = TEXT.replace('role = "pass"', 'role = "pass"\nsends = [{ bus = "room" }]')
    sent = sent.replace('role = "lead"', 'role = "lead"\nto = "room"')
    (song / "session.toml").write_text(sent + '\n[[buses]]\nname = "room"\n')
    revert(url)
    with opened(url) as (page, _):
        row = page.get_by_role("group", name="room")
        row.get_by_text("hears lead vox, keys").wait_for()
        change(page, "Gain of room in dB", "-4")
        shows(page, "Gain of room in dB", "-4")
        written_down(page, "gain_db = -4")
        with page.expect_response(re.compile("/strips/room/board")):  # which is refused once it is gone
            row.get_by_role("button", name=re.compile("^room")).click()
        page.get_by_role("button", name="Take this strip out").click()
        row.wait_for(state="detached")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("saved", exact=True).wait_for()
    read = document.load(song / "session.toml").session
    assert read.buses == []
    assert [(stem.to, stem.sends) for stem in read.stems] == [("master", []), ("master", [])]


def test_a_lane_in_seconds_keeps_its_place_in_the_recording_at_another_tempo(begun):
    """What a session writes in seconds is recorded; the page draws it where it is played."""
    page, _, _ = begun
    change(page, "ratio", "0.5")
    page.get_by_text("not saved", exact=True).wait_for()
    seconds, drawn, written_again = page.evaluate(
        """async () => {
            const { Time } = await import("/page/time.js");
            const points = await import("/page/points.js");
            const { overview } = await (await import("/page/api.js")).get("session");
            const time = new Time();
            time.set(overview);
            const drawn = points.read({ points: [[0, -3], [1.5, 2]], unit: "seconds" }, time);
            return [overview.seconds, drawn, points.written(drawn, "seconds", time)];
        }"""
    )
    assert seconds == pytest.approx(2 * SECONDS)
    assert [point["seconds"] for point in drawn] == pytest.approx([0.0, 3.0])
    assert written_again == [[0, -3], [1.5, 2]]


def test_a_midi_track_stands_with_the_strips_and_is_heard_as_it_was_rendered(shared):
    song, url = shared
    file, track = mido.MidiFile(), mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("track_name", name="Bass"))
    track.append(mido.Message("note_on", note=45, velocity=100))
    track.append(mido.Message("note_off", note=45, time=1920))
    file.save(song / "song.mid")
    played = '\n[[stems]]\ntrack = "Bass"\ninstrument = "synth"\nrole = "accompaniment"\n'
    (song / "session.toml").write_text(
        TEXT.replace("[tempo]\nbpm = 120.0", '[midi]\nfile = "song.mid"') + played
    )
    revert(url)
    with opened(url) as (page, _):
        row = page.get_by_role("group", name="Bass")
        row.get_by_role("button", name=re.compile("^Bass")).click()
        render(page, following(page))
        page.get_by_role("radio", name="Result").check()
        play(page)
        page.wait_for_function(PLAYED, arg="0:00.5")
        page.get_by_role("button", name="Stop", exact=True).click()
        assert violations(page) == []
