"""Which files a preset may lead to: those in its own folder, and plugins that its user allowed."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from svcfx.documents import Reach
from svcfx.errors import PresetError
from svcfx.node import plugin_state
from svcfx.preset.document import FORM, NodeEntry, Preset


def document_of(preset: Preset) -> Path:
    """A preset's file; one that was never in a file leads from the working folder."""
    return preset.path or Path("preset")


def inside(preset: Preset, written: str, key: str) -> Path:
    """The file `written` in a preset's folder.

    Raises:
        PresetError: It is absolute, climbs out by `..`, is a link that leads out, or is missing.
    """
    hint = "put the file beside the preset: a preset reads no other folder"
    real = Reach.of(document_of(preset), FORM, hint=hint).find(written, key)
    if not real.is_file():
        raise PresetError(f"{key} is '{written}', which is no file")
    return real


def states(preset: Preset) -> Iterator[tuple[str, Path]]:
    """Each .vstpreset that a preset names: as written, and where it is."""
    yield from _states(preset, preset.nodes)


def _states(preset: Preset, entries: Sequence[NodeEntry]) -> Iterator[tuple[str, Path]]:
    for entry in entries:
        if entry.state is not None and plugin_state.is_file(entry.state):
            yield entry.state, inside(preset, entry.state, "state")
        yield from _states(preset, entry.nodes or ())


def plugin_file(document: Path, written: str, allowed: Sequence[Path]) -> Path:
    """The file of a plugin that a document names, when the user allowed it: a plugin is a program.

    Raises:
        PresetError: It was not allowed.
    """
    real = (document.parent.resolve() / written).resolve()
    if real not in [path.resolve() for path in allowed]:
        raise PresetError(
            f"file is '{written}': a plugin by path is a program, and nobody allowed this one",
            hint=f"if you trust it: `allow_plugin` {real}; an installed VST3 is named by its identifier",
        )
    return real
