"""Parameters that move while a board plays.

Our nodes take curves. A native plugin holds one value for a call: `cut` plays it all the same.
"""

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.board.address import find
from svcfx.board.spec import Slot, name_of
from svcfx.errors import AudioShapeError, AudioTypeError, ParamError
from svcfx.lanes import Curve, Lane, SampledLane, Turned
from svcfx.node import choices, knob_ranges, native
from svcfx.node.protocol import Automatable, ChecksCurves, Node, StreamAutomatable

# Measured with pedalboard 0.9.26.
_UNCUTTABLE = {
    "BrickwallLimiter.true_peak": "it begins again",
    "GSMFullRateCompressor": "its codec begins again",
    "BrickwallLimiter.lookahead_ms": "it is late by as much, so its audio would slip in time",
    "MP3Compressor": "fed in short blocks it gives nothing back",
    "PitchShift": "fed in short blocks it gives silence",
    "Resample": "what it gives depends on where it is cut into blocks",
}
_WINDOW = 1 << 18  # frames of a curve looked at in one go


@dataclass(frozen=True, slots=True)
class Move:
    """One parameter of one node, and the curve that it follows; `constant` where that stands still."""

    node: Node
    parameter: str
    curve: Curve
    constant: float | None


def moves_of(
    slots: Sequence[Slot], automation: Mapping[str, Any], frames: int | None, rate: float
) -> list[Move]:
    """Check an automation against a board before anything is rendered; `frames` are `None` for a stream.

    Raises:
        ParamError: An address is unknown, a value out of range, or a node cannot be moved.
        AudioShapeError: An array has not one value a sample.
    """
    moves = [_move(slots, address, given, frames, rate) for address, given in automation.items()]
    seen: dict[tuple[int, str], str] = {}
    for address, move in zip(automation, moves, strict=True):
        key = (id(move.node), move.parameter)
        if key in seen:
            raise ParamError(f"'{seen[key]}' and '{address}' are one parameter", hint="leave one of them out")
        seen[key] = address
    return moves


def moving(moves: Sequence[Move]) -> dict[int, dict[str, Curve]]:
    """Curves that do move, by id(node) and parameter."""
    found: dict[int, dict[str, Curve]] = {}
    for move in moves:
        if move.constant is None:
            found.setdefault(id(move.node), {})[move.parameter] = move.curve
    return found


@contextmanager
def held(moves: Sequence[Move]) -> Iterator[None]:
    """Set what stands still for as long as the block lasts, and put every parameter back after it."""
    before = [(move.node, move.parameter, getattr(move.node, move.parameter)) for move in moves]
    try:
        for move in moves:
            if move.constant is not None:
                choices.put(move.node, move.parameter, move.constant)
        yield
    finally:
        for node, parameter, value in before:
            if native.is_plugin(node) or getattr(node, parameter) != value:
                setattr(node, parameter, value)


def _move(slots: Sequence[Slot], address: str, given: Any, whole: int | None, rate: float) -> Move:
    node, parameter = find(slots, address)
    allowed = knob_ranges.range_of(node, parameter, name_of(node), rate)
    given = _numbered(address, given, choices.names_of(node, parameter))
    curve = _streamed(address, given) if whole is None else _curve(address, given, whole, rate)
    frames = _reach(curve, rate) if whole is None else whole
    low, high = _known_extent(curve, frames, rate)
    for value in (low, high):
        if not allowed.low <= value <= allowed.high:
            raise ParamError(f"the lane '{address}' reaches {value:g}, outside {allowed.span}")
    if isinstance(node, ChecksCurves):
        node.check_curves({parameter: curve}, frames / rate)
    if low == high:
        return Move(node, parameter, curve, low)
    _refuse_uncuttable(address, node, parameter, streams=whole is None)
    return Move(node, parameter, curve, None)


def _numbered(address: str, given: Any, names: tuple[str, ...]) -> Any:
    """A name, or pairs of seconds and names, as the numbers of a choice; anything else as it is."""
    if names and isinstance(given, (str, bool)):
        return choices.number_of(address, given, names)
    pairs = isinstance(given, (list, tuple)) and all(isinstance(one, (list, tuple)) for one in given)
    if not (names and given and pairs):
        return given
    points = tuple((float(at), choices.number_of(address, name, names)) for at, name in given)
    return Lane(points, "step")


def _plain(given: Any) -> Curve | None:
    """A curve as it is, a number as a lane that stands still; None for anything else."""
    if isinstance(given, (int, float, np.number)) and not isinstance(given, bool):
        return Lane.constant(float(given))
    return given if isinstance(given, Curve) else None


def _curve(address: str, given: Any, frames: int, rate: float) -> Curve:
    plain = _plain(given)
    if plain is not None:
        return plain
    if not isinstance(given, (np.ndarray, list, tuple)):
        raise AudioTypeError(
            f"the lane '{address}' is {given!r}",
            hint="give a svcfx.Lane, or an array with one value a sample",
        )
    try:
        values = np.asarray(given, np.float64)
    except (TypeError, ValueError) as error:
        raise AudioTypeError(
            f"the lane '{address}' is a {type(given).__name__} of {type(given[0]).__name__}s, no numbers",
            hint="give a svcfx.Lane of (seconds, value) points; MIDI messages move nothing by themselves",
        ) from error
    if values.shape != (frames,):
        raise AudioShapeError(
            f"the lane '{address}' has shape {values.shape}, the audio {frames} frames",
            hint="an array is one value a sample; for breakpoints use svcfx.Lane",
        )
    return SampledLane(values, rate) if frames else Lane.constant(0.0)


def _streamed(address: str, given: Any) -> Curve:
    """The lane of a stream, whose end nobody knows."""
    plain = _plain(given)
    if plain is not None and (isinstance(plain, Turned) or _lanes_of(plain)):
        return plain
    raise ParamError(
        f"'{address}': a stream takes lanes and numbers, got a {type(given).__name__}",
        hint="give a svcfx.Lane, in seconds from the first frame of the stream",
    )


def _reach(curve: Curve, rate: float) -> int:
    """Frames behind which a sum of lanes stands still."""
    return 2 + math.ceil(max((end for lane in _lanes_of(curve) for _, end in lane.turns), default=0.0) * rate)


def _refuse_uncuttable(address: str, node: Node, parameter: str, *, streams: bool) -> None:
    name = name_of(node)
    if isinstance(node, StreamAutomatable if streams else Automatable):
        return
    door = "stream_automated" if streams else "process_automated"
    if not native.is_plugin(node) or native.is_overridden(node) or native.is_container(node):
        raise ParamError(f"'{address}': {name} takes no curves, it has no {door}")
    kind = type(node).__name__
    reason = _UNCUTTABLE.get(kind) or _UNCUTTABLE.get(f"{kind}.{parameter}")
    if reason:
        raise ParamError(
            f"'{address}': {name} cannot be moved while it plays: {reason}",
            hint="a constant lane is allowed",
        )


def _known_extent(curve: Curve, frames: int, rate: float) -> tuple[float, float]:
    """Least and greatest value over the audio; the first value alone when there is no audio.

    A song's curves are checked, keyed and played, and looked at once.
    """
    if isinstance(curve, Turned):
        return curve.low, curve.high
    lanes = _lanes_of(curve)
    if lanes and isinstance(curve, Hashable):
        return _remembered(curve, lanes, max(frames, 1), rate)
    whole = range(0, max(frames, 1), _WINDOW)
    return _extent(curve, (np.arange(start, min(start + _WINDOW, whole.stop)) for start in whole), rate)


def _lanes_of(curve: Curve) -> tuple[Lane, ...]:
    """The lanes that a curve is the sum of, which do not change and are compared by value; else none."""
    if isinstance(curve, Lane):
        return (curve,)
    parts = [_lanes_of(part) for part in getattr(curve, "curves", ())]
    return tuple(lane for part in parts for lane in part) if all(parts) else ()


@lru_cache(maxsize=256)
def _remembered(curve: Any, lanes: tuple[Lane, ...], frames: int, rate: float) -> tuple[float, float]:
    """As `_extent` of all frames; a sum of straight lines is least and greatest where one of them ends."""
    turning = [np.array([0, frames - 1])]
    for start, end in (turn for lane in lanes for turn in lane.turns):
        first, last = max(math.floor(start * rate) - 1, 0), min(math.ceil(end * rate) + 2, frames)
        turning.append(np.arange(first, last))
    every = np.concatenate(turning)
    return _extent(curve, (every[at : at + _WINDOW] for at in range(0, len(every), _WINDOW)), rate)


def _extent(curve: Curve, frames: Iterable[NDArray[np.int_]], rate: float) -> tuple[float, float]:
    """Least and greatest value at these frames."""
    low, high = np.inf, -np.inf
    for some in frames:
        at = some / rate
        values = curve.at(at)
        if not np.isfinite(values).all():
            raise ParamError(f"a lane is not finite at {at[int(np.argmin(np.isfinite(values)))]:g} s")
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    return low, high
