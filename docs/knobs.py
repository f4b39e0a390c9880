"""Write what follows from the table of knobs: `python docs/knobs.py`.

The keywords of `VoiceConversion` as a type that editors read, and the table of docs/voices.md. A test
compares both with the table, so that a row that was added is not forgotten.
"""

import re
from pathlib import Path

from svcfx.chain.knobs import SECTIONS, TABLE, Choice, Knob, Row, shown

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ROOT / "svcfx/node/voice_options.py"
PAGE = ROOT / "docs/voices.md"
BEGIN, END = "<!-- knobs: begin -->", "<!-- knobs: end -->"
_HEAD = '''"""The keywords of `VoiceConversion`, for editors; written by `python docs/knobs.py`."""

from typing import Literal, TypedDict


class VoiceOptions(TypedDict, total=False):
    """Rows of the table of knobs (`chain.knobs`); a number may also be a text with its unit."""
'''


def main() -> None:
    """Write both."""
    OPTIONS.write_text(options(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def options() -> str:
    """The module with the keywords."""
    rows = [f'    {row.name}: {_type(row)}\n    """{row.help}{_span(row)}"""\n' for row in TABLE]
    return _HEAD + "\n" + "".join(rows)


def page(text: str) -> str:
    """The page with its table written anew."""
    made = f"{BEGIN}\n{table()}{END}"
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: made, text, flags=re.DOTALL)


def table() -> str:
    """Every row in Markdown, section by section."""
    heads = ("parameter", "option of `svcfx convert`", "what it does", "rests at", "needs")
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for section in SECTIONS:
        lines += [_line(row) for row in TABLE if row.section == section]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    flag = next(flag for flag in row.flags if "--" in flag).split("/")[0]
    what = f"{row.help[0].lower()}{row.help[1:]}{_span(row)}{_choices(row)}"
    rest = "the voice's own" if row.of_voice else shown(row)
    return f"| `{row.name}` | `{flag}` | {what} | {rest} | {', '.join(row.needs)} |"


def _span(row: Row) -> str:
    return f" {row.span}{'' if row.automatable else '; no lane moves it'}." if isinstance(row, Knob) else ""


def _choices(row: Row) -> str:
    return f" One of {', '.join(row.choices)}." if isinstance(row, Choice) else ""


def _type(row: Row) -> str:
    if isinstance(row, Choice):
        names = ", ".join(f'"{name}"' for name in row.choices)
        return f"Literal[{names}]"
    if isinstance(row, Knob):
        return "float | str"
    return {"flag": "bool", "whole": "int", "text": "str", "number": "float | None"}[row.kind]


if __name__ == "__main__":
    main()
