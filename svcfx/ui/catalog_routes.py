"""What there is to choose from: presets, singers, roles, and the table of knobs."""

from dataclasses import dataclass
from typing import Any, get_args

from fastapi import APIRouter

from svcfx import preset
from svcfx.chain import knobs
from svcfx.errors import PresetError
from svcfx.session.model import Session
from svcfx.session.strip_model import Role
from svcfx.ui.access import Opened
from svcfx.ui.studio import Studio
from svcfx.voices import shelf
from svcfx.voices.facts import facts

routes = APIRouter(prefix="/api/catalog", tags=["catalog"])
_UNBOUNDED = frozenset(row.name for row in knobs.SWITCHES if row.kind in ("flag", "text"))


@dataclass(frozen=True, slots=True)
class PresetView:
    """A preset by the name that a session writes, and what it is for; an own one lies beside the session."""

    name: str
    description: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class KnobView:
    """A row of the table of knobs; `needs` are the parts of a voice without which it stays at its default."""

    name: str
    kind: str
    default: Any
    help: str
    section: str
    unit: str
    low: float | None
    high: float | None
    choices: list[str]
    needs: list[str]
    is_automatable: bool


@dataclass(frozen=True, slots=True)
class SeparatorView:
    """A model that takes songs apart, and what it gives."""

    name: str
    about: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything to choose from. `limits` is the JSON schema of a session: each key's range and default."""

    presets: list[PresetView]
    voices: list[dict[str, Any]]
    roles: list[str]
    sections: list[str]
    knobs: list[KnobView]
    limits: dict[str, Any]
    separators: list[SeparatorView]


@routes.get("")
def catalog(studio: Opened) -> Catalog:
    """Presets, singers with their cards, roles, knobs, and the limits of a session's keys."""
    cards = shelf.cards()
    return Catalog(
        presets=[*_shipped(), *_own(studio)],
        voices=[facts(card, singer) for card in cards for singer in card.singers],
        roles=list(get_args(Role)),
        sections=list(knobs.SECTIONS),
        knobs=[_knob(row) for row in knobs.TABLE],
        limits=Session.model_json_schema(),
        separators=[SeparatorView(*known) for known in studio.separators()],
    )


def _shipped() -> list[PresetView]:
    return [PresetView(name, preset.outline(name).description, False) for name in preset.names()]


def _own(studio: Studio) -> list[PresetView]:
    found = []
    for path in sorted(studio.folder.glob("[!.]*.toml")):
        try:
            found.append(PresetView(path.name, preset.outline(path).description, True))
        except PresetError:  # a session, or another document
            continue
    return found


def _knob(row: knobs.Row) -> KnobView:
    number = None if isinstance(row, knobs.Choice) or row.name in _UNBOUNDED else row
    return KnobView(
        name=row.name,
        kind="choice" if isinstance(row, knobs.Choice) else getattr(row, "kind", "number"),
        default=row.default,
        help=row.help,
        section=row.section,
        unit="" if number is None else number.unit,
        low=None if number is None else number.low,
        high=None if number is None else number.high,
        choices=list(row.choices) if isinstance(row, knobs.Choice) else [],
        needs=list(row.needs),
        is_automatable=row.name in knobs.MOVABLE,
    )
