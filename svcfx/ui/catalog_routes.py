"""What there is to choose from: presets, singers, roles, and the table of knobs."""

from dataclasses import dataclass
from typing import Any, get_args

from fastapi import APIRouter

from svcfx import audio, preset
from svcfx.chain import families, knobs
from svcfx.errors import PresetError
from svcfx.preset.document import Preset
from svcfx.preset.store import DEFAULT_VOICE, VOICES
from svcfx.session.model import Session
from svcfx.session.strip_model import Role
from svcfx.training import kinds, making
from svcfx.ui.access import Opened
from svcfx.ui.studio import Studio
from svcfx.voices import encoder, shelf
from svcfx.voices.facts import facts

routes = APIRouter(prefix="/api/catalog", tags=["catalog"])
_UNBOUNDED = frozenset(row.name for row in knobs.SWITCHES if row.kind in ("flag", "text"))


@dataclass(frozen=True, slots=True)
class PresetView:
    """A preset by the name that a session writes, and what it is for; an own one lies beside the session.

    `voice` is the singer of its first node that sings, "" where none does.
    """

    name: str
    description: str
    is_own: bool
    voice: str


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
class ContentView:
    """An encoder that hears words, what choosing it means, and whether it is here or fetched first."""

    name: str
    about: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class TrainableView:
    """A family that voices can be trained of; the usual content and size stand first.

    `bases` are voices on the shelf that one can begin with, `steps` how many it usually takes.
    """

    name: str
    title: str
    about: str
    contents: list[ContentView]
    sizes: list[str]
    bases: list[str]
    steps: int


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything to choose from. `limits` is the JSON schema of a session: each key's range and default;
    `readable` are the ends of names of audio files that svcfx reads."""

    presets: list[PresetView]
    voices: list[dict[str, Any]]
    roles: list[str]
    sections: list[str]
    knobs: list[KnobView]
    limits: dict[str, Any]
    separators: list[SeparatorView]
    trainable: list[TrainableView]
    readable: list[str]


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
        trainable=[_trainable(name) for name in sorted(kinds.CONTENT, key=_is_large)],
        readable=sorted(audio.READABLE),
    )


def _shipped() -> list[PresetView]:
    return [_preset(name, preset.outline(name), False) for name in preset.names()]


def _own(studio: Studio) -> list[PresetView]:
    found = []
    for path in sorted(studio.folder.glob("[!.]*.toml")):
        try:
            found.append(_preset(path.name, preset.outline(path), True))
        except PresetError:  # a session, or another document
            continue
    return found


def _preset(name: str, outline: Preset, is_own: bool) -> PresetView:
    singers = [
        str(entry.parameters.get("voice", DEFAULT_VOICE)) for entry in outline.nodes if entry.node in VOICES
    ]
    return PresetView(name, outline.description, is_own, singers[0] if singers else "")


def _is_large(family: str) -> bool:
    """What trains in minutes comes first."""
    return family != kinds.PARAMETRIC


def _trainable(name: str) -> TrainableView:
    family = families.of(name)
    return TrainableView(
        name=name,
        title=family.title,
        about=kinds.about(name),
        contents=[_content(kind) for kind in family.content],
        sizes=[] if name == kinds.PARAMETRIC else list(making.SIZES),
        bases=making.bases(name),
        steps=int(kinds.settled({"family": name})["steps"]),
    )


def _content(kind: str) -> ContentView:
    if kind == families.BUILTIN:
        return ContentView(kind, "svcfx's own, which is here; svcfx alone sings the voice", True)
    is_here = encoder.is_there(kind)
    fetched = "" if is_here else "; 378 MB are fetched once"
    return ContentView(kind, f"ContentVec ({kind}); so-vits-svc sings the voice too{fetched}", is_here)


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
