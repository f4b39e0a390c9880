"""What the board of a preset holds, as a session needs to know it: voices, and parameters that can move."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from svcfx import audio, digest
from svcfx.errors import AudioFileError, BoardError, ParamError, SessionError, VoiceError
from svcfx.lanes import Curve
from svcfx.session.strip_model import Controlled

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.node import Node, VoiceConversion
    from svcfx.node.native import External
    from svcfx.preset import Preset

Range = tuple[float, float]


def build(preset: "Preset | None", *, seed: int | None = None) -> "Board | None":
    """The board of a preset; its voices sing with `seed` when one is given."""
    if preset is None:
        return None
    return seeded(preset.build(), seed)


def seeded(board: "Board", seed: int | None) -> "Board":
    """`board`, its voices singing with `seed` when one is given."""
    from svcfx.board import spec

    for node in spec.tree(board) if seed is not None else ():
        if _is_voice(node):
            node.seed = seed
    return board


def give_back(board: "Board | None") -> None:
    """Let the board's VST3s be taken by the next that opens them; it was looked at, and is not played."""
    from svcfx.board import spec
    from svcfx.node import resting

    resting.give_back([] if board is None else spec.tree(board))


def cc_of(preset: "Preset | None") -> dict[int, Controlled]:
    """Where a preset sends MIDI controllers."""
    if preset is None or preset.midi is None:
        return {}
    return {int(number): Controlled(**target.model_dump()) for number, target in preset.midi.cc.items()}


def voices(board: "Board | None", lanes: Mapping[str, Curve] = MappingProxyType({})) -> tuple[str, ...]:
    """Addresses of the voices at work, in order: not bypassed, and heard by their `mix` or a lane of it."""
    return _called(board, [node for node in _at_work(board, lanes) if _is_voice(node)])


def tuners(board: "Board | None", lanes: Mapping[str, Curve] = MappingProxyType({})) -> tuple[str, ...]:
    """Addresses of the `Retune` nodes at work, in order."""
    from svcfx.node import Retune

    return _called(board, [node for node in _at_work(board, lanes) if isinstance(node, Retune)])


def first_voices(board: "Board | None", lanes: Mapping[str, Curve] = MappingProxyType({})) -> tuple[str, ...]:
    """Addresses of the voices that hear the stem itself, which are the ones to sing in the song's key.

    A voice behind another one hears it in the new key already; voices side by side each get it.
    """
    return _called(board, _first(board, _at_work(board, lanes), False))


def externals(board: "Board | None") -> list[tuple[str, "External"]]:
    """Name and object of each VST3 at work on the board."""
    from svcfx.node import native

    return [(str(node.name), node) for node in _at_work(board, {}) if native.is_external(node)]


def _is_voice(node: object) -> "TypeGuard[VoiceConversion]":
    from svcfx.node import VoiceConversion

    return isinstance(node, VoiceConversion)


def _at_work(board: "Board | None", lanes: Mapping[str, Curve]) -> "list[Node]":
    """The nodes that sound, containers included: what is bypassed, or a voice at mix 0, does not."""
    if board is None:
        return []
    from svcfx.board import address

    awake = set()
    for where, lane in lanes.items():
        if where.endswith(".mix") and not _is_zero(lane):
            with contextlib.suppress(ParamError):  # an address that leads nowhere is refused by `check_lanes`
                awake.add(id(address.find(board.slots, where)[0]))
    return list(_walked(board, awake))


def _walked(container: "Node", awake: set[int]) -> "Iterator[Node]":
    from svcfx.board import spec

    for slot in spec.slots_of(container):
        node = slot.node
        if node is None or slot.bypassed or (_is_voice(node) and node.inert and id(node) not in awake):
            continue
        yield node
        yield from _walked(node, awake)


def _first(container: "Node | None", at_work: "Sequence[Node]", side_by_side: bool) -> "list[Node]":
    from svcfx.board import spec

    found: list[Node] = []
    for slot in spec.slots_of(container):
        node = slot.node
        if slot.bypassed or not any(node is other for other in at_work):
            continue
        here: list[Node] = [node] if _is_voice(node) else _first(node, at_work, spec.sums(node))
        found += here
        if here and not side_by_side:
            break
    return found


def _called(board: "Board | None", nodes: "Sequence[Node]") -> tuple[str, ...]:
    """Addresses of these nodes of the board, in the board's order."""
    if board is None:
        return ()
    from svcfx.board import address

    wanted = {id(node) for node in nodes}
    return tuple(name for name in address.addresses(board.slots) if id(node(board, name)) in wanted)


def _is_zero(lane: Curve) -> bool:
    return lane.is_constant and float(lane.at(np.zeros(1))[0]) == 0.0


def check_channels(board: "Board | None", channels: int, key: str) -> None:
    """Refuse plug-ins that cannot be played for audio of that many channels, before anything is rendered.

    Raises:
        SessionError: There is one.
    """
    from svcfx.node import channels as policy

    try:
        policy.check([plugin for _, plugin in externals(board)], channels)
    except BoardError as error:
        raise SessionError(f"{key}: {error.message}", hint=error.hint) from error


def check_files(board: "Board | None", files: Iterable[Path]) -> None:
    """The same for files of a batch; one that cannot be read is left to tell so itself.

    Raises:
        SessionError: A plug-in cannot be played for a file's channels.
    """
    if not externals(board):
        return
    for file in files:
        try:
            found = audio.probe(file).channels
        except AudioFileError:
            continue
        check_channels(board, found, f"'{file.name}'")


def node(board: "Board", name: str) -> "Node":
    """The node at an address."""
    from svcfx.board import address

    return address.find(board.slots, f"{name}._")[0]


def voice(board: "Board", name: str) -> "VoiceConversion":
    """The voice at an address that `voices` gave."""
    found = node(board, name)
    assert _is_voice(found)
    return found


def value(board: "Board | None", where: str) -> float:
    """What the parameter at an address stands at."""
    assert board is not None
    from svcfx.board import address

    node, parameter = address.find(board.slots, where)
    return float(getattr(node, parameter))


def range_of(board: "Board | None", where: str) -> Range | None:
    """The range of the parameter at an address; None when there is none such that can move."""
    if board is None:
        return None
    from svcfx.board import address
    from svcfx.node import knob_ranges

    try:
        node, parameter = address.find(board.slots, where)
        found = knob_ranges.range_of(node, parameter, where)
    except ParamError:
        return None
    return found.low, found.high


def check_lanes(
    board: "Board | None", lanes: Mapping[str, Curve], frames: int, sample_rate: int, key: str
) -> None:
    """Refuse, before anything is rendered, lanes that the board cannot follow for `frames`.

    Raises:
        SessionError: An address leads nowhere (the nearest is named), or a lane leaves its range.
    """
    if not lanes:
        return
    if board is None:
        raise SessionError(
            f"{key} moves '{next(iter(lanes))}', but there is no preset", hint='name one: preset = "..."'
        )
    from svcfx.board import automate

    try:
        automate.moves_of(board.slots, lanes, frames, sample_rate)
    except (ParamError, VoiceError) as error:
        raise SessionError(f"{key}: {error.message}", hint=error.hint) from error


def keep_gains(board: "Board") -> None:
    """Bypass every node of the board but its own `Gain`s."""
    from svcfx.board.spec import name_of

    for index, slot in enumerate(board.slots):
        if slot.node is None or name_of(slot.node) != "gain":
            board.set_bypassed(index)


def lanes_at_work(board: "Board", lanes: Mapping[str, Curve]) -> dict[str, Curve]:
    """Those of `lanes` that move one of the board's own nodes that is not bypassed."""
    from svcfx.board import address

    awake = {id(slot.node) for slot in board.slots if not slot.bypassed}
    return {where: lane for where, lane in lanes.items() if id(address.find(board.slots, where)[0]) in awake}


def document_of(preset: "Preset") -> Any:
    """The preset as plain values, for a recipe; files of states that it names by their hashes too."""
    from svcfx.preset import reach

    plain = preset.model_dump(mode="json", exclude_unset=True)
    states = {written: digest.of_file(path) for written, path in reach.states(preset)}
    return {**plain, "states": states} if states else plain
