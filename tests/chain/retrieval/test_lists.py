"""Inverted lists: the neighbours that faiss finds in an index as it is stored, and their blend."""

from pathlib import Path

import numpy as np
import pytest
import torch
from voices import rvc_checkpoints as rvc

from svcfx.chain.checkpoint import converted, open_bank
from svcfx.chain.content import units
from svcfx.chain.retrieval.bank import Bank
from svcfx.chain.retrieval.search import nearest_of_list as nearest
from svcfx.errors import VoiceError

WIDTH = 24


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return rvc.write_index(tmp_path / "added_IVF9_Flat_nprobe_1_mei_v2.index", _rows(500), lists=9)


def _rows(count: int, seed: int = 4) -> np.ndarray:
    return rvc.rows_of_content(count, WIDTH, seed)


def _queries(count: int = 40) -> torch.Tensor:
    return torch.from_numpy(_rows(count, 9))


def test_one_list_is_searched_as_faiss_searches_it(index: Path) -> None:
    import faiss

    bank = open_bank(index, {"mei": 0})
    expected, ids = faiss.read_index(str(index)).search(_queries().numpy(), 8)
    squared, found = nearest(_queries(), bank.tables["mei"], bank.lists["mei"], 8)
    assert np.array_equal(found.numpy(), ids)
    assert np.allclose(squared.numpy(), expected, rtol=1e-5)


def test_the_blend_is_weighed_by_the_inverse_square_of_the_squared_distance(index: Path) -> None:
    import faiss

    bank = open_bank(index, {"mei": 0})
    score, ids = faiss.read_index(str(index)).search(_queries().numpy(), 8)
    weight = np.square(1.0 / score)
    weight /= weight.sum(1, keepdims=True)
    mixed = (_rows(500)[ids] * weight[..., None]).sum(1)
    expected = 0.75 * mixed + 0.25 * _queries().numpy()
    drawn = bank.draw(_queries(), "mei", 0.75, stored=True)
    assert np.allclose(drawn.numpy(), expected, atol=1e-5)


def test_the_exact_search_never_finds_farther_neighbours_than_the_stored_one(index: Path) -> None:
    from svcfx.chain.retrieval import search

    bank = open_bank(index, {"mei": 0})
    stored, _ = nearest(_queries(), bank.tables["mei"], bank.lists["mei"], 8)
    exact, _ = search.nearest(_queries(), bank.tables["mei"], 8)
    assert bool((exact <= stored + 1e-6).all())
    assert bool((exact < stored - 1e-3).any())


@pytest.mark.parametrize("stored", [True, False])
def test_a_row_of_the_index_itself_stays_what_it_is_and_is_no_nan(index: Path, stored: bool) -> None:
    bank = open_bank(index, {"mei": 0})
    own = torch.from_numpy(_rows(500)[:6])
    assert torch.allclose(bank.draw(own, "mei", 1.0, stored=stored), own, atol=1e-5)


def test_a_list_of_fewer_than_eight_blends_those_that_it_has(tmp_path: Path) -> None:
    rows = np.concatenate([_rows(5), _rows(60) + 50.0])
    bank = open_bank(rvc.write_index(tmp_path / "a.index", rows, lists=2), {"mei": 0})
    near = _queries(3) * 0.1
    _, found = nearest(near, bank.tables["mei"], bank.lists["mei"], 8)
    drawn = bank.draw(near, "mei", 1.0, stored=True)
    assert bool(torch.isfinite(drawn).all())
    assert float(drawn.abs().max()) <= float(np.abs(rows[:5]).max())
    assert set(found.flatten().tolist()) <= set(range(5))


def test_an_index_that_was_only_trained_is_refused_by_name(tmp_path: Path) -> None:
    path = rvc.write_index(tmp_path / "trained_IVF2_Flat_nprobe_1_mei_v2.index", empty=True)
    with pytest.raises(VoiceError, match="holds no vectors: it was trained and never filled"):
        open_bank(path, {"mei": 0})


def test_an_index_of_one_of_several_singers_is_that_singer_s(tmp_path: Path) -> None:
    path = rvc.write_index(tmp_path / "added_IVF2_Flat_nprobe_1_duo_v2_spkid1.index", _rows(60))
    assert list(open_bank(path, {"ana": 0, "bo": 1}).tables) == ["bo"]


def test_a_bank_keeps_its_lists(index: Path, tmp_path: Path) -> None:
    bank = open_bank(index, {"mei": 0})
    converted.save_bank(bank, tmp_path / "bank.safetensors")
    again = converted.load_bank(tmp_path / "bank.safetensors")
    assert torch.equal(
        again.draw(_queries(), "mei", 0.5, stored=True), bank.draw(_queries(), "mei", 0.5, stored=True)
    )
    assert list(again.tables) == ["mei"]


def test_units_are_doubled_from_the_first_frame_on_and_the_last_one_is_held() -> None:
    spread = units.spread(torch.arange(3.0)[None], 8, "double")
    assert spread[0].tolist() == [0, 0, 1, 1, 2, 2, 2, 2]


def test_a_flat_index_has_no_lists() -> None:
    assert Bank("neighbours", {"mei": _queries()}).lists == {}
