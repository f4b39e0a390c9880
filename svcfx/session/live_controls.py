"""Which controller moves what of a board that is played live."""

from collections.abc import Mapping

from svcfx import midi
from svcfx.board import Board
from svcfx.errors import SessionError
from svcfx.node.flow import NEEDS_MORE
from svcfx.realtime.controls import BEND, Controls, Knob, Source, Target, What
from svcfx.session import automation, contents, singers
from svcfx.session.strip_model import Controlled

_BENT = 2.0
"""Semitones that a wheel reaches where nobody says otherwise."""
_KEYS = (-64.0, 0.0, 63.0)
"""Semitones of a controller of the key: 64 is as it is sung, 66 two higher, as in sessions."""


def of(
    board: Board,
    source: Source,
    asked: Mapping[int, str],
    of_preset: Mapping[int, Controlled],
    key_cc: int | None = None,
) -> Controls:
    """The controls of a board: its voices are bent by the wheel and moved by the key; a controller goes where
    `asked` says, else where the preset does, else where it usually goes.

    Raises:
        SessionError: A controller that is asked for goes nowhere, where another one goes, or to what a stream
            cannot be moved by; or there is a key and nothing that sings.
    """
    knobs: dict[str, Knob] = {}
    targets: dict[What, list[Target]] = {}
    voices = contents.first_voices(board)
    if key_cc is not None and not voices:
        raise SessionError(f"controller {key_cc} says the key, but nothing sings")
    for voice in voices:
        address = f"{voice}.{singers.TRANSPOSE}"
        knob = knobs[address] = _knob(board, address)
        targets.setdefault(BEND, []).append(Target(knob, -_BENT, 0.0, _BENT))
        if key_cc is not None:
            targets.setdefault(key_cc, []).append(Target(knob, *_KEYS))
    for number in sorted({*midi.DEFAULTS, *of_preset, *asked} - {key_cc}):
        goes = _target(board, number, asked, of_preset)
        if goes is None:
            continue
        if goes.to in knobs:
            raise SessionError(f"controller {number} moves '{goes.to}', which another one does")
        knob = knobs[goes.to] = _knob(board, goes.to)
        rests = contents.value(board, goes.to)
        assert goes.low is not None
        assert goes.high is not None
        middle = goes.centre if goes.centre is not None else goes.low + (goes.high - goes.low) * 64.0 / 127.0
        targets[number] = [Target(knob, goes.low - rests, middle - rests, goes.high - rests)]
    return Controls(knobs, targets, source)


def _target(
    board: Board, number: int, asked: Mapping[int, str], of_preset: Mapping[int, Controlled]
) -> Controlled | None:
    """Where a controller goes; None where it has nowhere to go, and nobody asked."""
    own = Controlled(to=asked[number]) if number in asked else of_preset.get(number)
    goes = automation.usual_target(
        number, own, lambda address: contents.range_of(board, address), f"controller {number}"
    )
    if goes is None or contents.range_of(board, goes.to) is None:
        if own is not None:
            raise SessionError(f"controller {number} goes to '{goes.to if goes else ''}', which is not there")
        return None
    node, _, parameter = goes.to.rpartition(".")
    if node in contents.voices(board) and parameter in NEEDS_MORE:
        if own is not None:
            raise SessionError(f"controller {number} goes to '{goes.to}', which needs what follows")
        return None
    return goes


def _knob(board: Board, address: str) -> Knob:
    low, high = contents.range_of(board, address) or (0.0, 0.0)
    return Knob(contents.value(board, address), low, high)
