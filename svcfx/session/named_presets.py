"""The presets that a session names: what their text shows at once, and their boards."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from svcfx.documents import is_path
from svcfx.events import Events
from svcfx.session.document import Document

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.preset import Preset


def foresee(document: Document) -> None:
    """Refuse at once, before any board is built, what presets and the cards of their voices alone show.

    Raises:
        PresetError, SessionError: As `open_preset`.
    """
    from svcfx import preset

    named = [(f"stems[{n}].preset", stem.preset) for n, stem in enumerate(document.session.stems, 1)]
    for key, written in [*named, ("master.preset", document.session.master.preset)]:
        if written is not None:
            preset.foreseen(document.reach.find(written, key) if is_path(written) else written)


def open_preset(
    document: Document, written: str | None, key: str, allow_plugins: Sequence[Path], events: Events
) -> "tuple[Preset | None, Board | None]":
    """The preset that `written` names (a shipped name, or a path that the session may read), and its board.

    Raises:
        PresetError: There is none, or it is wrong.
        SessionError: Its path leaves the session's reach.
    """
    if written is None:
        return None, None
    from svcfx import preset

    file = document.reach.find(written, key) if is_path(written) else written
    return preset.opened(file, allow_plugins=allow_plugins, events=events)
