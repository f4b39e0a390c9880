"""Read a session file, TOML text into the model and every mistake into one sentence; and write it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from svcfx import atomic, documents
from svcfx.documents import Form, Reach
from svcfx.errors import SessionError
from svcfx.session.model import Session

FORM = Form("session", SessionError, 4_000_000)
_HINTS = {
    "svcfx_session": "a session file begins with the line: svcfx_session = 1",
}
_ALLOW = "move the file there, or allow its folder with `allow_path` '{folder}'"


@dataclass(frozen=True, slots=True)
class Document:
    """A session, where it was read, and its text."""

    path: Path
    session: Session
    reach: Reach
    text: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """As `name_of`."""
        return name_of(self.path)


def name_of(path: Path) -> str:
    """What the outputs of a session file are named after: it, or its folder for a plain `session.toml`."""
    return path.absolute().parent.name if path.stem == "session" else path.stem


def load(path: Path, *, allow_paths: Sequence[Path] = ()) -> Document:
    """Read a session file.

    Raises:
        SessionError: It is missing, no TOML, or breaks the model; the file, key path, value and what is
            allowed are named.
    """
    return parse(documents.read_text(path, FORM), path, allow_paths=allow_paths)


def parse(text: str, path: Path, *, allow_paths: Sequence[Path] = ()) -> Document:
    """The session that `text` says, as if it stood in the file `path`; raises as `load` does."""
    tables = documents.parse_toml(text, path, FORM)
    for table in _strips(tables):
        _flatten_automation(table)
        _flatten_settings(table)
        _spell_out_controllers(table)
    _flatten_sections(tables.get("sections"))
    try:
        session = Session.model_validate(tables)
    except ValidationError as error:
        raise documents.refusal(path, FORM, Session, error, _HINTS) from error
    return Document(path, session, reach_of(path, allow_paths), text)


def save(document: Document, path: Path | None = None) -> Path:
    """Write a session as its text stands, whole or not at all, to `path` (by default where it was read).

    Raises:
        OutputError: The file cannot be written.
    """
    target = path or document.path
    with atomic.atomic(target) as temporary:
        temporary.write_text(document.text, encoding="utf-8", newline="")
    return target


def reach_of(path: Path, allow_paths: Sequence[Path] = ()) -> Reach:
    """The files that the session at `path` may read: see `svcfx.documents.paths`."""
    return Reach.of(path, FORM, allow_paths, beside=True, hint=_ALLOW)


def _strips(tables: dict[str, Any]) -> list[Any]:
    """The tables of stems, buses and the master, whatever stands there."""
    lists = [tables.get(name) for name in ("stems", "buses")]
    return [*(table for found in lists if isinstance(found, list) for table in found), tables.get("master")]


def _flatten_automation(table: Any) -> None:
    """Let `voice.mix = [[0, 1]]` be written without quotes, and bare points without a table around them."""
    if isinstance(table, dict) and isinstance(table.get("automation"), dict):
        table["automation"] = dict(_lanes(table["automation"], ""))


def _flatten_settings(table: Any) -> None:
    """Let `voice.mix = 0.5` be written without quotes in `set`."""
    if isinstance(table, dict) and isinstance(table.get("set"), dict):
        table["set"] = dict(_leaves(table["set"], ""))


def _flatten_sections(sections: Any) -> None:
    """Let `lead.gain_db = -2` be written without quotes in a section."""
    for name, table in sections.items() if isinstance(sections, dict) else ():
        if isinstance(table, dict):
            sections[name] = dict(_leaves(table, ""))


def _leaves(table: dict[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in table.items():
        found += _leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]
    return found


def _spell_out_controllers(table: Any) -> None:
    """Let `cc = { 74 = "pan" }` stand for `cc = { 74 = { to = "pan" } }`."""
    if isinstance(table, dict) and isinstance(table.get("cc"), dict):
        table["cc"] = {key: {"to": to} if isinstance(to, str) else to for key, to in table["cc"].items()}


def _lanes(table: dict[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in table.items():
        if isinstance(value, list):
            found.append((prefix + key, {"points": value}))
        elif isinstance(value, dict) and value and "points" not in value:
            found.extend(_lanes(value, f"{prefix}{key}."))
        else:
            found.append((prefix + key, value))
    return found
