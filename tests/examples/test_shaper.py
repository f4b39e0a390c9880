"""The worked example of a family of voices: one folder, one line, and it is a voice like any other."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import save_file

import svcfx
from examples.shaper import SHAPER
from examples.shaper.voice import PIECE
from svcfx import audio, preset
from svcfx.chain import families
from svcfx.cli.main import main
from svcfx.errors import VoiceError
from svcfx.render.store import Memory
from svcfx.session.bounce import bounce
from svcfx.voices import shelf

RATE = 44_100
PRESET = 'svcfx_preset = 1\nname = "bend"\n[[nodes]]\nnode = "VoiceConversion"\nvoice = "bend/hard"\n'
SHAPES = np.array([[0.9, -0.3, 0.05], [0.5, 0.2, -0.1]], np.float32)
SOUND = (0.5 * np.random.default_rng(0).standard_normal(3 * RATE)).clip(-1, 1).astype(np.float32)


def bent(shape, x):
    return shape[0] * x + shape[1] * x**3 + shape[2] * x**5


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """The one line, for these tests alone."""
    monkeypatch.setattr(families, "FAMILIES", families.FAMILIES)
    families.add(SHAPER)


@pytest.fixture
def checkpoint(home, tmp_path):
    path = tmp_path / "bend.safetensors"
    save_file({"shaper.shape": SHAPES}, path, {"singers": "hard,soft"})
    return path


@pytest.fixture
def added(checkpoint):
    done = run("voices", "add", checkpoint, "--licence", "CC0", "--range", "hard=100:400")
    assert done.exit_code == 0, done.output
    return done


def test_a_checkpoint_becomes_a_voice_with_a_card(added, checkpoint):
    assert added.stdout.startswith("bend: shaper at 44100 Hz\n")
    assert "ContentVec" not in added.output
    card = shelf.find("bend/soft")
    assert (card.family, card.licence, card.source) == ("shaper", "CC0", "file bend.safetensors")
    assert card.singer("bend/hard").low_hz == 100.0
    listed = run("voices", "list").stdout
    assert "bend/hard" in listed
    assert "CC0" in listed
    for words in (("check", "bend"), ("show", "bend/soft"), ("inspect", "bend"), ("inspect", checkpoint)):
        assert run("voices", *words).exit_code == 0
    refused = run("voices", "export", "bend", "--format", "rvc")
    assert refused.exit_code == 2
    assert "voice 'bend' is a shaper, which RVC has no place for" in refused.stderr


@pytest.mark.parametrize("packed", ["folder", "zip"])
def test_it_is_found_in_a_folder_and_in_a_zip(checkpoint, tmp_path, packed):
    place = tmp_path / "given"
    if packed == "folder":
        place.mkdir()
        checkpoint.rename(place / checkpoint.name)
    else:
        place = place.with_suffix(".zip")
        with zipfile.ZipFile(place, "w") as file:
            file.write(checkpoint, checkpoint.name)
    assert run("voices", "add", place, "--name", "other").exit_code == 0
    assert shelf.find("other/soft").family == "shaper"


def test_one_that_does_not_fit_is_refused_and_the_shelf_stays_as_it_was(checkpoint, home):
    save_file({"shaper.shape": SHAPES[:1]}, checkpoint, {"singers": "hard,soft"})
    done = run("voices", "add", checkpoint)
    assert done.exit_code != 0
    assert "shaper.shape of (1, 3), allowed is (2, 3)" in done.stderr
    assert not list((home / "voices").glob("*"))


def test_it_converts_and_streams_the_same_samples(added):
    node = svcfx.VoiceConversion(voice="bend/soft")
    whole = node(SOUND, RATE)
    np.testing.assert_allclose(whole, bent(SHAPES[1], SOUND), atol=1e-6)
    node.reset()
    blocks = [node.process(SOUND[at : at + 1000], RATE, reset=False) for at in range(0, len(SOUND), 1000)]
    streamed = np.concatenate([*blocks, node.flush()])
    np.testing.assert_array_equal(streamed, whole)


def test_a_knob_for_which_it_has_no_part_is_refused_by_name(added):
    with pytest.raises(VoiceError, match=r"voice 'bend/hard' .*transpose_semitones must be 0"):
        svcfx.VoiceConversion(voice="bend/hard", transpose_semitones=2)


def test_a_session_keeps_its_steps_and_an_edit_makes_only_what_it_touches(added, tmp_path):
    (tmp_path / "bend.toml").write_text(PRESET)
    path, store = tmp_path / "session.toml", Memory()
    path.write_text('svcfx_session = 1\n[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "bend.toml"\n')

    def made(sound):
        (tmp_path / "lead.wav").unlink(missing_ok=True)
        audio.write(tmp_path / "lead.wav", sound[None], RATE)
        done = bounce(path, tmp_path / "out", on_exists="overwrite", store=store)
        return done.steps.parts["shaped", False]

    assert made(SOUND) >= len(SOUND) // PIECE  # and those of the silence behind it
    edited = np.where(np.arange(len(SOUND)) < 100, 0.0, SOUND).astype(np.float32)
    assert made(edited) == 1


def test_presets_name_it_like_any_voice(added, tmp_path):
    (tmp_path / "bend.toml").write_text(PRESET)
    board = preset.load(tmp_path / "bend.toml").build()
    np.testing.assert_allclose(board(SOUND, RATE), bent(SHAPES[0], SOUND), atol=1e-6)


def test_the_family_is_one_folder_and_one_line():
    folder = Path(__file__).parent / "shaper"
    lines = sum(len(path.read_text().splitlines()) for path in folder.glob("*.py"))
    assert lines < 160
