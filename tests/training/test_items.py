"""A dataset's items and index: what is written is read, what is wrong is named."""

import numpy as np
import pytest

from svcfx.errors import DatasetError
from svcfx.training import index, items
from svcfx.training.index import DatasetEntry, DatasetIndex
from svcfx.training.items import Item

FRAMES, HOP = 12, 512


@pytest.fixture
def item():
    random = np.random.default_rng(1)
    shapes = {"content": (8, 7), "f0_hz": (FRAMES,), "voiced": (FRAMES,), "volume": (FRAMES,),
              "spectrogram": (17, FRAMES), "audio": (HOP * FRAMES,)}  # fmt: skip
    return Item("mei", **{k: random.random(shape, np.float32) for k, shape in shapes.items()})


@pytest.fixture
def listed():
    entries = (
        DatasetEntry("items/mei/a.npz", "mei", 12),
        DatasetEntry("items/mei/b.npz", "mei", 9, "validation"),
    )
    return DatasetIndex(sample_rate=44100, hop=HOP, fft=2048, content_encoder="vec256l9", pitch="swift",
                 singers=("mei",), entries=entries, consent="Mei Lin, in writing")  # fmt: skip


def test_an_item_is_read_as_it_was_written_and_in_the_same_bytes(item, tmp_path):
    items.write(item, tmp_path / "a.npz")
    items.write(item, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = items.read(tmp_path / "a.npz")
    assert (again.singer, again.frames) == ("mei", FRAMES)
    np.testing.assert_array_equal(again.spectrogram, item.spectrogram)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "b.npz"]


def test_a_damaged_item_is_named(item, tmp_path):
    path = tmp_path / "a.npz"
    items.write(item, path)
    whole = path.read_bytes()
    for damage in (whole[:-200], whole[:400] + b"\x00" * 64 + whole[464:], b"", b"none"):
        path.write_bytes(damage)
        with pytest.raises(DatasetError, match=r"'a\.npz'"):
            items.read(path)


@pytest.mark.parametrize(("key", "value"), [("f0_hz", np.zeros(3)), ("volume", np.full(FRAMES, np.nan))])
def test_an_item_that_is_wrong_is_not_written(item, tmp_path, key, value):
    wrong = Item(**{**vars(item), key: value})
    with pytest.raises(DatasetError, match=key):
        items.write(wrong, tmp_path / "a.npz")


def test_an_index_is_read_as_it_was_written(listed, tmp_path):
    index.write(listed, tmp_path)
    assert index.read(tmp_path) == listed
    assert [entry.file for entry in listed.part("validation")] == ["items/mei/b.npz"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("svcfx-dataset-1", "svcfx-dataset-9", "svcfx-dataset-9"),
        ('part = "validation"', 'part = "test"', "allowed are train, validation"),
        ("hop = 512", "hop = -1", "hop is -1"),
        ("hop = 512", "hops = 512", "unknown key 'hops'"),
        ('singers = ["mei"]', 'singers = ["ana"]', "singer 'mei' has items"),
        ('singers = ["mei"]', 'singers = "mei"', "a list of different names"),
        ("frames = 12", 'frames = "12"', "frames is '12'"),
        ("hop = 512", "hop =", "is not TOML"),
    ],
)
def test_an_index_that_is_wrong_says_where(listed, tmp_path, old, new, said):
    path = index.write(listed, tmp_path)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DatasetError, match=said):
        index.read(tmp_path)


def test_a_folder_without_an_index_says_how_to_make_one(tmp_path):
    with pytest.raises(DatasetError, match="svcfx train prepare"):
        index.read(tmp_path)
