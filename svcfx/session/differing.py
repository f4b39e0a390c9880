"""What differs between two states of one session, key by key, with strips by their names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from svcfx.session.model import Session
from svcfx.session.strip_model import name_of

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """One key whose value is another one: where (`lead: gain_db`), and both values; None where it is not."""

    where: str
    before: Any
    after: Any

    @property
    def text(self) -> str:
        """The same in words.

        >>> Difference("lead: gain_db", 0.0, -9.0).text
        'lead: gain_db 0 → -9'
        """
        if self.before is None and isinstance(self.after, Mapping):
            return f"{self.where} was added"
        if self.after is None and isinstance(self.before, Mapping):
            return f"{self.where} was taken out"
        if isinstance(self.before, list) and isinstance(self.after, list):
            return f"{self.where} are others"
        return f"{self.where} {_short(self.before)} → {_short(self.after)}"


def differences(before: Session, after: Session) -> tuple[Difference, ...]:
    """Every key that says something else, in the order of the later session; keys left out count as their
    defaults, and strips are matched by name."""
    one, other = (session.model_dump(mode="json") for session in (before, after))
    return tuple(_between("", _named(one), _named(other)))


def _named(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The tables with strips by name in place of lists of them; a strip's name ends in a colon."""
    found: dict[str, Any] = {}
    for key, value in tables.items():
        if key == "stems":
            found |= {f"{name_of(stem['name'], stem['file'], stem['track'])}:": stem for stem in value}
        elif key == "buses":
            found |= {f"{bus['name']}:": bus for bus in value}
        else:
            found[key] = value
    return found


def _between(where: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for key in dict.fromkeys((*after, *before)):
        one, other = before.get(key), after.get(key)
        at = _below(where, key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _between(at, one, other)
        elif one != other:
            yield Difference(at.removesuffix(":"), one, other)


def _below(where: str, key: str) -> str:
    """A key path as it is read: `lead: set voice.mix`."""
    return f"{where}{' ' if where.endswith((':', 'set', 'automation')) else '.'}{key}" if where else key


def _short(value: Any) -> str:
    """A value in a few letters."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, Sequence | Mapping) and not isinstance(value, str):
        return f"{len(value)} values"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
