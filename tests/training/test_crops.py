"""Crops of takes: where they lie, which takes they come from, and what is heard in them."""

import numpy as np
import pytest
import torch
from training.vits import made

from svcfx.errors import DatasetError
from svcfx.training import index as indexes
from svcfx.training.crops import Crops, audio_of
from svcfx.training.vits.reader import Folder


@pytest.fixture(scope="module")
def takes(tmp_path_factory):
    folder = made.dataset(tmp_path_factory.mktemp("dataset"), lengths=(24, 31, 20, 28), held=0)
    index = indexes.read(folder)
    return Folder(folder, index, index.part("train"))


def test_every_crop_lies_in_its_take_and_every_long_take_is_heard(takes):
    crops = Crops.of(takes, 22, 3, 5, 0.25)
    assert crops.left_out == "1 of 4 takes are shorter than a crop and left out"
    heard = [crop for step in range(6) for crop in crops.step(step)]
    assert {crop.item.frames for crop in heard} == {24, 28, 31}
    assert all(crop.first >= 0 and crop.stop <= crop.item.frames for crop in heard)
    assert len({crop.first for crop in heard if crop.item.frames == 31}) > 1


def test_a_step_has_the_same_crops_whenever_it_is_asked(takes):
    crops = Crops.of(takes, 22, 3, 5, 0.25)
    first, again = ([(c.row, c.first, c.random.random()) for c in crops.step(4)] for _ in range(2))
    assert first == again
    assert first != [(c.row, c.first, c.random.random()) for c in crops.step(5)]


def test_the_audio_of_frames_is_filled_up_where_the_item_ends(takes):
    item, _ = takes.take(0)
    last = audio_of(item, slice(22, 26), 512)
    assert torch.equal(last[: 2 * 512], torch.from_numpy(item.audio[22 * 512 :]))
    assert not np.any(last[2 * 512 :].numpy())


def test_takes_that_are_all_too_short_are_named(takes):
    with pytest.raises(DatasetError, match=r"as long as 2 s, the longest has 0\.4 s"):
        Crops.of(takes, 172, 3, 5, 2.0)
