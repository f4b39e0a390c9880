"""What holds for the knobs of every node of ours, whatever they are called."""

import copy
import pickle

import numpy as np
import pytest

import svcfx
from svcfx.board.address import addresses
from svcfx.errors import ParamError, UnknownAttributeError
from svcfx.lanes import Lane
from svcfx.node import Node

RATE = 44100
COPIES = [copy.copy, copy.deepcopy, lambda node: pickle.loads(pickle.dumps(node))]


def movable(node):
    """Knobs that a lane may move."""
    return [knob for knob in node.parameters.values() if knob.is_automatable]


def first(node):
    """The first knob that a lane may move; to move it changes what comes out."""
    return movable(node)[0]


def test_it_is_a_node_that_hears_and_makes_no_sound_of_its_own(any_node):
    assert isinstance(any_node, Node)
    assert any_node.is_effect
    assert not any_node.is_instrument


@pytest.mark.bytes
@pytest.mark.parametrize("copied", COPIES)
def test_a_copy_plays_the_same_and_has_its_own_knobs(any_node, stem, copied):
    knob = first(any_node)
    setattr(any_node, knob.python_name, knob.max_value / 4)
    other = copied(any_node)
    assert other.to_dict() == any_node.to_dict()
    np.testing.assert_array_equal(other(stem[:9000], RATE), any_node(stem[:9000], RATE))
    setattr(other, knob.python_name, knob.max_value)
    assert knob.value == knob.max_value / 4


def test_a_dict_makes_the_node_again_and_no_other(any_node):
    assert type(any_node).from_dict(any_node.to_dict()).to_dict() == any_node.to_dict()
    with pytest.raises(ParamError, match="node is 'Reverb'"):
        type(any_node).from_dict({"node": "Reverb"})


def test_every_knob_refuses_what_is_outside_and_keeps_its_value(any_node):
    for knob in movable(any_node):
        before = knob.value
        for value in (knob.min_value - 1, knob.max_value + 1, float("nan")):
            with pytest.raises(ValueError, match=f"{knob.python_name} is .* outside "):
                setattr(any_node, knob.python_name, value)
        assert knob.value == before


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(any_node):
    name = first(any_node).python_name
    for wrong in (lambda: setattr(any_node, name + "s", 1), lambda: getattr(any_node, name + "s")):
        with pytest.raises(UnknownAttributeError, match=f"did you mean '{name}'"):
            wrong()


@pytest.mark.bytes
def test_a_lane_that_stands_still_is_the_knob(any_node, stem):
    knob = first(any_node)
    value = knob.max_value / 2
    moved = any_node.process_automated(stem[:9000], RATE, {knob.python_name: Lane.constant(value)})
    setattr(any_node, knob.python_name, value)
    np.testing.assert_array_equal(moved, any_node(stem[:9000], RATE))


def test_a_lane_changes_what_comes_after_it_begins_to_move(any_node, stem):
    knob = first(any_node)
    lane = Lane(((0.0, knob.value), (1.0, knob.value), (1.0, knob.max_value)), "step")
    still, moved = any_node(stem, RATE), any_node.process_automated(stem, RATE, {knob.python_name: lane})
    assert not np.allclose(moved[RATE:], still[RATE:], atol=1e-3)


def test_a_lane_that_leaves_the_range_is_refused_with_its_second_before_anything_is_played(any_node, stem):
    for knob in movable(any_node):
        lane = Lane(((0.0, knob.value), (1.0, knob.value), (1.0, knob.max_value + 1)), "step")
        with pytest.raises(ParamError, match=rf"{knob.python_name} is .* at 1\.00 s of its lane, outside"):
            any_node.process_automated(stem, RATE, {knob.python_name: lane})


@pytest.mark.bytes
def test_on_a_board_it_sounds_as_alone_and_lanes_reach_it(any_node, stem):
    board, knob = svcfx.Board([any_node]), first(any_node)
    [name] = addresses(board.slots)
    lane = Lane(((0.0, 1.0), (0.5, knob.max_value)))
    alone = any_node.process_automated(stem[:9000], RATE, {knob.python_name: lane})
    np.testing.assert_array_equal(board(stem[:9000], RATE), any_node(stem[:9000], RATE))
    automation = {f"{name}.{knob.python_name}": lane}
    np.testing.assert_array_equal(board.process(stem[:9000], RATE, automation=automation), alone)
