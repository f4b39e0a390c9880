"""What a voice's card alone says that it cannot do: known at once, before any weights are opened.

Everything else a voice lacks is known by its weights, and is refused when they are loaded.
"""

from collections.abc import Mapping
from typing import Any

from svcfx.chain import families, places
from svcfx.errors import VoiceError
from svcfx.voices import shelf
from svcfx.voices.card import Card

_STAYS = {"index_rate": "0", "protect": "0", "diffusion_depth": "0", "blend": "0"}


def refuse(name: str, settings: Mapping[str, Any]) -> None:
    """Refuse a voice that is not there, and settings (by knob or switch) for which it has no part.

    Raises:
        VoiceError: Nobody is called `name`, or the card names no part that a setting needs.
        MissingPartError: The pitch tracker's weights are not here.
    """
    card = shelf.find(name)
    card.singer_name(name)
    if settings.get("pitch") == "rmvpe":
        places.require_rmvpe()
    missing = _missing(card)
    for knob, value in settings.items():
        part = missing.get(knob, "")
        if part and value and not isinstance(value, str):
            stays = _STAYS.get(knob, "off")
            said = f"voice '{name}' has no {part}, so {knob} must be {stays}"
            raise VoiceError(said, hint=f"leave {knob} out")


def _missing(card: Card) -> dict[str, str]:
    """The part that each knob would need and that no file of the card is."""
    if card.family == families.PARAMETRIC.name:  # its parts are all in one file
        return {}
    found: dict[str, str] = {}
    if "bank" not in card.parts:
        found |= {"index_rate": "index", "protect": "index"}
    if "refiner" not in card.parts:
        found |= dict.fromkeys(("diffusion_depth", "second_encoding", "diffusion_only"), "diffusion refiner")
    if len(card.singers) < 2:
        found["blend"] = "second singer"
    return found
