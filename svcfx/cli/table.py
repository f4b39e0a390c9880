"""Rows as aligned plain text: the same on a terminal and in a pipe, wide letters counted as wide."""

from collections.abc import Sequence

GAP = "  "


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The lines of a table; the last column is not padded, control characters are shown as "?"."""
    from rich.cells import cell_len  # here: --help stays light

    lines = [[one_line(cell) for cell in row] for row in (header, *rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        GAP.join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def one_line(text: str) -> str:
    """Text of a stranger as one line that moves no cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
