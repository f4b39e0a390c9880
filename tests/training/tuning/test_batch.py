"""What a step hears is disturbed anew, what it should give stays the singer's own."""

import numpy as np
import pytest
import torch
from training.tuning import made

pytest.importorskip("pyworld", reason="the extra train is not installed")
from svcfx.chain import mel
from svcfx.training.tuning import batch
from svcfx.training.tuning.batch import CropDrawing, whole
from svcfx.training.tuning.recipe import TuningRecipe

REFERENCE = np.full(mel.BANDS, -7.0, np.float32)


@pytest.fixture(scope="module")
def drawing(tmp_path_factory):
    from svcfx.training import index

    folder = made.dataset(tmp_path_factory.mktemp("dataset"), lengths=(60, 61))
    listed = index.read(folder)
    heard = batch.read(folder, listed, listed.entries)
    return CropDrawing(heard, TuningRecipe(batch=2, seconds=0.6), REFERENCE, 48)


def test_a_step_is_a_function_of_seed_and_number(drawing):
    one, again, other = drawing.step(3), drawing.step(3), drawing.step(4)
    for name, value in vars(one).items():
        torch.testing.assert_close(value, getattr(again, name))
    assert not torch.equal(one.log_mel, other.log_mel)
    assert one.log_mel.shape == (2, 80, 60)
    assert one.noise.shape == (2, 30, 48)


def test_targets_are_frames_of_the_takes_however_the_input_is_disturbed(drawing):
    batch = drawing.step(0)
    own = torch.cat([take.frames.envelope for take in drawing.takes])
    for frame in batch.envelope.flatten(0, 1):
        assert (own == frame).all(-1).any()


def test_a_whole_take_is_heard_as_it_is_and_its_pauses_hardly_count(drawing):
    heard = whole(drawing.takes[0], REFERENCE, 48)
    own = drawing.takes[0].frames
    assert heard.log_mel.shape == (1, 80, len(own))
    assert float(heard.noise.abs().max()) == 0.0
    assert torch.equal(heard.weight[0] < 0.1, own.audible == 0)


def test_an_items_pitch_is_read_at_every_ten_milliseconds():
    item = made.take(90, 0)
    f0 = batch.pitch_of(item, made.HOP / made.RATE)
    seconds = np.arange(len(f0)) * 0.01
    wanted = 150.0 * 2.0 ** (seconds / (89 * made.HOP / made.RATE))
    sung = f0 > 0
    np.testing.assert_allclose(f0[sung], wanted[sung], rtol=1e-3)
    assert abs(sung.sum() * 0.01 - 80 * made.HOP / made.RATE) < 0.02
