"""Tables line up, also with wide letters and line breaks in names."""

from svcfx.cli.table import table


def test_columns_line_up():
    assert table(("A", "B"), [("long", "x"), ("s", "yy")]) == "A     B\nlong  x\ns     yy"


def test_wide_letters_count_twice_and_control_characters_are_shown():
    lines = table(("A", "B"), [("歌", "x"), ("a\nb\x1b", "y")]).splitlines()
    assert lines == ["A     B", "歌    x", "a?b?  y"]
