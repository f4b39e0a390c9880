"""Single parameters of a board, set by address and text: `--set compressor.threshold_db=-30`."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from svcfx.errors import ParamError, SvcfxError, nearest

if TYPE_CHECKING:
    from svcfx.board import Board


def parse(texts: Iterable[str]) -> dict[str, str]:
    """ "address=value" texts by address; the last of an address counts.

    Raises:
        ParamError: A text has no "=", or nothing on one side of it.
    """
    found = {}
    for text in texts:
        address, _, value = text.partition("=")
        if not address.strip() or not value.strip():
            raise ParamError(
                f"'{text}' sets nothing", hint="write node.parameter=value, such as gain.gain_db=-3"
            )
        found[address.strip()] = value.strip()
    return found


def apply(board: "Board", settings: Mapping[str, str]) -> None:
    """Set parameters of `board`; a number where the parameter holds one, else the text.

    Raises:
        ParamError: An address leads nowhere (the nearest is named), or a value is out of range.
    """
    from svcfx.board import address

    for where, text in settings.items():
        node, parameter = address.find(board.slots, where)
        known = _names(node)
        if parameter not in known:
            called = where.rpartition(".")[0]
            raise ParamError(
                f"'{called}' has no parameter '{parameter}'{nearest(parameter, known)}",
                hint=f"it has {', '.join(known)}",
            )
        _set(node, parameter, text, where)


def _names(node: Any) -> list[str]:
    """Parameters and switches of a node; a built-in tells them as properties only."""
    listed = [*getattr(node, "parameters", {}), *getattr(node, "SWITCHES", ())]
    if listed:
        return listed
    kind = type(node)
    return [
        name
        for name in dir(kind)
        if isinstance(getattr(kind, name), property) and getattr(kind, name).fset and not name.startswith("_")
    ]


def _set(node: Any, parameter: str, text: str, where: str) -> None:
    from svcfx.node import native, plugins

    value = _value(getattr(node, parameter), text, where)
    allowed = _range(node, parameter)
    if allowed is not None and isinstance(value, float) and not allowed.low <= value <= allowed.high:
        raise ParamError(f"{where} is {value:g}, outside {allowed.span}")
    try:
        if native.is_external(node):
            plugins.put(node, parameter, value)
        else:
            setattr(node, parameter, value)
    except SvcfxError:
        raise
    except (TypeError, ValueError) as error:  # a VST3's or a built-in's own refusal
        raise ParamError(f"{where} is '{text}': {error}") from error


def _value(now: Any, text: str, where: str) -> float | int | bool | str:
    """`text` as the type that the parameter has now."""
    if isinstance(now, bool):
        if text.lower() not in ("true", "false"):
            raise ParamError(f"{where} is '{text}', allowed are true and false")
        return text.lower() == "true"
    if isinstance(now, str):
        return text
    try:
        return int(text) if isinstance(now, int) else float(text)
    except ValueError as error:
        kind = "whole number" if isinstance(now, int) else "number"
        raise ParamError(f"{where} is '{text}', must be a {kind}") from error


def _range(node: Any, parameter: str) -> Any:
    from svcfx.node import knob_ranges

    return knob_ranges.ranges_of(node).get(parameter)
