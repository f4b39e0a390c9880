"""Every mistake in a preset, not only the first: what `svcfx presets check` prints."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from svcfx import documents
from svcfx.board import spec
from svcfx.errors import PresetError, SvcfxError
from svcfx.node import resting
from svcfx.preset import document, make, store
from svcfx.preset.document import NodeEntry, Preset

_VOICE = "voice"


def mistakes(name_or_path: str | Path, *, allow_plugins: Sequence[Path] = ()) -> list[PresetError]:
    """Every mistake in a preset, in the order of its lines; empty when it is right.

    Raises:
        PresetError: There is no such file, or it is no TOML, so that nothing else can be said.
    """
    path = store.locate(name_or_path)
    tables = document.tables_of(document.read_text(path), path)
    allowed = tuple(Path(plugin) for plugin in allow_plugins)
    try:
        preset = store.resolved(document.parse(document.read_text(path), path))
    except PresetError as error:
        found = _of_model(path, tables) or [error]
        return [*found, *_of_nodes(_shell(path), _readable(tables), allowed)]
    nodes = list(_of_nodes(preset, list(enumerate(preset.nodes, 1)), allowed))
    if nodes:
        return nodes
    board = make.board(preset, allowed)
    wrong = list(store.map_mistakes(preset, board.slots))
    resting.give_back(spec.tree(board))
    return wrong


def _of_model(path: Path, tables: Any) -> list[PresetError]:
    try:
        Preset.model_validate(tables)
    except ValidationError as error:
        return [PresetError(f"preset '{path}': {said}") for said in documents.sentences(Preset, error)]
    except RecursionError:
        pass
    return []


def _shell(path: Path) -> Preset:
    """A preset that only says where files beside it are looked for."""
    empty = Preset(svcfx_preset=1, name=path.stem, nodes=(NodeEntry(node="Dry"),))
    empty._path = path
    return empty


def _readable(tables: Any) -> list[tuple[int, NodeEntry]]:
    """Those nodes of a wrong preset that are right as tables, with their numbers."""
    nodes = tables.get("nodes") if isinstance(tables, dict) else None
    found = []
    for number, table in enumerate(nodes if isinstance(nodes, tuple) else (), 1):
        try:
            found.append((number, NodeEntry.model_validate(table)))
        except (ValidationError, RecursionError):
            continue
    return found


def _of_nodes(
    preset: Preset, entries: Sequence[tuple[int, NodeEntry]], allowed: tuple[Path, ...], key: str = "nodes"
) -> Iterator[PresetError]:
    for number, entry in entries:
        at = f"{key}[{number}]"
        if entry.node in (*make.CHAINS, *make.MIXES) and entry.nodes:
            yield from _of_one(preset, entry.model_copy(update={"nodes": None}), at, allowed)
            yield from _of_nodes(preset, list(enumerate(entry.nodes, 1)), allowed, f"{at}.nodes")
        else:
            yield from _of_one(preset, entry, at, allowed)


def _of_one(preset: Preset, entry: NodeEntry, at: str, allowed: tuple[Path, ...]) -> Iterator[PresetError]:
    """The mistakes of one node: its parameters are tried one by one when they do not go together."""
    whole = _refused(preset, entry, at, allowed)
    if whole is None:
        return
    bare = _with(entry, {})
    parameters = entry.parameters
    if _refused(preset, bare, at, allowed) is not None or len(parameters) < 2:
        yield whole
        return
    kept = {_VOICE: parameters[_VOICE]} if _VOICE in parameters else {}
    if kept and (voice := _refused(preset, _with(entry, kept), at, allowed)):
        yield voice
        kept = {}
    singles = [_with(entry, {**kept, name: value}) for name, value in parameters.items() if name != _VOICE]
    found = [error for single in singles if (error := _refused(preset, single, at, allowed))]
    yield from found
    if not found and _VOICE in kept:
        yield whole


def _with(entry: NodeEntry, parameters: dict[str, Any]) -> NodeEntry:
    fixed = entry.model_dump(include=set(NodeEntry.model_fields), exclude_unset=True, exclude={"nodes"})
    return NodeEntry(**fixed, nodes=entry.nodes, **parameters)


def _refused(preset: Preset, entry: NodeEntry, at: str, allowed: tuple[Path, ...]) -> PresetError | None:
    try:
        made = make.slot(preset, entry, at, allowed)
        resting.give_back([made.node])
    except PresetError as error:
        return error
    except SvcfxError as error:
        return PresetError(f"preset '{preset.path}': {at}: {error.message}", hint=error.hint)
    return None
