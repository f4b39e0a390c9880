"""Banks opened: k-means files, converted indexes, plain indexes of faiss; whose each is; what is refused."""

import math
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from voices import checkpoints

from svcfx.chain.checkpoint import open_bank
from svcfx.errors import VoiceError

ONE = {"mei": 0}
TWO = {"mei": 0, "jo": 1}


def rows(count: int = 50, width: int = 16, seed: int = 1) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)


def index(path: Path, kind: str, vectors: np.ndarray[Any, Any]) -> Path:
    made = faiss.index_factory(vectors.shape[1], kind)
    made.train(vectors)
    made.add(vectors)
    faiss.write_index(made, str(path))
    return path


@pytest.mark.parametrize("kind", [np.float32, np.float64, torch.Tensor])
def test_centres_are_read_by_singer(tmp_path: Path, kind: Any) -> None:
    given = {name: rows(seed=seed) for seed, name in enumerate(TWO)}
    stored = {
        name: {
            "n_features_in_": 16,
            "_n_threads": 4,
            "cluster_centers_": torch.from_numpy(table) if kind is torch.Tensor else table.astype(kind),
        }
        for name, table in given.items()
    }
    torch.save(stored, tmp_path / "kmeans.pt")
    found = open_bank(tmp_path / "kmeans.pt", TWO)
    assert (found.kind, found.width) == ("centres", 16)
    for name, table in given.items():
        np.testing.assert_array_equal(found.tables[name].numpy(), table)
        assert found.tables[name].dtype == torch.float32


@pytest.mark.parametrize("kind", ["Flat", "IVF4,Flat"])
def test_a_plain_index_gives_back_its_vectors(tmp_path: Path, kind: str) -> None:
    vectors = rows(200)
    found = open_bank(index(tmp_path / "added.index", kind, vectors), ONE)
    assert found.kind == "neighbours"
    np.testing.assert_array_equal(found.tables["mei"].numpy(), vectors)


def test_one_index_is_not_shared_by_two_singers(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"is one index, and the voice has 2 singers \('mei', 'jo'\)"):
        open_bank(index(tmp_path / "added.index", "Flat", rows()), TWO)


def test_an_index_that_keeps_rounded_vectors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"of kind '\w+', which keeps no vectors or rounded ones"):
        open_bank(index(tmp_path / "a.index", "SQ8", rows()), ONE)


@pytest.mark.parametrize("keep", [0, 3, 30, 500, -40])
def test_an_index_cut_short_is_refused(tmp_path: Path, keep: int) -> None:
    path = index(tmp_path / "a.index", "IVF4,Flat", rows(200))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(VoiceError, match=r"'a\.index'"):
        open_bank(path, ONE)


def test_an_index_that_claims_more_than_its_file_holds_is_not_loaded(tmp_path: Path) -> None:
    path = index(tmp_path / "a.index", "Flat", rows())
    whole = bytearray(path.read_bytes())
    whole[8:16] = (10**9).to_bytes(8, "little")
    path.write_bytes(bytes(whole))
    with pytest.raises(VoiceError, match="claims 1000000000 vectors of width 16 in "):
        open_bank(path, ONE)


@pytest.mark.parametrize("names", [("mei", "jo"), ("0", "1")])
def test_tables_are_found_by_name_or_by_row(tmp_path: Path, names: tuple[str, str]) -> None:
    given = {name: torch.from_numpy(rows(seed=seed)) for seed, name in enumerate(names)}
    save_file(given | {"somebody": torch.zeros(2, 16)}, tmp_path / "index.safetensors")
    found = open_bank(tmp_path / "index.safetensors", TWO)
    assert found.kind == "neighbours"
    assert set(found.tables) == set(TWO)
    assert torch.equal(found.tables["jo"], given[names[1]])


def test_a_bank_of_other_singers_names_both(tmp_path: Path) -> None:
    checkpoints.write_centres(tmp_path / "kmeans.pt", ("ann", "bea"))
    with pytest.raises(VoiceError, match=r"'kmeans\.pt' has nothing of 'mei', 'jo': it holds 'ann', 'bea'"):
        open_bank(tmp_path / "kmeans.pt", TWO)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (torch.zeros(4), "is \\(4,\\)"),
        (torch.zeros(0, 16), "is \\(0, 16\\)"),
        (torch.zeros(4, 16, dtype=torch.int64), "torch.int64, a bank has rows of content"),
        (torch.full((4, 16), math.nan), "holds NaN"),
        (torch.zeros(4, 9000), "beyond"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, table: torch.Tensor, says: str) -> None:
    save_file({"mei": table}, tmp_path / "bank.safetensors")
    with pytest.raises(VoiceError, match=says):
        open_bank(tmp_path / "bank.safetensors", ONE)


def test_tables_of_different_widths_are_refused(tmp_path: Path) -> None:
    save_file({"mei": torch.zeros(4, 16), "jo": torch.zeros(4, 8)}, tmp_path / "bank.safetensors")
    with pytest.raises(VoiceError, match="tables of different widths"):
        open_bank(tmp_path / "bank.safetensors", TWO)


def test_a_generator_is_no_bank(tmp_path: Path) -> None:
    checkpoints.write_sovits40(tmp_path, step=5)
    with pytest.raises(VoiceError, match=r"'G_5\.pth' is no k-means file: 'model' has no cluster_centers_"):
        open_bank(tmp_path / "G_5.pth", ONE)


def test_the_index_of_4_1_is_refused_with_the_command_that_converts_it(tmp_path: Path) -> None:
    path = checkpoints.write_neighbours(tmp_path / "feature_and_index.pkl")
    with pytest.raises(VoiceError, match="could run any code, and was not opened") as caught:
        open_bank(path, ONE)
    assert f"svcfx voices convert-index {path} --trust" in caught.value.hint
