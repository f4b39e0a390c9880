"""A voice is trained in the page by somebody who has a keyboard, and recordings of a singer who agreed."""

import base64

import needs
import pytest
from training.prepare.sung import melody, write
from ui.browser import DROP, kept, opened, served, violations

pytest.importorskip("pyworld", reason="the extra train is not installed")
from svcfx.voices import shelf

pytestmark = needs.TRAIN


@pytest.fixture(scope="module", autouse=True)
def _browser():
    with kept():
        yield


@pytest.fixture(scope="module")
def takes(tmp_path_factory):
    """A folder of two takes and something else."""
    folder = tmp_path_factory.mktemp("takes") / "mei"
    for seed in (1, 2):
        write(folder / "sung" / f"take {seed}.wav", melody(5.0, seed=seed))
    (folder / "notes.txt").write_text("nothing to hear")
    return folder


@pytest.fixture
def empty(tmp_path):
    """A folder with nothing in it."""
    song = tmp_path / "new song"
    song.mkdir()
    return song


def reach(page, wanted, most=60):
    """Go on with Tab until what has the keyboard is called so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def press(page, name):
    """Come to the button of that name with the keyboard, and press it."""
    page.get_by_role("button", name=name).wait_for()
    reach(page, f"""[aria-label="{name}"]""")
    page.keyboard.press("Enter")


@pytest.mark.slow
def test_a_voice_is_trained_with_the_keyboard_alone_found_again_stopped_and_put_on_the_shelf(
    empty, takes, home, synthetic_voice, tmp_path
):
    with served(empty) as url, opened(url, viewport={"width": 390, "height": 844}) as (page, _):
        page.get_by_role("heading", name="Drop the stems of a song here").wait_for()
        reach(page, "#train-open")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Train a voice")
        dialog.get_by_text("No recordings yet").wait_for()
        page.locator("#train-folder-files").set_input_files(takes)
        dialog.get_by_text("2 recordings, 1.3 MB. One file that is no recording was left out.").wait_for()
        reach(page, "#train-name")
        page.keyboard.type("mei")
        page.keyboard.press("Enter")  # nobody agreed yet
        assert page.evaluate("document.querySelector('#train-consent').validity.valueMissing")
        reach(page, "#train-consent")
        page.keyboard.type("Mei <b>Lin</b>, in writing")
        reach(page, "#ask-train summary")
        page.keyboard.press("Enter")
        reach(page, "#train-base")
        page.keyboard.type("made-up")
        reach(page, "#train-steps")
        page.keyboard.type("100000")
        assert violations(page) == []
        page.keyboard.press("Enter")
        dialog.wait_for(state="hidden")

        card = page.locator("#trainings").get_by_role("listitem").first
        card.get_by_text("minutes in 2 pieces, sung between").wait_for()
        card.get_by_text("The 100000 steps take").wait_for()
        card.get_by_text("ten make a better voice").wait_for()
        assert violations(page) == []
        write(tmp_path / "take 3.wav", melody(5.0, seed=3))
        with page.expect_file_chooser() as chooser:
            press(page, "Add recordings to mei")
        chooser.value.set_files(tmp_path / "take 3.wav")
        card.get_by_text("minutes in 3 pieces, sung between").wait_for()
        press(page, "Begin the training of mei")
        page.get_by_role("button", name="Hear mei at step").first.wait_for()

        page.reload()  # and it is found again
        page.get_by_role("region", name="Work beside renders").get_by_text("mei: step").wait_for()
        page.get_by_role("img", name="mei, check").wait_for()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        press(page, "Stop the training of mei")
        card.get_by_text("Stopped at step").wait_for()
        press(page, "Put on the shelf mei")
        page.get_by_text("mei is on the shelf.").first.wait_for()
        page.locator("#voices").get_by_text("mei", exact=True).wait_for()
        card.get_by_text("Who agreed, and the commands that do the same").click()
        assert card.get_by_text("Mei <b>Lin</b>, in writing", exact=True).is_visible()
        assert card.get_by_text(f"svcfx train run '{empty}/trainings/mei/dataset'").is_visible()
        page.get_by_role("button", name="Go on with the training of mei").wait_for()
        press(page, "Take away the training of mei")
        page.get_by_text("None yet. Ten minutes").wait_for()
        page.wait_for_function("document.activeElement.id === 'train-open'")
        assert list((empty / "trainings").iterdir()) == []
    assert (shelf.find("mei").consent, shelf.find("mei").singers.keys()) == (
        "Mei <b>Lin</b>, in writing",
        {"mei"},
    )


@pytest.mark.slow
def test_what_is_dropped_while_a_voice_is_asked_for_is_its_recordings_and_what_is_refused_is_said(
    empty, takes, home
):
    with served(empty) as url, opened(url) as (page, heard):
        page.get_by_role("button", name="Train a voice…").click()
        dialog = page.get_by_role("dialog", name="Train a voice")
        page.evaluate(DROP, [[["take 1.wav", base64.b64encode(b"no sound").decode()]]])
        dialog.get_by_text("take 1.wav, 0.0 MB.").wait_for()
        dialog.get_by_label("Name of the voice").fill("mei")
        dialog.get_by_label("Who sings").fill("Mei Lin")
        dialog.get_by_label("Kind of voice").select_option(label="so-vits-svc 4.1")
        dialog.get_by_text("Hours on a graphics card").wait_for()
        page.keyboard.press("Enter")
        dialog.get_by_role("alert").get_by_text("take 1.wav").wait_for()
        dialog.get_by_role("button", name="Clear the list").click()
        dialog.get_by_role("button", name="Listen to them").click()
        dialog.get_by_role("alert").get_by_text("there are no recordings yet").wait_for()
        assert violations(page) == []
        heard.expected = ("status of 422",)
    assert not (empty / "trainings").exists()
