"""Batches and their noise: what a take brings does not depend on what it lies beside."""

from dataclasses import replace

import numpy as np
import torch
from training.vits import made
from training.vits.small import CONFIGS, take

from svcfx.chain.checkpoint.sizes import vits_config
from svcfx.training import index as indexes
from svcfx.training.vits.batch import LONGEST_FRAMES, cut, draw, joined, starts
from svcfx.training.vits.order import Order
from svcfx.training.vits.reader import Folder, Reader
from svcfx.training.vits.recipe import document

FORK = CONFIGS["fork"]


def test_a_long_take_is_cut_at_one_place_for_all_its_features():
    item = take(900, 1)
    row = cut(item, "repeat", 512, np.random.default_rng(3))
    frames = row["f0_hz"].shape[0]
    first = int(np.searchsorted(item.f0_hz, float(row["f0_hz"][0])))
    assert frames == LONGEST_FRAMES
    np.testing.assert_array_equal(row["audio"], item.audio[first * 512 : (first + frames) * 512])
    np.testing.assert_array_equal(row["spectrogram"], item.spectrogram[:, first : first + frames])


def test_noise_of_a_take_is_the_same_in_any_padding():
    short, long = (draw(FORK, frames, [np.random.default_rng((1, 2))]) for frames in (30, 50))
    torch.testing.assert_close(short.posterior, long.posterior[..., :30], rtol=0, atol=0)
    torch.testing.assert_close(short.source, long.source, rtol=0, atol=0)


def test_a_segment_lies_inside_its_take_and_short_takes_begin_at_their_start():
    rows = [cut(take(frames, frames), "repeat", 512, np.random.default_rng(1)) for frames in (12, 20, 60)]
    batch = joined(rows, [0, 0, 0], 512)
    noise = draw(FORK, 60, [np.random.default_rng(k) for k in range(3)])
    for place in (0.0, 0.37, 0.999):
        found = starts(batch, replace(noise, place=torch.full((3,), place, dtype=torch.float64)), 20)
        assert found.tolist() == [0, 0, int(place * 40)]


def test_every_take_is_heard_once_before_any_is_heard_again():
    order = Order([10, 20, 30, 40, 50], step_size=2, seed=7)
    heard = [take for step in range(10) for take, _ in order.heard(step)]
    places = [place for step in range(10) for _, place in order.heard(step)]
    assert sorted(places) == list(range(20))
    by_place = dict(zip(places, heard, strict=True))
    for epoch in range(4):
        assert sorted(by_place[place] for place in range(5 * epoch, 5 * epoch + 5)) == [0, 1, 2, 3, 4]
    assert [order.epoch(step) for step in (0, 2, 3, 5)] == [0, 0, 1, 2]


def test_devices_share_a_step_and_know_the_whole_of_it(tmp_path):
    folder = made.dataset(tmp_path, lengths=(24, 31, 20, 28, 26, 22, 40, 21), held=0)
    index = indexes.read(folder)
    config = vits_config("config.json", document(replace(made.SMALL, size="full"), index))
    takes = Folder(folder, index, index.entries)
    one = Reader(takes, config, "repeat", replace(made.SMALL, batch=8))
    two = [
        Reader(takes, config, "repeat", replace(made.SMALL, batch=2, accumulate=2), rank, 2)
        for rank in (0, 1)
    ]
    assert one.items_and_frames(0) == two[0].items_and_frames(0) == two[1].items_and_frames(0)
    whole = one.parts(0)[0].batch.frames.tolist()
    shared = [frames for reader in two for part in reader.parts(0) for frames in part.batch.frames.tolist()]
    assert sorted(shared) == sorted(whole)
    assert [len(part.batch.frames) for part in two[0].parts(0)] == [2, 2]
