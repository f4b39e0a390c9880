"""What is computed in pieces is what would be computed at once."""

import pytest
import torch
from torch import nn

from svcfx.chain.nets.conv import Conv1d
from svcfx.chain.nets.tiles import by_tiles

REACH = 6


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    return nn.Sequential(
        Conv1d(4, 4, 5, padding=4, dilation=2), nn.LeakyReLU(0.1), Conv1d(4, 4, 5, padding=2)
    )


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("frames", [1, 24, 25, 100, 101, 113])
def test_pieces_join_to_the_whole(network, batch, frames):
    x = torch.randn(batch, 4, frames)
    with torch.inference_mode():
        torch.testing.assert_close(by_tiles(network, x, REACH, values=96), network(x), rtol=1e-5, atol=1e-6)


def test_all_pieces_are_of_one_length(network):
    seen = []

    def counted(piece):
        seen.append(piece.shape[-1])
        return network(piece)

    by_tiles(counted, torch.randn(1, 4, 113), REACH, values=4 * 40)
    assert len(seen) > 1
    assert set(seen) == {40}


def test_a_piece_is_never_mostly_overlap(network):
    seen = []
    by_tiles(lambda piece: (seen.append(piece.shape[-1]), network(piece))[1], torch.randn(1, 4, 99), REACH, 4)
    assert set(seen) == {4 * REACH}
