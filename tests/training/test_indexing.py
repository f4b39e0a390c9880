"""Banks of content: every singer's own, in the form that voices take."""

import importlib.util
import os

import numpy as np
import pytest
import torch

from svcfx.chain.checkpoint import converted
from svcfx.errors import DatasetError, OutputExistsError, ParamError
from svcfx.training import index, indexing, items
from svcfx.training.index import DatasetEntry, DatasetIndex
from svcfx.training.items import Item

HOP, WIDTH = 512, 16
needs_sklearn = pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None and "CI" not in os.environ,
    reason="the train extra is missing",
)


def _content(seed, units=100):
    """Units around four places."""
    random = np.random.default_rng(seed)
    places = 10.0 * random.standard_normal((4, WIDTH))
    return (places[random.integers(0, 4, units)] + 0.1 * random.standard_normal((units, WIDTH))).astype(
        np.float32
    )


@pytest.fixture
def dataset(tmp_path):
    """Two takes of mei, one of tom, one of mei to validate with; 2 s each."""
    frames = round(2.0 * 44_100 / HOP)
    entries = []
    takes = [("mei", 1, "train"), ("mei", 2, "train"), ("tom", 3, "train"), ("mei", 4, "validation")]
    for singer, number, part in takes:
        line = np.zeros(frames, np.float32)
        made = Item(singer, _content(number).T, line, line, line, np.zeros((3, frames), np.float32),
                    np.zeros(frames * HOP, np.float32))  # fmt: skip
        file = f"items/{singer}/{number}.npz"
        items.write(made, tmp_path / file)
        entries.append(DatasetEntry(file, singer, frames, part))
    index.write(DatasetIndex(sample_rate=44_100, hop=HOP, fft=4, content_encoder="vec256l9", pitch="swift",
                      singers=("mei", "tom"), entries=tuple(entries)), tmp_path)  # fmt: skip
    return tmp_path


def test_neighbours_are_what_each_singer_sang_without_what_is_validated_with(dataset):
    made = indexing.make(dataset, dataset / "index.safetensors")
    bank = converted.load_bank(dataset / "index.safetensors")
    assert bank.kind == "neighbours"
    np.testing.assert_array_equal(bank.table("mei"), np.concatenate([_content(1), _content(2)]))
    np.testing.assert_array_equal(bank.table("tom"), _content(3))
    assert {name: told.rows for name, told in made.items()} == {"mei": 200, "tom": 100}


def test_content_of_the_bank_is_its_own_neighbour(dataset):
    indexing.make(dataset, dataset / "index.safetensors")
    bank = converted.load_bank(dataset / "index.safetensors")
    heard = torch.from_numpy(_content(3))
    torch.testing.assert_close(bank.draw(heard, "tom", 1.0), heard, atol=1e-3, rtol=0)


@needs_sklearn
def test_centres_lie_where_what_was_sung_gathers_and_are_the_same_again(dataset):
    for name in ("a", "b"):
        indexing.make(dataset, dataset / f"{name}.safetensors", "centres", centres=4, seed=3)
    assert (dataset / "a.safetensors").read_bytes() == (dataset / "b.safetensors").read_bytes()
    bank = converted.load_bank(dataset / "a.safetensors")
    heard = torch.from_numpy(_content(3))
    assert bank.kind == "centres"
    assert bank.table("tom").shape == (4, WIDTH)
    assert (bank.draw(heard, "tom", 1.0) - heard).abs().max() < 1.0


@needs_sklearn
def test_very_much_is_thinned_out(dataset, monkeypatch):
    monkeypatch.setattr(indexing, "MOST_ROWS", 120)
    monkeypatch.setattr(indexing, "THINNED_TO", 10)
    made = indexing.make(dataset, dataset / "index.safetensors")
    assert made["mei"].rows == 10
    assert made["tom"].rows == 100


def test_what_cannot_be_is_refused_and_nothing_is_written(dataset, tmp_path):
    out = dataset / "index.safetensors"
    with pytest.raises(ParamError, match="centres is 1, outside 2 to 20000"):
        indexing.make(dataset, out, "centres", centres=1)
    with pytest.raises(ParamError, match=r"'index\.pkl' would be no \.safetensors"):
        indexing.make(dataset, dataset / "index.pkl")
    with pytest.raises(DatasetError, match=r"has no dataset\.toml"):
        indexing.make(dataset / "items", out)
    (dataset / "items/tom/3.npz").write_bytes(b"cut")
    with pytest.raises(DatasetError, match=r"'3\.npz'"):
        indexing.make(dataset, out)
    assert not out.exists()
    out.write_bytes(b"there")
    with pytest.raises(OutputExistsError, match="exists already"):
        indexing.make(dataset, out)
