"""`benchmarks/RESULTS.md`: one section a benchmark, each rewritten by its own command alone."""

import re
from collections.abc import Sequence
from pathlib import Path

FILE = Path(__file__).parents[1] / "RESULTS.md"
HEAD = "# Results\n\nWritten by the commands named in each section; what the figures mean is in README.md.\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns also line up when read as plain text."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def write(title: str, body: str, level: int = 2) -> None:
    """Put a section of that heading level in its place, or at the end."""
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else HEAD
    mark = "#" * level
    section = f"{mark} {title}\n\n{body.strip()}\n"
    pattern = re.compile(rf"^{mark} {re.escape(title)}\n.*?(?=^#{{2,{level}}} |\Z)", re.DOTALL | re.MULTILINE)
    if pattern.search(text):
        text = pattern.sub(lambda _: section + "\n", text)
    else:
        text = text.rstrip("\n") + "\n\n" + section
    FILE.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
