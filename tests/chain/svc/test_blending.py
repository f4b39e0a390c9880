import pytest
import torch

from svcfx.chain.svc.performer import speaker_weights
from svcfx.chain.svc.shares import shares
from svcfx.errors import ParamError, VoiceError

ROWS = {"mei": 0, "alto": 2, "tenor": 1}


def test_shares_add_to_one():
    assert shares("alto:2, tenor", ROWS) == pytest.approx({"alto": 2 / 3, "tenor": 1 / 3})
    assert shares(" alto ", ROWS) == {"alto": 1.0}
    assert shares("", ROWS) == {}


def test_a_blend_moves_from_the_singer_to_the_mix():
    found = speaker_weights("mei", {"alto": 0.75, "tenor": 0.25}, torch.tensor([0.0, 0.5, 1.0]), ROWS, 4)
    assert found.tolist() == [[1, 0, 0, 0], [0.5, 0.125, 0.375, 0], [0, 0.25, 0.75, 0]]


def test_a_stranger_is_refused_with_the_nearest_name():
    with pytest.raises(VoiceError, match=r"names 'tenr', the voice has mei, alto, tenor .*'tenor'"):
        shares("tenr", ROWS)


@pytest.mark.parametrize("text", ["alto:0", "alto:-1", "alto:x", "alto:nan", "alto:"])
def test_a_weight_that_is_no_number_above_zero_is_refused(text):
    with pytest.raises(ParamError, match="a weight must be a number above 0"):
        shares(text, ROWS)
