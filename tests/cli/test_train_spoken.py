"""The singers that ship, made by the commands that make any voice."""

import hashlib
import tomllib
from functools import partial
from pathlib import Path

import pytest
from training.parametric.test_trainer import SMALL

from svcfx.chain.parametric import network

ENGINES = ("train", "prepare", "engines", "--family", "parametric")


@pytest.fixture
def tiny(engines, monkeypatch):
    """One text validates, the nets are small, and an index is of a few crops."""
    from svcfx.training.spoken import indexing, material, running

    monkeypatch.setattr(indexing, "BATCHES", 1)
    monkeypatch.setattr(material, "VALIDATION_TEXTS", 1)
    plan = partial(running.Plan, config=SMALL, batch=4, frames=120, others=2, warmup=1)
    monkeypatch.setattr(running, "Plan", plan)


@pytest.mark.slow
def test_engines_speak_and_the_singers_that_ship_are_trained_on_it(svcfx, refused, tiny):
    planned = svcfx(*ENGINES, "--texts", 1, "-o", "spoken", "--dry-run")
    assert planned.stdout == "texts    1, and 1 to validate with; 3 to make\n", planned.output
    assert not Path("spoken").exists()
    made = svcfx(*ENGINES, "--texts", 1, "-o", "spoken", "--jobs", 1, "--quiet")
    assert (made.exit_code, made.stdout) == (0, "spoken/spoken.toml\n"), made.output
    run = ("train", "run", "spoken", "--family", "parametric", "-o", "run")
    told = svcfx(*run, "--dry-run", "--steps", 2)
    assert [line.split()[0] for line in told.stdout.splitlines()] == [
        "takes",
        "network",
        "steps",
        "time",
        "disk",
    ]
    assert not Path("run").exists()
    trained = svcfx(*run, "--steps", 2, "-q")
    assert (trained.exit_code, trained.stdout) == (0, "run/builtin.safetensors\n"), trained.output
    assert list(network.load(Path("run/builtin.safetensors")).singers) == ["vela", "corin"]
    card = tomllib.loads(Path("run/card.toml").read_text())
    assert (card["training"]["steps"], card["training"]["texts"]) == (2.0, 1.0)
    assert network.load(Path("run/builtin.safetensors")).refiner is not None
    index = ("train", "index", "spoken", "-o", "run", "--centres", 16, "--quiet")
    indexed = svcfx(*index)
    assert indexed.stdout.splitlines()[-1] == "run/builtin.safetensors", indexed.output
    equipped = network.load(Path("run/builtin.safetensors"))
    assert (len(equipped.index), equipped.refiner is None) == (16, False)
    card = tomllib.loads(Path("run/card.toml").read_text())
    assert card["training"]["index_rows"] == 16
    assert card["sha256"] == hashlib.sha256(Path("run/builtin.safetensors").read_bytes()).hexdigest()
    assert "has an index already" in refused(*index)
    assert svcfx(*index, "--replace").exit_code == 0
    other = refused(*run, "--steps", 3, "--seed", 1, code=1)
    assert "was begun otherwise (seed = 2026, texts = 1)" in other
    next(Path("spoken/bank").iterdir()).unlink()
    assert "lacks text" in refused(*run, "--steps", 3)


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(refused, tiny, read_only_folder):
    out = read_only_folder / "spoken"
    said = refused(*ENGINES, "--texts", 1, "-o", out, "--jobs", 1, "--quiet", code=1)
    assert said.startswith(f"'{out}' could not be written: ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--texts", 0), "texts is 0"),
        (("--seed", -1), "seed is -1"),
        (("--consent", "me"), "--consent says nothing to engines, only to recordings"),
        (("--family", "sovits41"), "engines speak for --family parametric only"),
    ],
)
def test_what_engines_cannot_take_is_refused_in_a_sentence(engines, refused, words, said):
    assert said in refused(*ENGINES, "-o", "spoken", *words)
    assert not Path("spoken").exists()


def test_other_files_in_the_folder_stay(engines, refused, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")
    assert "holds other files" in refused(*ENGINES, "-o", tmp_path / "mine")
    assert (tmp_path / "mine/letter.txt").read_text() == "dear"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "an index of spoken material goes into a voice, and none is named"),
        (("-o", "run"), "there is no voice in 'run'"),
        (("-o", "run", "--kind", "centres"), "--kind says nothing to spoken material, only to recordings"),
        (("-o", "run", "--centres", 1), "centres is 1, outside 2 to 20000"),
    ],
)
def test_an_index_that_spoken_material_cannot_have_is_refused(refused, tmp_path, words, said):
    (tmp_path / "spoken.toml").write_text("texts = 1\nseed = 1\n")
    assert said in refused("train", "index", tmp_path, *words)


def test_texts_are_no_matter_of_recordings(refused, tmp_path):
    said = refused("train", "prepare", tmp_path, "--texts", 3)
    assert said == "--texts says nothing to recordings, only to engines"
