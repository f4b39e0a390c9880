"""Random boards against pedalboard: one-shot, copied and streamed, they give the very same samples."""

import copy

import numpy as np
import pedalboard
import pytest

from svcfx.board import Board

RATE = 44_100


class Identity:
    """Stands where a voice would."""

    is_effect, is_instrument, latency_samples = True, False, 0

    def process(self, input_array, sample_rate, buffer_size=8192, reset=True):
        return np.array(input_array, np.float32)

    def reset(self): ...


LEAVES = (
    lambda rng: pedalboard.Gain(rng.uniform(-6, 6)),
    lambda rng: pedalboard.Reverb(),
    lambda rng: pedalboard.Delay(0.01),
    lambda rng: pedalboard.BrickwallLimiter(-6, lookahead_ms=rng.uniform(1, 10)),
    lambda rng: pedalboard.Compressor(-30, 4),
    lambda rng: pedalboard.Chorus(),
    lambda rng: pedalboard.Resample(16_000),
    lambda rng: None,
)


def tree(rng, depth, identities):
    """Up to three nodes; `identities` at the top level only, so that pedalboard can play the rest."""
    nodes = []
    for _ in range(rng.integers(0, 4)):
        luck = rng.random()
        if depth and luck < 0.35:
            kind = pedalboard.Chain if luck < 0.2 else pedalboard.Mix
            nodes.append(kind(tree(rng, depth - 1, False)))
        elif identities and luck < 0.5:
            nodes.append(Identity())
        else:
            nodes.append(LEAVES[rng.integers(len(LEAVES))](rng))
    return nodes


def noise(rng):
    channels, frames = int(rng.integers(1, 4)), int(rng.integers(500, 9000))
    audio = (rng.standard_normal((channels, frames)) * 0.1).astype(np.float32)
    return audio if rng.random() < 0.6 else np.ascontiguousarray(audio.T)


def streamed(rng, board, audio):
    axis = int(np.argmax(audio.shape))
    least, frames = min(audio.shape) + 1, audio.shape[axis]
    pieces, start = [], 0
    while start < frames:
        end = start + int(rng.integers(least, 4000))
        end = frames if frames - end < least else end
        pieces.append(board(audio.take(range(start, end), axis), RATE, reset=False))
        start = end
    return np.concatenate([*pieces, board.flush()], axis)


@pytest.mark.parametrize("seed", range(40))
def test_a_random_board_is_pedalboard_s(seed):
    rng = np.random.default_rng(seed)
    nodes, audio = tree(rng, 2, True), noise(rng)
    native = [node for node in nodes if not isinstance(node, Identity)]
    board = Board(nodes)
    expected = pedalboard.Pedalboard(native)(audio, RATE)
    np.testing.assert_allclose(board(audio, RATE), expected, atol=1e-6)
    np.testing.assert_array_equal(copy.deepcopy(Board(native))(audio, RATE), expected)
    board.reset()
    np.testing.assert_allclose(streamed(rng, board, audio), expected, atol=1e-6)
