"""One-shot calls of a board: the very samples of pedalboard, whatever the nesting, layout and buffer size."""

import threading

import numpy as np
import pedalboard
import pytest

from svcfx.board import Board, Mix, Slot

RATE = 44_100
AUDIO = np.random.default_rng(2).standard_normal((2, 30_000)).astype(np.float32) * 0.1


class Identity:
    """Stands where a voice would: hands audio on, from Python."""

    is_effect, is_instrument, latency_samples = True, False, 0

    def __init__(self, inert=False):
        self.inert = inert

    def process(self, input_array, sample_rate, buffer_size=8192, reset=True):
        return np.array(input_array, np.float32)

    def reset(self): ...


def effects():
    """Native effects with memory and with latency."""
    return [
        pedalboard.Compressor(-24, 4),
        pedalboard.Reverb(),
        pedalboard.PitchShift(3),
        pedalboard.BrickwallLimiter(-3),
        pedalboard.Chorus(),
    ]


def native(audio=AUDIO, rate=RATE, buffer_size=8192):
    return pedalboard.Pedalboard(effects())(audio, rate, buffer_size)


def test_native_plugins_alone_are_bit_identical():
    np.testing.assert_array_equal(Board(effects())(AUDIO, RATE), native())


@pytest.mark.bytes
@pytest.mark.parametrize("place", range(6))
def test_an_inert_voice_anywhere_is_bit_identical_to_the_native_chain_alone(place):
    nodes = effects()
    nodes.insert(place, Identity(inert=True))
    np.testing.assert_array_equal(Board(nodes)(AUDIO, RATE), native())


def test_a_bypassed_node_is_bit_identical_to_no_node():
    nodes = [*effects()[:2], Slot(pedalboard.Distortion(), bypassed=True), *effects()[2:]]
    np.testing.assert_array_equal(Board(nodes)(AUDIO, RATE), native())


@pytest.mark.parametrize("place", range(6))
def test_latency_is_padded_once_so_a_voice_between_changes_no_sample(place):
    nodes = effects()
    nodes.insert(place, Identity())
    np.testing.assert_array_equal(Board(nodes)(AUDIO, RATE), native())


def test_a_reverb_before_a_split_rings_into_the_late_effect_behind_it():
    # Two native calls with one's own padding each are 0.1 off at the end.
    reverb, shift = pedalboard.Reverb(), pedalboard.PitchShift(3)
    whole = pedalboard.Pedalboard([reverb, shift])(AUDIO, RATE)
    apart = shift(reverb(AUDIO, RATE), RATE)
    assert np.abs(whole - apart).max() > 0.01
    np.testing.assert_array_equal(Board([reverb, Identity(), shift])(AUDIO, RATE), whole)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
@pytest.mark.parametrize("buffer_size", [128, 8192, 65_536])
def test_latency_grid(rate, buffer_size):
    out = Board([Identity(), *effects(), Identity()])(AUDIO, rate, buffer_size)
    assert out.shape == AUDIO.shape
    np.testing.assert_array_equal(out, native(AUDIO, rate, buffer_size))


@pytest.mark.bytes
@pytest.mark.parametrize("buffer_size", [128, 1_000_000])
def test_the_buffer_size_changes_no_sample(buffer_size):
    np.testing.assert_array_equal(Board(effects())(AUDIO, RATE, buffer_size), native())


@pytest.mark.parametrize("frames", [1, 2, 3, 100])
def test_audio_shorter_than_the_latency_keeps_its_length(frames):
    audio = np.asfortranarray(AUDIO[:, :frames]).T if frames > 2 else AUDIO[0, :frames]
    out = Board([Identity(), pedalboard.BrickwallLimiter(), Identity()])(audio, RATE)
    assert out.shape == audio.shape


@pytest.mark.bytes
@pytest.mark.parametrize(
    "nest",
    [
        lambda nodes: [pedalboard.Pedalboard(nodes)],
        lambda nodes: [pedalboard.Chain([pedalboard.Chain(nodes)])],
        lambda nodes: [Board([Board(nodes)])],
        lambda nodes: [Board(nodes[:2]), None, pedalboard.Chain([*nodes[2:], None])],
        lambda nodes: [Board([Identity(inert=True), *nodes[:3]]), Board([Identity(), *nodes[3:]])],
    ],
    ids=["native board", "native chains", "boards", "halves", "boards with voices"],
)
def test_nesting_changes_no_sample(nest):
    np.testing.assert_array_equal(Board(nest(effects()))(AUDIO, RATE), native())


def test_deep_nesting_of_plus_and_minus_is_identity():
    board = Board([pedalboard.Gain(6), pedalboard.Gain(-6)])
    for _ in range(20):
        board = Board([board, pedalboard.Chain([pedalboard.Gain(6), pedalboard.Gain(-6)])])
    np.testing.assert_allclose(board(AUDIO, RATE), AUDIO, atol=1e-6)


def branches():
    return [pedalboard.Gain(0), None, pedalboard.Chain([pedalboard.BrickwallLimiter(0)])]


def test_a_native_mix_is_played_natively():
    native_mix = pedalboard.Pedalboard([pedalboard.Mix(branches()), pedalboard.Gain(-12)])
    np.testing.assert_array_equal(
        Board([pedalboard.Mix(branches()), pedalboard.Gain(-12)])(AUDIO, RATE), native_mix(AUDIO, RATE)
    )


def test_a_native_mix_that_was_appended_to_plays():
    # pedalboard itself ends the interpreter here: "double free or corruption".
    mix = pedalboard.Mix([pedalboard.Gain(0)])
    mix.append(pedalboard.Gain(0))
    np.testing.assert_allclose(Board([mix])(AUDIO, RATE), 2 * AUDIO, atol=1e-7)


def test_a_mix_of_ours_sums_at_unity_and_may_be_appended_to():
    mix = Mix([pedalboard.Gain(0)])
    mix.append(Identity())
    np.testing.assert_allclose(mix(AUDIO, RATE), 2 * AUDIO, atol=1e-7)


def test_a_mix_holding_a_voice_aligns_its_branches_to_the_slowest():
    ours = Board([Mix([Identity(), None, Board([Identity(), pedalboard.BrickwallLimiter(0)])])])
    np.testing.assert_allclose(
        ours(AUDIO, RATE), pedalboard.Pedalboard([pedalboard.Mix(branches())])(AUDIO, RATE), atol=1e-6
    )


def test_an_inert_voice_in_a_mix_is_its_dry_branch():
    ours = Mix([Identity(inert=True), pedalboard.Gain(0)])(AUDIO, RATE)
    np.testing.assert_allclose(ours, 2 * AUDIO, atol=1e-7)


def test_an_empty_board_passes_audio_and_an_empty_mix_is_silent():
    np.testing.assert_array_equal(Board([])(AUDIO, RATE), AUDIO)
    np.testing.assert_array_equal(Mix([])(AUDIO, RATE), np.zeros_like(AUDIO))
    np.testing.assert_array_equal(Board([pedalboard.Mix([])])(AUDIO, RATE), np.zeros_like(AUDIO))


def test_a_python_override_is_heard():
    # Inside `pedalboard.Pedalboard` the override below is ignored and the gain of 0 dB plays.
    class Louder(pedalboard.Gain):
        def process(self, input_array, sample_rate, buffer_size=8192, reset=True):
            return 3 * np.asarray(input_array, np.float32)

    louder = Louder(0)
    np.testing.assert_array_equal(pedalboard.Pedalboard([louder])(AUDIO, RATE), AUDIO)
    np.testing.assert_array_equal(Board([pedalboard.Gain(0), louder])(AUDIO, RATE), 3 * AUDIO)


def test_interleaved_equals_planar_and_float64_equals_float32():
    board = Board([*effects(), Identity()])
    planar = board(AUDIO, RATE)
    interleaved = board(np.ascontiguousarray(AUDIO.T), RATE)
    np.testing.assert_array_equal(interleaved, planar.T)
    np.testing.assert_array_equal(board(AUDIO.astype(np.float64), RATE), planar)
    assert interleaved.dtype == planar.dtype == np.float32


@pytest.mark.parametrize("nodes", [[], [pedalboard.Gain()], [Identity()]], ids=["empty", "native", "ours"])
@pytest.mark.parametrize("shape", [(0, 2), (2, 0), (0,), (1, 1), (3, 2), (2, 3), (7,)])
def test_small_and_empty_arrays_keep_their_shape(nodes, shape):
    assert Board(nodes)(np.full(shape, 0.1, np.float32), RATE).shape == shape


def test_a_square_array_takes_the_layout_seen_last_until_reset():
    board = Board([pedalboard.Gain(0), Identity()])
    square = AUDIO[:, :2]
    with pytest.raises(RuntimeError, match="channel layout"):
        board(square, RATE)
    board(AUDIO, RATE)
    np.testing.assert_array_equal(board(square, RATE), square)
    board.reset()
    with pytest.raises(RuntimeError, match="channel layout"):
        board(square, RATE)


def test_what_is_no_audio_is_refused():
    board = Board([pedalboard.Gain()])
    for bad in (AUDIO.astype(np.int16), AUDIO.astype(np.complex64), AUDIO.tolist()):
        with pytest.raises(TypeError):
            board(bad, RATE)
    with pytest.raises(RuntimeError, match="Number of input dimensions must be 1 or 2"):
        board(AUDIO[None], RATE)
    broken = AUDIO.copy()
    broken[1, 17] = np.nan
    with pytest.raises(ValueError, match="sample 17, channel 1"):
        board(broken, RATE)


def test_the_input_is_never_written_to():
    before = AUDIO.copy()
    for nodes in ([], effects(), [Identity()], [Mix([None])]):
        out = Board(nodes)(AUDIO, RATE)
        assert not np.shares_memory(out, AUDIO)
        assert out.flags.writeable
        assert out.flags.c_contiguous
    np.testing.assert_array_equal(AUDIO, before)


def test_six_channels_run():
    six = np.random.default_rng(3).standard_normal((6, 5000)).astype(np.float32)
    nodes = [pedalboard.Reverb(), Identity()]
    np.testing.assert_array_equal(Board(nodes)(six, RATE), pedalboard.Reverb()(six, RATE))


def test_a_node_that_loses_frames_is_named():
    class Leaky(Identity):
        def process(self, input_array, sample_rate, buffer_size=8192, reset=True):
            return super().process(input_array, sample_rate)[..., :-1]

    with pytest.raises(RuntimeError, match="Leaky gave shape"):
        Board([Leaky()])(AUDIO, RATE)


def test_boards_that_share_a_plugin_across_threads_end_and_agree():
    shared = pedalboard.Gain(-6)
    expected = shared(AUDIO, RATE)
    boards = [Board([shared, Identity()]) for _ in range(4)]
    results: list[np.ndarray] = []

    def play(board):
        results.extend(board(AUDIO, RATE) for _ in range(10))

    threads = [threading.Thread(target=play, args=(board,)) for board in boards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert len(results) == 40
    for result in results:
        np.testing.assert_array_equal(result, expected)


def test_pedalboard_itself_refuses_our_nodes_and_boards():
    with pytest.raises(TypeError):
        pedalboard.Pedalboard([Board([])])
