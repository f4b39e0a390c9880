"""Voices that hear with the encoder that ships: no download, from recordings to a song."""

import json
import shutil
from pathlib import Path

import needs
import numpy as np
import pytest
from training.prepare.sung import melody, write
from training.vits import made

from svcfx import VoiceConversion, audio
from svcfx.training.vits import recipe
from svcfx.voices import encoder

pytestmark = [pytest.mark.slow, needs.TRAIN]

RATE = 44_100
SMALL = ("--size", "small", "--batch", 2, "--check-every", 1, "--steps", 1, "-q")


@pytest.fixture(scope="module")
def takes(tmp_path_factory):
    """A folder with two takes."""
    folder = tmp_path_factory.mktemp("takes")
    for seed in (1, 2):
        write(folder / f"{seed}.wav", melody(5.0, seed=seed))
    return folder


@pytest.fixture
def dataset(svcfx, takes, home, monkeypatch):
    """They are prepared here."""
    banded = {"upsample_rates": [8, 4], "upsample_kernel_sizes": [32, 16]}
    tiny = {key: value for key, value in made.TINY.items() if not key.startswith("upsample_rates")}
    monkeypatch.setattr(recipe, "_SMALL", {**tiny, **banded})
    monkeypatch.setattr(recipe, "_NARROW", {"full": 1, "small": 128})
    done = svcfx("train", "prepare", takes, "--singer", "me", "--encoder", "builtin", "--jobs", 1)
    assert done.exit_code == 0, done.output
    return Path("dataset")


def _train(svcfx, dataset, *options):
    return svcfx("train", "run", dataset, "-o", "voices/me", *SMALL, *options)


def test_recordings_become_a_voice_that_sings_and_keeps_its_encoder(svcfx, dataset, takes):
    done = _train(svcfx, dataset, "--family", "quickvc")
    assert done.exit_code == 0, done.output
    assert encoder.facts() is None  # no ContentVec was here
    sung = svcfx("convert", takes / "1.wav", "--voice", "me", "-o", "out.wav", "--quiet")
    assert sung.exit_code == 0, sung.output
    assert audio.probe(Path("out.wav")).frames == 5 * RATE
    own = [folder / "content.safetensors" for folder in (dataset, Path("voices/me"))]
    assert own[0].read_bytes() == own[1].read_bytes()
    assert "builtin (svcfx's own)" in svcfx("voices", "show", "me").stdout
    assert svcfx("voices", "check", "me").exit_code == 0


def test_whatever_ships_later_a_voice_hears_with_its_own(svcfx, dataset, monkeypatch):
    _train(svcfx, dataset, "--family", "quickvc")
    monkeypatch.setattr(encoder, "builtin", lambda: pytest.fail("the encoder that ships was opened"))
    assert np.abs(VoiceConversion(voice="me")(melody(1.0)[None], RATE)).max() > 0


def test_an_index_of_such_content_draws_it(svcfx, dataset, takes):
    _train(svcfx, dataset, "--family", "quickvc")
    assert svcfx("train", "index", dataset, "--quiet").exit_code == 0
    added = svcfx(
        "voices", "add", "voices/me", "--name", "me", "--index", "dataset/index.safetensors", "--replace"
    )
    assert added.exit_code == 0, added.output
    plain, drawn = (
        VoiceConversion(voice="me", index_rate=rate)(melody(1.0)[None], RATE) for rate in (0.0, 1.0)
    )
    assert not np.array_equal(plain, drawn)


def test_a_stream_hears_at_a_level_that_it_supposes(svcfx, dataset):
    _train(svcfx, dataset, "--family", "quickvc")
    voice, source = VoiceConversion(voice="me"), melody(2.0, pauses=False)[None]
    blocks = np.split(source, 8, axis=1)
    pieces = [voice.process(block, RATE, reset=not index) for index, block in enumerate(blocks)]
    streamed = np.concatenate([*pieces, voice.flush()], axis=1)
    assert streamed.shape[1] == source.shape[1]
    assert np.isfinite(streamed).all()
    assert np.abs(streamed).max() > 0


def test_a_4_1_voice_says_so_in_its_config(svcfx, dataset, monkeypatch):
    monkeypatch.setattr(recipe, "_SMALL", made.TINY)
    done = _train(svcfx, dataset, "--family", "sovits41")
    assert done.exit_code == 0, done.output
    model = json.loads(Path("voices/me/config.json").read_text())["model"]
    assert (model["speech_encoder"], model["ssl_dim"]) == ("svcfx-builtin", 48)


def test_what_cannot_be_is_refused_in_a_sentence(svcfx, dataset, refused):
    run = ("train", "run", dataset, "-o", "voices/me", *SMALL)
    assert "family sovits40 takes vec256l9" in refused(*run, "--family", "sovits40")
    _train(svcfx, dataset, "--family", "quickvc")
    for form in ("sovits40", "fork", "sovits41"):
        assert "svcfx's own encoder" in refused("voices", "export", "me", "--format", form, "-o", "out")
    shutil.copytree("voices/me", "bare", ignore=shutil.ignore_patterns("content*"))
    assert "there is no content.safetensors" in refused("voices", "add", "bare", "--name", "bare")
    (dataset / "content.safetensors").unlink()
    assert "has no content.safetensors" in refused(*run[:4], "voices/other", *SMALL, "--family", "quickvc")
