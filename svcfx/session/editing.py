"""Change a session's text by key path: comments, order and spelling of all else stay.

A key path is what messages call `stems[2].gain_db`, as a sequence: `("stems", 1, "gain_db")`, counted from 0.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, InlineTable

from svcfx.documents import key_path
from svcfx.errors import SessionError
from svcfx.session import document as documents
from svcfx.session.document import Document

Key = tuple[str | int, ...]
_HEADER = re.compile(r"\[\[?[\w.\"'-]+\]\]?[ \t]*(#.*)?$")
_LONG_ROWS = 6


@dataclass(frozen=True, slots=True)
class Change:
    """Put `value` (a number, text, switch, list or table) at `key`; None takes what is there away.

    A number one past the end of a list adds to it.
    """

    key: Key
    value: Any = None


def edited(document: Document, changes: Sequence[Change]) -> Document:
    """The session with `changes` worked into its text, in order.

    Raises:
        SessionError: A key path leads nowhere, or what comes out is no session; the sentence is that of a
            file with this mistake.
    """
    tree = tomlkit.parse(document.text)
    try:
        for change in changes:
            _apply(tree, change)
        text = _spaced(tomlkit.dumps(tree), document.text)
    except RecursionError as error:
        raise SessionError("a value nests too deeply for a session") from error
    return documents.parse(text, document.path, allow_paths=document.reach.allowed)


def _apply(tree: Any, change: Change) -> None:
    if not change.key:
        raise SessionError("a change names no key", hint="such as stems, 0, gain_db")
    parents = [tree]
    for step in change.key[:-1]:
        parents.append(_below(parents[-1], step, change))
    last = change.key[-1]
    try:
        if change.value is None:
            _take_away(parents, change.key)
        elif isinstance(last, int) and isinstance(parents[-1], list) and last == len(parents[-1]):
            parents[-1].append(_item(change.value, parents[-1]))
        else:
            parents[-1][last] = _item(change.value, parents[-1])
    except (KeyError, IndexError, TypeError, ValueError, TOMLKitError) as error:
        raise _nowhere(change) from error


def _below(parent: Any, step: str | int, change: Change) -> Any:
    """What stands at `step`; a table that is not there yet is made, unless something is to be taken away."""
    if isinstance(step, str) and isinstance(parent, dict):
        if step not in parent and change.value is not None:
            parent[step] = tomlkit.inline_table() if _is_inline(parent) else tomlkit.table()
        if step in parent:
            return parent[step]
    elif isinstance(step, int) and isinstance(parent, list) and 0 <= step < len(parent):
        return parent[step]
    raise _nowhere(change)


def _take_away(parents: list[Any], key: Key) -> None:
    """Remove the last key, and the tables that it leaves empty; not the members of lists."""
    for parent, step in zip(reversed(parents), reversed(key), strict=True):
        if isinstance(step, int) and not 0 <= step < len(parent):
            raise IndexError(step)
        del parent[step]
        if len(parent) or not isinstance(parent, dict) or parent is parents[0]:
            return


def _item(value: Any, parent: Any) -> Any:
    if isinstance(value, dict):
        made: Any = tomlkit.inline_table() if _is_inline(parent) else tomlkit.table()
        for key, inner in value.items():
            made[key] = _item(inner, made)
        return made
    item = tomlkit.item(value)
    if isinstance(item, Array) and len(item) > _LONG_ROWS:
        item.multiline(True)
    return item


def _is_inline(parent: Any) -> bool:
    return isinstance(parent, InlineTable) or (isinstance(parent, Array) and not isinstance(parent, AoT))


def _nowhere(change: Change) -> SessionError:
    return SessionError(f"the session has no place '{key_path(change.key)}'")


def _spaced(text: str, before: str) -> str:
    """An empty line before each table that was put behind something, where that changes no value."""
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and lines[-1] and _HEADER.match(line) and f"{lines[-1]}\n{line}" not in before:
            lines.append("")
        lines.append(line)
    spaced = "\n".join(lines)
    try:
        return spaced if tomllib.loads(spaced) == tomllib.loads(text) else text
    except ValueError:
        return text
