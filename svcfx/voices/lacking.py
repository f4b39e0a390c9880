"""What a voice's card alone says that it cannot do: known at once, before any weights are opened.

Everything else a voice lacks is known by its weights, and is refused when they are loaded.
"""

from collections.abc import Mapping
from typing import Any, get_args

from svcfx.chain import knobs, places
from svcfx.chain.knobs import Part
from svcfx.errors import VoiceError
from svcfx.voices import shelf
from svcfx.voices.card import Card


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
    have = _may_have(card)
    for knob, value in settings.items():
        if not isinstance(value, str) and (missing := knobs.lacks(have, knob, value)):
            raise VoiceError(f"voice '{name}' {missing}", hint=f"leave {knob} out")


def _may_have(card: Card) -> frozenset[Part]:
    """All parts but those that no file of the card is; what only weights show is taken to be there."""
    everything: frozenset[Part] = frozenset(get_args(Part))
    if card.is_one_file:
        return everything
    there: dict[Part, bool] = {
        "index": "bank" in card.parts,
        "diffusion refiner": "refiner" in card.parts,
        "second singer": len(card.singers) > 1,
    }
    return everything - {part for part, is_there in there.items() if not is_there}
