"""A clone comes onto the shelf whole, with whoever agreed on its card, or not at all."""

import pickle

import numpy as np
import pytest
from training.cloning.test_reference import RATE, sung

import svcfx
from svcfx import audio
from svcfx.errors import OutputError, OutputExistsError, VoiceError
from svcfx.voices import card, shelf, upkeep

cloning = pytest.importorskip("svcfx.training.cloning.cloning")
pytest.importorskip("pyworld", reason="the clone extra is not installed")

pytestmark = pytest.mark.slow
CONSENT = "my own voice"


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "me.wav"
    audio.write(path, sung()[None], RATE)
    return path


@pytest.fixture
def cloned(home, recording, synthetic_voice):
    return cloning.clone(recording, "me", CONSENT, base=synthetic_voice)


def test_a_clone_has_a_card_that_says_who_agreed(cloned, home):
    found = card.read(home / "voices/me/card.toml")
    assert found == cloned.card
    assert (found.family, found.consent, found.licence) == ("parametric", CONSENT, "none")
    assert found.source.startswith("recording me.wav; nets of voice made-up ")
    assert found.singers["me"].low_hz < 220.0 < found.singers["me"].high_hz
    assert [one.problem for one in upkeep.check("me")] == [""]


def test_a_clone_sings_like_any_voice(cloned):
    node = svcfx.VoiceConversion(voice="me")
    whole = node(sung(1.0)[None], RATE)
    assert whole.shape == (1, RATE)
    assert float(np.abs(whole).max()) > 1e-3
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(node))(sung(1.0)[None], RATE), whole)
    assert node.suggest_transpose(sung(2.0, 110.0)[None], RATE).semitones == 12


def test_a_clone_can_be_renamed_and_removed(cloned, home):
    upkeep.rename("me", "you")
    assert shelf.find("you").addresses == ("you",)
    assert shelf.load("you").singers == ("me",)
    upkeep.remove("you")
    assert not (home / "voices/you").exists()


def test_the_same_recording_gives_the_same_bytes(cloned, recording, synthetic_voice):
    before = cloned.card.path.read_bytes()
    cloning.clone(recording, "me", CONSENT, base=synthetic_voice, replace=True)
    assert cloned.card.path.read_bytes() == before


def test_progress_rises_to_the_end(home, recording, synthetic_voice):
    told = []
    cloning.clone(
        recording, "me", CONSENT, base=synthetic_voice, on_share=lambda stage, share: told.append(share)
    )
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


def test_without_consent_nothing_is_made(home, recording, synthetic_voice):
    with pytest.raises(VoiceError, match="nobody said that whoever is heard agreed"):
        cloning.clone(recording, "me", "  ", base=synthetic_voice)
    assert not home.exists()


@pytest.mark.parametrize("name", ["vela", "a/b", ""])
def test_a_name_that_cannot_be_is_refused(home, recording, synthetic_voice, name):
    with pytest.raises(VoiceError):
        cloning.clone(recording, name, CONSENT, base=synthetic_voice)


def test_a_voice_that_is_there_stays_as_it_is(cloned, recording, synthetic_voice):
    with pytest.raises(OutputExistsError, match="there is a voice 'me' already"):
        cloning.clone(recording, "me", "another", base=synthetic_voice)
    assert shelf.find("me").consent == CONSENT


def test_a_full_disk_leaves_nothing(small_disk, recording, synthetic_voice, monkeypatch):
    monkeypatch.setenv("SVCFX_HOME", str(small_disk))
    (small_disk / "ballast").write_bytes(bytes(250 * 1024))
    with pytest.raises(OutputError, match="could not be written"):
        cloning.clone(recording, "me", CONSENT, base=synthetic_voice)
    assert list((small_disk / "voices").iterdir()) == []
