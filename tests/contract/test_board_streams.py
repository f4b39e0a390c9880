"""Streams through a board: any blocks give the same samples, and flush() gives the rest."""

import numpy as np
import pedalboard
import pytest

from svcfx.board import Board, Mix
from svcfx.errors import BoardError

RATE = 44_100
AUDIO = np.random.default_rng(4).standard_normal((2, 20_000)).astype(np.float32) * 0.1


class Late:
    """Stands where a voice would: its stream is 700 frames late, one-shot it is not."""

    is_effect, is_instrument, inert, latency_samples = True, False, False, 700

    def __init__(self):
        self.held = None

    def process(self, input_array, sample_rate, buffer_size=8192, reset=True):
        audio = np.array(input_array, np.float32)
        if reset:
            return audio
        self.held = audio if self.held is None else np.concatenate([self.held, audio], axis=-1)
        ready = max(0, self.held.shape[-1] - self.latency_samples)
        out, self.held = self.held[..., :ready], self.held[..., ready:]
        return out

    def reset(self):
        self.held = None


def streamed(board, audio, sizes):
    pieces, start = [], 0
    for size in sizes:
        if start >= audio.shape[-1]:
            break
        pieces.append(board(audio[..., start : start + size], RATE, reset=False))
        start += size
    given = sum(piece.shape[-1] for piece in pieces)
    rest = board.flush()
    return np.concatenate([*pieces, rest], axis=-1), given


BOARDS = {
    "memory": lambda: [pedalboard.Compressor(-30, 4), pedalboard.Reverb(), pedalboard.Chorus()],
    "limiter": lambda: [pedalboard.Reverb(), pedalboard.BrickwallLimiter(-6)],
    "rate changer": lambda: [pedalboard.Resample(16_000), pedalboard.Delay(0.01)],
    "codec": lambda: [pedalboard.MP3Compressor()],
    "late mix": lambda: [pedalboard.Mix([pedalboard.Gain(0), None, pedalboard.BrickwallLimiter(-6)])],
    "late mix in a chain": lambda: [
        pedalboard.Chain([pedalboard.Delay(0.01), pedalboard.Mix([None, pedalboard.BrickwallLimiter(-6)])])
    ],
    "voice": lambda: [pedalboard.Reverb(), Late(), pedalboard.BrickwallLimiter(-6), pedalboard.Phaser()],
    "voice in a mix": lambda: [pedalboard.Delay(0.01), Mix([Late(), pedalboard.BrickwallLimiter(-6), None])],
}
SIZES = {
    "64": [64] * 400,
    "1000": [1000] * 20,
    "44100": [44_100],
    "growing": [3, 50, 700, 9000, 44_100],
    "odd": [int(n) for n in np.random.default_rng(5).integers(3, 900, 400)],
}


@pytest.mark.bytes
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("name", BOARDS)
def test_stream_plus_flush_equals_one_shot(name, sizes):
    board = Board(BOARDS[name]())
    expected = board(AUDIO, RATE)
    board.reset()
    out, given = streamed(board, AUDIO, SIZES[sizes])
    np.testing.assert_array_equal(out, expected)
    assert given >= AUDIO.shape[1] - board.latency_samples


def test_a_mono_stream_of_single_frames_equals_one_shot():
    board = Board([pedalboard.Reverb(), Late(), pedalboard.BrickwallLimiter()])
    mono = AUDIO[0, :2000]
    expected = board(mono, RATE)
    board.reset()
    out, _ = streamed(board, mono, [1] * 2000)
    np.testing.assert_array_equal(out, expected)


def test_a_constant_chunk_streams_as_in_pedalboard():
    effects = [pedalboard.Reverb(), pedalboard.BrickwallLimiter(-6)]
    native = pedalboard.Pedalboard(effects)
    native.reset()
    expected = [native(AUDIO[:, at : at + 4000], RATE, reset=False) for at in range(0, 20_000, 4000)]
    native.reset()
    board = Board(effects)
    board.reset()
    for at, wanted in zip(range(0, 20_000, 4000), expected, strict=True):
        np.testing.assert_array_equal(board(AUDIO[:, at : at + 4000], RATE, reset=False), wanted)


def test_a_stream_opened_by_a_reset_call_goes_on():
    # `board(chunk, rate, reset=(n == 0))` is a common way to write the loop.
    board = Board([pedalboard.Reverb(), pedalboard.Delay(0.05)])
    expected = board(AUDIO, RATE)
    board.reset()
    chunks = [board(AUDIO[:, at : at + 5000], RATE, reset=at == 0) for at in range(0, 20_000, 5000)]
    np.testing.assert_array_equal(np.concatenate(chunks, axis=1), expected)


def test_flush_keeps_the_layout_and_ends_the_stream():
    board = Board([pedalboard.BrickwallLimiter()])
    board(np.ascontiguousarray(AUDIO.T), RATE, reset=False)
    rest = board.flush()
    assert rest.shape == (board.latency_samples, 2)
    assert board.flush().shape[0] == 0


def test_flush_before_any_stream_is_empty():
    assert Board([pedalboard.BrickwallLimiter()]).flush().size == 0


def test_latency_is_that_of_all_parts_together():
    board = Board([pedalboard.BrickwallLimiter(), Late(), pedalboard.Gain()])
    board(AUDIO, RATE)
    assert board.latency_samples == Late.latency_samples + 220  # 5 ms of lookahead


def test_another_channel_count_in_a_running_stream_is_refused():
    board = Board([pedalboard.BrickwallLimiter()])
    board(AUDIO[0], RATE, reset=False)
    with pytest.raises(BoardError, match="1 channels at 44100 Hz was given 2 channels"):
        board(AUDIO, RATE, reset=False)


def test_reset_forgets_what_rings():
    board = Board([pedalboard.Reverb(), Late()])
    board(AUDIO, RATE, reset=False)
    board.reset()
    assert not np.any(board(np.zeros((2, 5000), np.float32), RATE, reset=False))


def test_a_changed_board_begins_another_stream():
    board = Board([pedalboard.Gain(0)])
    board(AUDIO, RATE, reset=False)
    board.append(pedalboard.Gain(6))
    np.testing.assert_array_equal(board(AUDIO, RATE, reset=False), pedalboard.Gain(6)(AUDIO, RATE))
