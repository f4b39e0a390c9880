"""`svcfx voices clone`, as it is typed."""

import numpy as np
import pytest
from training.cloning.test_reference import RATE, sung

from svcfx import audio
from svcfx.training.cloning import cloning

pytest.importorskip("pyworld", reason="the clone extra is not installed")


@pytest.fixture
def small(monkeypatch, synthetic_voice, home):
    """Clones have the nets of the small made-up voice."""
    monkeypatch.setattr(cloning.clone, "__kwdefaults__", {**cloning.clone.__kwdefaults__, "base": "tess"})


@pytest.mark.slow
def test_a_clone_is_made_told_of_and_sung_with(svcfx, small, tmp_path):
    audio.write(tmp_path / "me.wav", sung()[None], RATE)
    made = svcfx("voices", "clone", tmp_path / "me.wav", "--name", "me", "--consent", "my own voice")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("me: a rough clone, fitted to 6.0 s of 'me.wav'\n")
    assert "likeness" in made.stdout
    assert "Next: svcfx convert vocal.wav --voice me -t auto" in made.stderr
    assert "my own voice" in svcfx("voices", "show", "me").stdout
    sung_with = svcfx("convert", tmp_path / "me.wav", "--voice", "me", "-t", "auto", "-o", "out.wav")
    assert sung_with.exit_code == 0, sung_with.output
    assert np.abs(audio.read(tmp_path / "here/out.wav").samples).max() > 1e-3


def test_nobody_is_cloned_who_was_not_asked(refused, small, tmp_path):
    audio.write(tmp_path / "me.wav", sung()[None], RATE)
    said = refused("voices", "clone", tmp_path / "me.wav", "--name", "me")
    assert said == "'me' was not made: nobody said that whoever is heard agreed"


def test_a_recording_that_is_not_there_is_refused(refused, small, tmp_path):
    said = refused("voices", "clone", tmp_path / "no.wav", "--name", "me", "--consent", "x", "--quiet")
    assert "no.wav' does not exist" in said
