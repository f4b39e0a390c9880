"""What pydantic finds wrong in a document, each mistake as one sentence.

A key path counts from one, as board addresses do: `stems[2].gain_db` is the second stem's gain.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from svcfx.documents.form import Form
from svcfx.errors import InputError, nearest

Location = Sequence[int | str]
_KINDS = {
    "number": "a number",
    "integer": "a whole number",
    "string": "text in quotes",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
}


def refusal(
    path: Path,
    form: Form,
    model: type[BaseModel],
    error: ValidationError,
    hints: Mapping[str, str] | None = None,
) -> InputError:
    """The error of a document that breaks its model: the first mistake, and how many more there are.

    `hints` are sentences by the key that is unknown or missing.
    """
    first, *more = _in_order(error)
    also = f" (and {len(more)} more mistake{'s' * (len(more) > 1)})" if more else ""
    known = (hints or {}).get(str(first["loc"][-1]) if first["loc"] else "", "")
    hint = known if first["type"] in ("extra_forbidden", "missing") else ""
    return form.error(f"{form.name} '{path}': {_sentence(model, first)}{also}", hint=hint)


def sentences(model: type[BaseModel], error: ValidationError) -> list[str]:
    """Every mistake, the likeliest cause of the others first."""
    return [_sentence(model, detail) for detail in _in_order(error)]


def key_path(location: Location) -> str:
    """`("stems", 1, "gain_db")` as `stems[2].gain_db`."""
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _in_order(error: ValidationError) -> list[ErrorDetails]:
    # An unknown key is most often the cause of the other mistakes, so it is named first.
    return sorted(error.errors(), key=lambda item: item["type"] != "extra_forbidden")


def _sentence(model: type[BaseModel], detail: ErrorDetails) -> str:
    location = [part for part in detail["loc"] if part != "[key]"]
    key, value = key_path(location), _shown(detail.get("input"))
    rule = _schema(model, location)
    match detail["type"]:
        case "extra_forbidden":
            known = [
                name
                for name, rule in _schema(model, location[:-1]).get("properties", {}).items()
                if rule.get("format") != "path"  # where the document itself lies, which no file says
            ]
            near = nearest(str(location[-1]), known)
            return f"unknown key {key}{near}, allowed are {', '.join(known)}"
        case "missing":
            return f"{key} is missing"
        case "literal_error":
            allowed = [str(choice) for choice in rule.get("enum", [rule.get("const", "")])]
            near = nearest(value.strip(chr(39)), allowed)
            return f"{key} is {value}, allowed are {', '.join(allowed)}{near}"
        case "value_error":
            where = f"{key}: " if key else ""
            return where + str(detail["msg"]).removeprefix("Value error, ")
        case "string_pattern_mismatch":
            return f"{key} is {value}, which must match {detail['ctx']['pattern']}"
        case _:
            return f"{key or 'the file'} is {value}, must be {_allowed(rule, str(detail['msg']))}"


def _shown(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _schema(model: type[BaseModel], location: Location) -> dict[str, Any]:
    """The part of the model's JSON schema that rules what stands at `location`."""
    whole = model.model_json_schema()
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


def _allowed(rule: dict[str, Any], otherwise: str) -> str:
    kind = _KINDS.get(str(rule.get("type")), otherwise)
    low = rule.get("minimum", rule.get("exclusiveMinimum"))
    high = rule.get("maximum")
    if low is not None and high is not None:
        return f"{kind} from {low:g} to {high:g}"
    if low is not None:
        return f"{kind} {'above' if 'exclusiveMinimum' in rule else 'from'} {low:g}"
    counts = [rule.get(name) for name in ("minLength", "minItems", "maxLength", "maxItems")]
    low, high = (counts[0] or counts[1], counts[2] or counts[3])
    if low is None and high is None:
        return kind
    unit = "characters" if kind.startswith("text") else "entries"
    return f"{kind} of {low or 0} to {high} {unit}" if high else f"{kind} of at least {low} {unit}"
