"""Equal keys mean equal results: nothing that is heard is left out, and nothing else is in."""

import numpy as np
import pytest

from svcfx.lanes import Lane, SampledLane
from svcfx.render import keys, machine
from svcfx.render.keys import Unkeyable, digest, within
from svcfx.session.timeline import Sum

DIFFERENT = [
    None, False, True, 0, 1, -1, 0.0, -0.0, 1.0, float(np.nextafter(1.0, 2.0)), "", "1", "a", b"a", [], [[]],
    ["a"],
    ["a", ""], [1, 23], [12, 3], {}, {"a": 1}, {"a": 1.0}, {"a": None}, {1: "a"}, frozenset(), frozenset({1}),
    np.zeros(2), np.zeros(2, np.float32), np.zeros((1, 2)), np.zeros((2, 1)), np.ones(2), np.zeros(0),
    Lane.constant(0.0), Lane.constant(1.0), Lane(((0.0, 0.0),), "linear"), SampledLane(np.zeros(3), 10.0),
    SampledLane(np.zeros(3), 20.0), Sum((Lane.constant(0.0),)), Sum(()), float("nan"), float("inf"),
]  # fmt: skip


def test_different_values_have_different_digests():
    found = [digest(value) for value in DIFFERENT]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1, 2), [1, 2]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (np.float64(0.5), 0.5),
        (np.int32(3), 3),
        (np.arange(6.0).reshape(2, 3)[:, ::2], np.array([[0.0, 2.0], [3.0, 5.0]])),
        (Lane(((0.0, 1.0),)), Lane(((0.0, 1.0),))),
    ],
)
def test_equal_values_have_equal_digests(one, other):
    assert digest(one) == digest(other)


@pytest.mark.parametrize("value", [object(), {"a": {1: object()}}, np.array([object()]), lambda: 1, int])
def test_what_cannot_be_written_has_no_key(value):
    with pytest.raises(Unkeyable):
        digest(value)


@pytest.mark.parametrize("interpolation", ["step", "linear", "smooth"])
def test_what_lies_behind_the_end_of_a_lane_is_left_out_and_what_is_heard_stays(interpolation):
    points = ((0.0, 0.0), (1.0, 3.0), (2.0, 1.0), (5.0, 7.0), (9.0, 2.0))
    lane = Lane(points, interpolation)
    cut = within(lane, 4.0)
    when = np.linspace(0.0, 4.0, 500)
    np.testing.assert_array_equal(cut.at(when), lane.at(when))
    other = Lane((*points[:-1], (9.0, 3.0)), interpolation)
    assert digest(within(other, 4.0)) == digest(cut)
    assert digest(within(other, 10.0)) != digest(within(lane, 10.0))
    assert digest(within(Sum((other, other)), 4.0)) == digest(within(Sum((lane, lane)), 4.0))


def test_another_kind_version_machine_or_library_is_another_key(monkeypatch):
    before = keys.key("strip", 1, "a")
    assert keys.key("strip", 1, "a") == before
    assert len({before, keys.key("strip", 2, "a"), keys.key("voice", 1, "a"), keys.key("strip", 1, "b")}) == 4
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    assert keys.key("strip", 1, "a") != before
    monkeypatch.undo()
    monkeypatch.setattr(machine, "versions", lambda: {"numpy": "0"})
    monkeypatch.setattr(machine, "_fixed", machine._fixed.__wrapped__)
    assert keys.key("strip", 1, "a") != before


def test_versions_are_those_that_python_tells():
    from importlib.metadata import version

    told = machine.versions()
    assert "numpy" in told
    assert all(version(name) == said for name, said in told.items() if name not in ("svcfx", "python"))
