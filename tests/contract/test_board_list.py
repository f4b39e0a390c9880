"""A board is a superset of `pedalboard.Pedalboard` as a list: a real MutableSequence, checked elements."""

from collections.abc import MutableSequence

import numpy as np
import pedalboard
import pytest

from svcfx.board import Board, Mix, Slot
from svcfx.errors import AudioTypeError, BoardError, InputError

RATE = 44_100
AUDIO = np.random.default_rng(1).standard_normal((2, 3000)).astype(np.float32) * 0.1


@pytest.mark.parametrize("make", [list, tuple, iter], ids=["list", "tuple", "generator"])
def test_a_board_is_made_from_any_iterable(make):
    gains = [pedalboard.Gain(1), pedalboard.Gain(2)]
    assert list(Board(make(gains))) == gains


def test_a_board_is_a_mutable_sequence():
    a, b, c = (pedalboard.Gain(level) for level in (1, 2, 3))
    board = Board([a])
    assert isinstance(board, MutableSequence)
    board.append(c)
    board.insert(1, b)
    assert (board[0], board[-1], len(board), b in board, board.index(c)) == (a, c, 3, True, 2)
    assert list(reversed(board)) == [c, b, a]
    assert list(board[1:]) == [b, c]
    assert board.pop() is c
    board.remove(a)
    board[0] = c
    board.extend([a])
    del board[0]
    assert list(board) == [a]


def test_errors_of_the_list_are_those_of_lists():
    board = Board([pedalboard.Gain()])
    with pytest.raises(IndexError):
        board[1]
    with pytest.raises(ValueError):  # noqa: PT011
        board.remove(pedalboard.Gain())


def test_the_representation_is_that_of_pedalboard():
    assert repr(Board([])) == "<Board (as pedalboard's Pedalboard) with 0 plugins: []>"
    one = Board([pedalboard.Gain(3)])
    assert repr(one).startswith(
        "<Board (as pedalboard's Pedalboard) with 1 plugin: [<pedalboard.Gain gain_db=3 at 0x"
    )
    assert repr(Board([pedalboard.Gain(), None])).endswith(", None]>")


def test_boards_are_equal_by_identity_and_hashable():
    gain = pedalboard.Gain()
    assert Board([gain]) != Board([gain])
    assert len({Board([gain]), Board([gain])}) == 2


def test_none_passes_audio_on():
    np.testing.assert_array_equal(Board([None])(AUDIO, RATE), AUDIO)
    np.testing.assert_array_equal(
        Board([None, pedalboard.Gain(6), None])(AUDIO, RATE), pedalboard.Gain(6)(AUDIO, RATE)
    )


@pytest.mark.parametrize(
    "element",
    [lambda audio: audio, "gain", 3, [pedalboard.Gain()], pedalboard.Gain, object()],
    ids=["lambda", "string", "number", "nested list", "class", "object"],
)
def test_what_cannot_process_is_refused_at_every_door(element):
    with pytest.raises(TypeError) as refused:
        Board([element])
    assert isinstance(refused.value, AudioTypeError)
    assert refused.value.hint
    board = Board([pedalboard.Gain()])
    for attempt in (board.append, lambda bad: board.insert(0, bad), lambda bad: board.__setitem__(0, bad)):
        with pytest.raises(AudioTypeError):
            attempt(element)
    assert len(board) == 1


def test_a_class_is_told_to_be_called():
    with pytest.raises(AudioTypeError, match=r"write Gain\(\)"):
        Board([pedalboard.Gain])


def test_instruments_are_refused():
    class Organ:
        is_effect, is_instrument = False, True

        def process(self, input_array, sample_rate, buffer_size=8192, reset=True):
            return input_array

        def reset(self): ...

    with pytest.raises(ValueError, match="organ is an instrument") as refused:
        Board([Organ()])
    assert isinstance(refused.value, InputError)


@pytest.mark.parametrize(
    "place",
    [
        lambda gain: [gain, gain],
        lambda gain: [gain, pedalboard.Chain([gain])],
        lambda gain: [gain, Board([Board([gain])])],
        lambda gain: [Mix([gain, None, gain])],
        lambda gain: [pedalboard.Mix([pedalboard.Chain([gain]), gain])],
    ],
    ids=["side by side", "in a native chain", "in nested boards", "in a mix", "in a native mix"],
)
def test_one_instance_at_two_places_is_refused_by_name(place):
    board = Board(place(pedalboard.Gain()))
    with pytest.raises(RuntimeError, match="the same gain stands in this board twice") as refused:
        board(AUDIO, RATE)
    assert isinstance(refused.value, BoardError)


def test_one_instance_may_stand_in_two_boards():
    gain = pedalboard.Gain(6)
    np.testing.assert_array_equal(Board([gain])(AUDIO, RATE), Board([gain])(AUDIO, RATE))


@pytest.mark.parametrize("rate", [0, -44_100, float("nan"), float("inf")])
def test_a_sample_rate_that_is_none_is_refused(rate):
    with pytest.raises(ValueError, match="sample_rate is"):
        Board([pedalboard.Gain()])(AUDIO, rate)


@pytest.mark.parametrize(("rate", "error"), [("44100", TypeError), (None, TypeError)])
def test_a_sample_rate_of_another_type_is_refused(rate, error):
    with pytest.raises(error):
        Board([pedalboard.Gain()])(AUDIO, rate)


def test_numpy_scalars_are_rates():
    np.testing.assert_array_equal(
        Board([pedalboard.Gain()])(AUDIO, np.float32(RATE)), pedalboard.Gain()(AUDIO, RATE)
    )


def test_buffer_size_0_cannot_hang():
    with pytest.raises(ValueError, match="buffer_size is 0"):
        Board([pedalboard.Gain()])(AUDIO, RATE, 0)
    with pytest.raises(TypeError):
        Board([pedalboard.Gain()])(AUDIO, RATE, -1)


def test_names_of_arguments_are_those_of_pedalboard():
    board = Board([pedalboard.Gain(6)])
    by_name = board.process(input_array=AUDIO, sample_rate=RATE, buffer_size=512, reset=True)
    np.testing.assert_array_equal(by_name, board(AUDIO, RATE, 512, True))


def test_a_board_is_an_effect_and_no_instrument():
    assert (Board().is_effect, Board().is_instrument) == (True, False)


def test_a_slot_names_and_bypasses_a_node():
    board = Board([Slot(pedalboard.Gain(6), name="trim", bypassed=True)])
    np.testing.assert_array_equal(board(AUDIO, RATE), AUDIO)
    board.set_bypassed("trim", False)
    np.testing.assert_array_equal(board(AUDIO, RATE), pedalboard.Gain(6)(AUDIO, RATE))
    with pytest.raises(InputError, match="allowed are letters"):
        Slot(pedalboard.Gain(), name="a.b")
