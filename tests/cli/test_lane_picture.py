"""A lane's picture is right side up, and its bars stand where they are."""

from svcfx.cli.midi import ROWS
from svcfx.cli.midi import draw_lane as draw


def test_a_step_up_is_drawn_up():
    assert draw([0, 0, 2, 2], [(0, "1"), (2, "9")], line="#").splitlines() == [
        "    +2 |  ##",
        "    +1 |",
        "     0 |##",
        "        1 9",
    ]


def test_every_column_is_drawn_once_whatever_the_span():
    values = [float(value) for value in range(-60, 68)]
    lines = draw(values, [], line="#").splitlines()
    assert sum(line.count("#") for line in lines) == len(values)
    assert len(lines) <= ROWS + 1


def test_labels_that_would_touch_are_left_out():
    assert draw([1.0], [(0, "100"), (2, "101"), (4, "102")]).splitlines()[-1].split() == ["100", "102"]
