"""The voice on a board: between native plugins, inert, moved, streamed, copied."""

import copy
import pickle

import numpy as np
import pedalboard
import pytest

import svcfx
from svcfx.board import Board, Mix
from svcfx.errors import ParamError
from svcfx.lanes import Lane

RATE = 44_100


@pytest.fixture(scope="module")
def stereo(stem):
    return np.stack([stem, 0.7 * stem])


def around(node):
    return [pedalboard.Compressor(-24, 3), node, pedalboard.Reverb(0.3)]


def test_ten_lines_of_python(node, stereo):
    board = Board(around(node))
    out = board(stereo, RATE)
    compressor, voice, reverb = around(node)
    np.testing.assert_array_equal(out, reverb(voice(compressor(stereo, RATE), RATE), RATE))


@pytest.mark.bytes
@pytest.mark.parametrize("switch", ["mix", "bypassed"])
def test_an_inert_voice_is_bit_identical_to_the_native_chain_alone(node, stereo, switch):
    board = Board(around(node))
    if switch == "mix":
        node.mix = 0
    else:
        board.set_bypassed("voice")
    np.testing.assert_array_equal(board(stereo, RATE), pedalboard.Pedalboard(around(None))(stereo, RATE))


@pytest.mark.bytes
def test_the_voice_on_a_board_is_the_voice_alone(node, stem, dry_node_output):
    np.testing.assert_array_equal(Board([node])(stem, RATE), dry_node_output)


@pytest.mark.bytes
def test_a_constant_lane_equals_the_knob(node, stem):
    board = Board(around(node))
    moved = board(stem, RATE, automation={"voice.transpose_semitones": Lane.constant(3)})
    assert node.transpose_semitones == 0
    node.transpose_semitones = 3
    np.testing.assert_array_equal(moved, board(stem, RATE))


def test_a_lane_that_steps_changes_nothing_before_its_step(clear_node, stem):
    clear_node.level = "card"  # the measured level is a matter of the whole stem, lane and all
    board = Board([pedalboard.Gain(-3), clear_node])
    plain = board(stem, RATE)
    lane = Lane(((0.0, 0.0), (1.2, 5.0)), "step")
    moved = board(stem, RATE, automation={"voice.transpose_semitones": lane})
    before = int(1.1 * RATE)
    assert np.abs(moved[:before] - plain[:before]).max() < 1e-5
    assert np.abs(moved[int(1.3 * RATE) :] - plain[int(1.3 * RATE) :]).max() > 1e-3


def test_the_mix_of_an_inert_voice_can_be_moved(node, stem, dry_node_output):
    node.mix = 0
    out = Board([node])(stem, RATE, automation={"voice.mix": np.linspace(0, 1, len(stem))})
    assert np.abs(out - stem).max() > 1e-3


def test_a_lane_out_of_range_is_refused_before_the_voice_sings(node, stem):
    with pytest.raises(ParamError, match=r"'voice\.transpose_semitones' reaches 40, outside -36 to 36 st"):
        Board([node])(stem, RATE, automation={"voice.transpose_semitones": np.linspace(0, 40, len(stem))})
    with pytest.raises(ParamError, match="did you mean 'transpose_semitones'"):
        Board([node])(stem, RATE, automation={"voice.transpose_semitone": 1.0})


def test_a_stream_with_the_card_s_level_plus_flush_equals_one_shot(node, stereo):
    node.level = "card"
    board = Board([pedalboard.Compressor(-24, 3), node, pedalboard.BrickwallLimiter(-3)])
    audio = stereo[:, :50_000]
    expected = board(audio, RATE)
    board.reset()
    sizes = iter([64, 1000, 7, 9000] * 100)
    pieces, start = [], 0
    while start < audio.shape[1]:
        size = next(sizes)
        pieces.append(board(audio[:, start : start + size], RATE, reset=False))
        start += size
    assert sum(piece.shape[1] for piece in pieces) >= audio.shape[1] - board.latency_samples
    out = np.concatenate([*pieces, board.flush()], axis=1)
    assert out.shape == expected.shape
    assert np.abs(out - expected).max() < 1e-5


def test_a_voice_beside_the_dry_signal_sums_at_unity(node, stem, dry_node_output):
    np.testing.assert_allclose(Mix([node, None])(stem, RATE), dry_node_output + stem, atol=1e-6)


@pytest.mark.bytes
def test_a_board_with_a_voice_copies_and_pickles(node, stem):
    board = Board(around(node))
    expected = board(stem, RATE)
    for other in (copy.deepcopy(board), pickle.loads(pickle.dumps(board))):
        np.testing.assert_array_equal(other(stem, RATE), expected)
        other[1].transpose_semitones = 7
        assert node.transpose_semitones == 0


@pytest.mark.bytes
def test_two_voices_are_told_apart_by_number(synthetic_voice, stem):
    first, second = svcfx.VoiceConversion(synthetic_voice), svcfx.VoiceConversion(synthetic_voice)
    board = Board([Mix([first, second])])
    second.transpose_semitones = 4
    expected = board(stem, RATE)
    second.transpose_semitones = 0
    np.testing.assert_array_equal(board(stem, RATE, automation={"voice[2].transpose_semitones": 4}), expected)
