"""Read a session file: TOML text into the model, and every mistake into one sentence.

A key path counts from one, as board addresses do: `stems[2].gain_db` is the second stem's gain.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from svcfx.errors import SessionError, nearest
from svcfx.session.model import Session
from svcfx.session.paths import Reach

_MAX_BYTES = 4_000_000
_LATER = {"buses": "buses come in a later version of svcfx"}


@dataclass(frozen=True, slots=True)
class Document:
    """A session and where it was read."""

    path: Path
    session: Session
    reach: Reach

    @property
    def name(self) -> str:
        """What its outputs are named after: the file's name, or its folder's for a plain `session.toml`."""
        return self.path.absolute().parent.name if self.path.stem == "session" else self.path.stem


def load(path: Path, *, allow_paths: Sequence[Path] = ()) -> Document:
    """Read a session file.

    Raises:
        SessionError: It is missing, no TOML, or breaks the model; the file, key path, value and what is
            allowed are named.
    """
    tables = _parse(path)
    stems = tables.get("stems")
    for table in [*(stems if isinstance(stems, list) else []), tables.get("master")]:
        _flatten_automation(table)
        _spell_out_controllers(table)
    try:
        session = Session.model_validate(tables)
    except ValidationError as error:
        raise _refusal(path, error) from error
    return Document(path, session, Reach.of(path, allow_paths))


def _parse(path: Path) -> dict[str, Any]:
    if path.is_dir():
        raise SessionError(f"'{path}' is a folder", hint=f"did you mean '{path / 'session.toml'}'?")
    if not path.is_file():
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise SessionError(f"'{path}' does not exist{nearest(path.name, siblings)}")
    if path.stat().st_size > _MAX_BYTES:
        raise SessionError(f"'{path}' is over {_MAX_BYTES // 1_000_000} MB, no session is that long")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise SessionError(f"'{path}' is no session: it is not UTF-8 text") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SessionError(f"'{path}' is no TOML: {str(error)[:200]}") from error
    except PermissionError as error:
        raise SessionError(f"'{path}' may not be read: permission denied") from error


def _flatten_automation(table: Any) -> None:
    """Let `voice.mix = [[0, 1]]` be written without quotes, and bare points without a table around them."""
    if isinstance(table, dict) and isinstance(table.get("automation"), dict):
        table["automation"] = dict(_lanes(table["automation"], ""))


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


def _refusal(path: Path, error: ValidationError) -> SessionError:
    details = error.errors()
    # An unknown key is most often the cause of the other mistakes, so it is named first.
    first = min(details, key=lambda item: item["type"] != "extra_forbidden")
    more = len(details) - 1
    also = f" (and {more} more mistake{'s' * (more > 1)})" if more else ""
    return SessionError(f"'{path}': {_sentence(first)}{also}", hint=_hint(first))


def _sentence(detail: ErrorDetails) -> str:
    location = [part for part in detail["loc"] if part != "[key]"]
    key, value = key_path(location), _shown(detail.get("input"))
    rule = _schema(location)
    match detail["type"]:
        case "extra_forbidden":
            known = list(_schema(location[:-1]).get("properties", {}))
            near = nearest(str(location[-1]), known)
            return f"unknown key {key}{near}, allowed are {', '.join(known)}"
        case "missing":
            return f"{key} is missing"
        case "literal_error":
            allowed = [str(choice) for choice in rule.get("enum", [rule.get("const", "")])]
            return (
                f"{key} is {value}, allowed are {', '.join(allowed)}{nearest(value.strip(chr(39)), allowed)}"
            )
        case "value_error":
            where = f"{key}: " if key else ""
            return where + str(detail["msg"]).removeprefix("Value error, ")
        case _:
            return f"{key} is {value}, must be {_allowed(rule, str(detail['msg']))}"


def _hint(detail: ErrorDetails) -> str:
    if detail["type"] == "missing" and detail["loc"] == ("svcfx_session",):
        return "a session file begins with the line: svcfx_session = 1"
    return _LATER.get(str(detail["loc"][-1]), "") if detail["type"] == "extra_forbidden" else ""


def key_path(location: Sequence[int | str]) -> str:
    """`("stems", 1, "gain_db")` as `stems[2].gain_db`."""
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _shown(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _schema(location: Sequence[int | str]) -> dict[str, Any]:
    """The part of the model's JSON schema that rules what stands at `location`."""
    whole = Session.model_json_schema()
    rule: dict[str, Any] = _followed(whole, whole)
    for part in location:
        if isinstance(part, int):
            inner = rule.get("items", {})
        else:
            inner = rule.get("properties", {}).get(part, rule.get("additionalProperties", {}))
        rule = _followed(inner if isinstance(inner, dict) else {}, whole)
    return rule


def _followed(rule: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    for choice in rule.get("anyOf", []):
        if choice.get("type") != "null":
            return _followed(choice, whole)
    if "$ref" in rule:
        return _followed(whole["$defs"][rule["$ref"].rsplit("/", 1)[-1]], whole)
    return rule


_KINDS = {
    "number": "a number",
    "integer": "a whole number",
    "string": "text in quotes",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
}


def _allowed(rule: dict[str, Any], otherwise: str) -> str:
    kind = _KINDS.get(str(rule.get("type")), otherwise)
    low = rule.get("minimum", rule.get("exclusiveMinimum"))
    high = rule.get("maximum")
    if low is not None and high is not None:
        return f"{kind} from {low:g} to {high:g}"
    counts = [rule.get(name) for name in ("minLength", "minItems", "maxLength", "maxItems")]
    low, high = (counts[0] or counts[1], counts[2] or counts[3])
    return (
        f"{kind} of {low or 0} to {high} {'characters' if kind.startswith('text') else 'entries'}"
        if high
        else kind
    )
