"""A lane as a few lines of text: values upward, bars along."""

from collections.abc import Sequence

ROWS = 9


def draw(values: Sequence[float], marks: Sequence[tuple[int, str]], *, line: str = "━") -> str:
    """Draw one column a value, the highest row first, each with its value in semitones at the left.

    Args:
        values: One value a column.
        marks: (column, label) written under the picture, such as bar numbers, in order.
        line: What a value is drawn with.
    """
    low, high = min(values), max(values)
    step = max(1.0, -(-(high - low) // (ROWS - 1)))
    count = int((high - low) / step + 0.5) + 1
    rows = [round((value - low) / step) for value in values]
    lines = []
    for row in reversed(range(count)):
        drawn = "".join(line if at == row else " " for at in rows)
        value = low + row * step
        lines.append(f"{value:{'+' if value else ''}6.3g} |{drawn}".rstrip())
    return "\n".join([*lines, _ruler(marks)])


def _ruler(marks: Sequence[tuple[int, str]]) -> str:
    ruler = ""
    for column, label in marks:
        at = column + 8  # the width of a value and its rule
        if at > len(ruler) or not ruler:
            ruler = ruler.ljust(at) + label
    return ruler
