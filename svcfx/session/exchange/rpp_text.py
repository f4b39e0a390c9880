"""The text of a REAPER project: lines of words, and chunks of lines inside of each other.

A chunk begins with a line `<NAME word ...` and ends with a line `>`. A word that holds blanks or quotes
stands in that one of the quotes `"`, `'` and the backtick that is not in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from svcfx.documents import one_line
from svcfx.errors import InputError
from svcfx.session.exchange.timebase import number

MOST_LINES = 2_000_000
MOST_DEPTH = 60
_QUOTES = "\"'`"
_WORD = re.compile(r"""\s*(?:"([^"]*)"?|'([^']*)'?|`([^`]*)`?|(\S+))""")
_BARE = re.compile(r"[^\s\"'`<>|][^\s\"'`]*")


@dataclass(slots=True)
class Line:
    """A line: its first word, and all that follows it as it is written."""

    key: str
    rest: str = ""

    @property
    def words(self) -> list[str]:
        """What follows the first word, unquoted."""
        return ["".join(filter(None, found)) for found in _WORD.findall(self.rest)]

    def number(self, place: int, default: float = 0.0) -> float:
        """The number at a place behind the first word; the default where there is none.

        Raises:
            InputError: There is something else.
        """
        words = self.words
        return number(words[place], f"{self.key} of the project") if place < len(words) else default


@dataclass(slots=True)
class Chunk(Line):
    """A chunk: its first line, and the lines and chunks in it, in order."""

    inside: list["Line | Chunk"] = field(default_factory=list)

    def first(self, key: str) -> Line:
        """The first line or chunk of that name, an empty line where there is none."""
        return next(self.every(key), Line(""))

    def every(self, key: str) -> Iterator[Line]:
        """Lines and chunks of that name."""
        return (line for line in self.inside if line.key == key)

    def chunks(self, *keys: str) -> "Iterator[Chunk]":
        """Chunks of these names, or all."""
        return (line for line in self.inside if isinstance(line, Chunk) and (not keys or line.key in keys))


def parse(text: str, name: str) -> Chunk:
    """The whole project.

    Raises:
        InputError: It is none, does not end, or is larger or deeper than any song.
    """
    root = Chunk("")
    opened = [root]
    for count, line in enumerate(text.split("\n")):
        if count > MOST_LINES or len(opened) > MOST_DEPTH:
            raise InputError(f"'{name}' is larger than any song: {MOST_LINES:,} lines, {MOST_DEPTH} deep")
        bare = line.strip()
        if bare == ">":
            opened.pop()
            if not opened:
                break
        elif bare.startswith("<"):
            key, _, rest = bare[1:].partition(" ")
            chunk = Chunk(key, rest)
            opened[-1].inside.append(chunk)
            opened.append(chunk)
        elif bare:
            key, _, rest = bare.partition(" ")
            opened[-1].inside.append(Line(key, rest))
    project = next(root.chunks("REAPER_PROJECT"), None)
    if project is None:
        raise InputError(f"'{name}' is no REAPER project: it does not begin with <REAPER_PROJECT")
    if len(opened) != 1:
        raise InputError(f"'{name}' is cut: {max(len(opened) - 1, 1)} of its chunks do not end")
    return project


def quoted(text: str) -> str:
    """A word as a project writes it; what no quote can hold becomes an apostrophe, line breaks blanks."""
    plain = one_line(text)
    if _BARE.fullmatch(plain):
        return plain
    quote = next((each for each in _QUOTES if each not in plain), "`")
    return f"{quote}{plain.replace('`', chr(39)) if quote == '`' else plain}{quote}"
