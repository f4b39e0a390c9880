"""A strip's preset with all that the session sets of it, as a preset of its own."""

from svcfx.errors import SessionError, nearest
from svcfx.preset import Preset
from svcfx.session.plan import Plan


def of_strip(plan: Plan, name: str, called: str, description: str = "") -> Preset:
    """What the strip called `name` runs through, its own values worked in; it sounds as the strip does.

    Args:
        plan: The session's.
        name: A stem's or a bus's.
        called: What the preset will be called.
        description: What it is for.

    Raises:
        SessionError: There is no such strip, or it has no preset.
    """
    strips = {strip.name: strip for strip in (*plan.stems, *plan.buses)}
    if name not in strips:
        raise SessionError(f"the session has no strip '{name}'{nearest(name, strips)}")
    found = strips[name].preset
    if found is None:
        raise SessionError(f"{strips[name].label} has no preset", hint="give it one first")
    told = description or found.description
    return Preset(
        svcfx_preset=1, name=called, description=told, nodes=found.nodes, midi=found.midi, notes=found.notes
    )
