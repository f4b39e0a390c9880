"""Whatever lies where a file of weights should be, each opener says what it is, and nothing in it runs."""

import math
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from chain.checkpoint.malicious import Malicious
from voices import checkpoints

from svcfx.chain.checkpoint import (
    encoder,
    open_bank,
    open_encoder,
    open_generator,
    open_refiner,
    open_vocoder,
)
from svcfx.errors import VoiceError

Opener = tuple[Path, Callable[[], Any]]


@pytest.fixture(params=["generator", "refiner", "vocoder", "encoder", "fairseq", "bank"])
def opener(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """A file of weights, its companions beside it, and what opens them."""
    folder = tmp_path / "foreign"
    if request.param == "generator":
        checkpoints.write_sovits40(folder, step=5)
        return folder / "G_5.pth", lambda: open_generator(folder / "G_5.pth", folder / "config.json")
    if request.param == "refiner":
        checkpoints.write_diffusion(folder, step=5)
        return folder / "model_5.pt", lambda: open_refiner(folder / "model_5.pt", folder / "config.yaml")
    if request.param == "vocoder":
        checkpoints.write_vocoder(folder)
        return folder / "model", lambda: open_vocoder(folder)
    if request.param == "bank":
        checkpoints.write_centres(folder / "kmeans.pt")
        return folder / "kmeans.pt", lambda: open_bank(folder / "kmeans.pt", {"mei": 0})
    checkpoints.write_encoder(folder)
    if request.param == "encoder":
        return folder / "pytorch_model.bin", lambda: open_encoder(folder, "vec256l9")
    monkeypatch.setattr(encoder, "BASE", {key: checkpoints.HUBERT[key] for key in encoder.BASE})
    weights = folder / "checkpoint_best_legacy_500.pt"
    torch.save({"model": torch.load(folder / "pytorch_model.bin")}, weights)
    return weights, lambda: open_encoder(weights, "vec256l9")


def refusal(opening: Callable[[], Any]) -> str:
    with pytest.raises(VoiceError) as caught:
        opening()
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize("kind", ["zip", "legacy", "bare"])
def test_a_malicious_pickle_runs_nothing(opener: Opener, tmp_path: Path, kind: str) -> None:
    weights, opening = opener
    proof = tmp_path / "it_ran"
    if kind == "bare":
        weights.write_bytes(pickle.dumps({"model": Malicious(proof)}, protocol=2))
    else:
        good = torch.load(weights, weights_only=False)
        torch.save(good | {"more": Malicious(proof)}, weights, _use_new_zipfile_serialization=kind == "zip")
    refusal(opening)
    assert not proof.exists()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda whole: whole[: len(whole) // 2], "is cut short"),
        (lambda whole: whole[:-30], "is cut short"),
        (lambda whole: b"", "is empty"),
        (lambda whole: b"<html><body>Not found</body>", "is a web page"),
        (lambda whole: b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        (lambda whole: b"\0" * len(whole), "is not a torch file"),
        (lambda whole: whole[:600] + b"\xff" * 300 + whole[900:], ""),
    ],
    ids=["half", "tail", "empty", "html", "lfs", "zeros", "scribbled"],
)
def test_what_is_no_file_of_weights_is_said(
    opener: Opener, spoil: Callable[[bytes], bytes], says: str
) -> None:
    weights, opening = opener
    weights.write_bytes(spoil(weights.read_bytes()))
    assert says in refusal(opening)


def test_a_zip_bomb_is_not_unpacked(opener: Opener) -> None:
    weights, opening = opener
    with zipfile.ZipFile(weights, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", b"\0" * 20_000_000)
    assert "would unpack from" in refusal(opening)


def test_weights_that_are_no_numbers_are_refused(opener: Opener) -> None:
    weights, opening = opener
    good = torch.load(weights, weights_only=False)
    for table in (good, *(value for value in good.values() if isinstance(value, dict))):
        for value in table.values():
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                value.view(-1)[0] = math.nan
            elif hasattr(value, "dtype"):
                value[0, 0] = math.nan
    torch.save(good, weights)
    said = refusal(opening)
    assert "NaN" in said or "nan" in said


def test_a_file_of_nothing_is_refused(opener: Opener) -> None:
    weights, opening = opener
    for held in ({}, {"model": {}}, {"generator": {}}, {"mei": {}}, {"model": {1: 2}}, {"model": []}):
        torch.save(held, weights)
        refusal(opening)


@pytest.mark.parametrize("odd", [torch.tensor(1.0), torch.zeros(0), torch.zeros(1, 1, 1, 1, 1)], ids=str)
def test_tensors_of_odd_shapes_are_compared_like_others(opener: Opener, odd: torch.Tensor) -> None:
    weights, opening = opener
    good = torch.load(weights, weights_only=False)
    for table in (good, *(value for value in good.values() if isinstance(value, dict))):
        table.update({key: odd for key, value in table.items() if hasattr(value, "dtype")})
    torch.save(good, weights)
    refusal(opening)


def test_a_missing_file_is_named(opener: Opener) -> None:
    weights, opening = opener
    weights.unlink()
    said = refusal(opening)
    assert "No such file" in said or "holds no weights" in said or "holds 0 files" in said
