import numpy as np
import pytest

from svcfx.errors import VoiceError
from svcfx.voices import card, shelf


@pytest.fixture
def folder(synthetic_voice, tmp_path, monkeypatch):
    """A copy of the made-up voice that a test may spoil, on a shelf of its own."""
    found = shelf.find(synthetic_voice)
    for name in ("card.toml", found.weights):
        (tmp_path / name).write_bytes((found.folder / name).read_bytes())
    monkeypatch.setattr(shelf, "BUILTIN", tmp_path)
    monkeypatch.delenv(shelf.FOLDERS_VARIABLE)
    return tmp_path


def spoil(folder, old, new):
    path = folder / "card.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_singers_are_found_by_name(folder):
    assert shelf.names() == ["tess", "tom"]
    assert shelf.find("tom").singer("tom").high_hz == 800.0


def test_a_voice_loads_once_and_its_singers_share_it(folder):
    assert shelf.load("tess") is shelf.load("tom")
    assert shelf.load("tess").singers == ("tess", "tom")


def test_an_unknown_singer_names_the_nearest_and_all(folder):
    with pytest.raises(VoiceError, match=r"no voice is called 'tomm' \(did you mean 'tom'\?\)") as caught:
        shelf.load("tomm")
    assert "tess, tom" in caught.value.hint


def test_an_empty_shelf_says_how_to_fill_it(tmp_path, monkeypatch):
    monkeypatch.setattr(shelf, "BUILTIN", tmp_path)
    monkeypatch.delenv(shelf.FOLDERS_VARIABLE, raising=False)
    with pytest.raises(VoiceError, match="no voice is installed"):
        shelf.find("vela")


def test_changed_weights_are_refused(folder):
    weights = shelf.find("tess").path
    data = np.frombuffer(weights.read_bytes(), np.uint8).copy()
    data[-1] ^= 1
    weights.write_bytes(data.tobytes())
    with pytest.raises(VoiceError, match="its card says"):
        shelf.load("tess")


def test_missing_weights_are_named(folder):
    shelf.find("tess").path.unlink()
    with pytest.raises(VoiceError, match="has no weights"):
        shelf.load("tess")


def test_weights_outside_the_folder_are_refused(folder):
    spoil(folder, 'weights = "made-up', 'weights = "../made-up')
    with pytest.raises(VoiceError, match="outside its folder"):
        shelf.load("tess")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("licence = ", "license = ", r"unknown key license \(did you mean 'licence'\?\)"),
        ("low_hz", "lowest_hz", "lowest_hz|low_hz"),
        ("rate = 44100", "rate = 22050", "rate: a parametric voice has 44100 Hz"),
        ('family = "parametric"', 'family = "vits"', "'vits' is no family .did you mean 'sovits41'"),
        ('name = "made-up"', "name = ", "is no TOML"),
    ],
)
def test_a_wrong_card_names_file_and_key(folder, old, new, message):
    spoil(folder, old, new)
    with pytest.raises(VoiceError, match=message) as caught:
        card.read(folder / "card.toml")
    assert "card.toml" in str(caught.value)
