"""The presets that a session names: what their text shows at once, and their boards."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svcfx.documents import is_path
from svcfx.errors import SessionError, SvcfxError
from svcfx.events import Events
from svcfx.session import contents
from svcfx.session.document import Document
from svcfx.session.strip_model import StripModel

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.preset import Preset


def foresee(document: Document) -> None:
    """Refuse at once, before any board is built, what presets and the cards of their voices alone show.

    Raises:
        PresetError, SessionError: As `open_preset`.
    """
    from svcfx import preset

    session = document.session
    named = [(f"stems[{n}].preset", stem.preset) for n, stem in enumerate(session.stems, 1)]
    named += [(f"buses[{n}].preset", bus.preset) for n, bus in enumerate(session.buses, 1)]
    for key, written in [*named, ("master.preset", session.master.preset)]:
        if written is not None:
            preset.foreseen(document.reach.find(written, key) if is_path(written) else written)


def hold_plugins(document: Document) -> bool:
    """Whether VST3s are opened for the session, on a board or as instruments; none is opened to know it.
    What cannot be read holds none."""
    from svcfx import preset

    session = document.session
    if any(stem.instrument is not None and stem.instrument.is_plugin for stem in session.stems):
        return True
    models = (*session.stems, *session.buses, session.master)
    for written in {model.preset for model in models if model.preset is not None}:
        try:
            file = document.reach.find(written, "preset") if is_path(written) else written
            if preset.holds_plugins(preset.foreseen(file)):
                return True
        except SvcfxError:
            continue
    return False


def open_preset(
    document: Document,
    model: StripModel,
    key: str,
    allow_plugins: Sequence[Path],
    device: str,
    events: Events,
) -> "tuple[Preset | None, Board | None]":
    """The preset that the table `model` at `key` names, with what it sets of its own, and its board.

    Raises:
        PresetError: There is none, or it is wrong.
        SessionError: Its path leaves the session's reach, or a value that is set fits no parameter.
    """
    written = model.preset
    if written is None:
        if model.set:
            raise SessionError(
                f"{key}.set sets '{next(iter(model.set))}', but there is no preset",
                hint='name one: preset = "..."',
            )
        return None, None
    from svcfx import preset

    file = document.reach.find(written, f"{key}.preset") if is_path(written) else written
    opened = preset.opened(file, allow_plugins=allow_plugins, device=device, events=events)
    return _set(*opened, model.set, f"{key}.set") if model.set else opened


def transposed(
    opened: "Preset", board: "Board", semitones: float, model: StripModel, key: str
) -> "tuple[Preset, Board]":
    """The preset of the table `model` at `key` with the voices that hear the stem moved, and its board.

    Raises:
        SessionError: The table sets what one of them is transposed by, too.
    """
    values = {f"{voice}.transpose_semitones": semitones for voice in contents.first_voices(board)}
    for address in values:
        if address in model.set:
            raise SessionError(f"{key}.transpose and {key}.set of '{address}' are one: leave one out")
    return _set(opened, board, values, f"{key}.transpose") if values else (opened, board)


def _set(opened: "Preset", board: "Board", values: Mapping[str, Any], key: str) -> "tuple[Preset, Board]":
    from svcfx import preset

    try:
        changed = preset.changed(opened, board, values)
        return changed, changed.build()
    except SvcfxError as error:
        raise SessionError(f"{key}: {error.message}", hint=error.hint) from error
