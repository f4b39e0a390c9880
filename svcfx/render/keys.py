"""Keys of steps: SHA-256 over all that a step's result depends on, written in one canonical way.

Every value is written with its type and length, so that no two different things are written alike; floats are
written to the bit, arrays by their bytes. What cannot be written so has no key, and its step is not kept.
"""

import dataclasses
import hashlib
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from svcfx.lanes import Curve, Lane
from svcfx.render import machine


class Unkeyable(Exception):
    """A value of which nobody can say when it is the same again: which, and why."""

    def __init__(self, which: str, why: str = "does not say what it depends on") -> None:
        super().__init__(f"{which} {why}")


def key(kind: str, version: int, *facts: Any) -> str:
    """The key of a step of a kind, on this machine with these libraries.

    Raises:
        Unkeyable: A fact cannot be written.
    """
    return digest(kind, version, machine.facts(), facts)


def digest(*facts: Any) -> str:
    """SHA-256 of values, in hexadecimal; raises as `key` does."""
    hashed = hashlib.sha256()
    for piece in _written(facts):
        hashed.update(piece)
    return hashed.hexdigest()


def within(curve: Curve, seconds: float) -> Curve:
    """`curve` without what nobody hears from 0 to `seconds`: a change behind the end is no change."""
    if isinstance(curve, Lane):
        if curve.is_constant:
            return Lane.constant(curve.points[0][1])
        return dataclasses.replace(curve, points=_reached(curve, seconds))
    if dataclasses.is_dataclass(curve) and hasattr(curve, "curves"):
        return dataclasses.replace(curve, curves=tuple(within(part, seconds) for part in curve.curves))
    return curve


def _reached(lane: Lane, seconds: float) -> tuple[tuple[float, float], ...]:
    behind = next((i for i, (time, _) in enumerate(lane.points) if time >= seconds), len(lane.points))
    return lane.points[: behind + 1]


def _written(value: Any) -> Iterator[bytes | memoryview]:
    """A value's canonical bytes."""
    if value is None or isinstance(value, bool):
        yield {None: b"N", True: b"T", False: b"F"}[value]
    elif isinstance(value, (int, np.integer)):
        yield from _tagged(b"i", str(int(value)).encode())
    elif isinstance(value, (float, np.floating)):
        yield b"f" + struct.pack(">d", float(value))
    elif isinstance(value, str):
        yield from _tagged(b"s", value.encode("utf-8", "surrogatepass"))
    elif isinstance(value, bytes):
        yield from _tagged(b"b", value)
    elif isinstance(value, np.ndarray):
        yield from _array(value)
    elif isinstance(value, Mapping):
        yield from _mapping(value)
    elif isinstance(value, (list, tuple)):
        yield b"l%d:" % len(value)
        for item in value:
            yield from _written(item)
    elif isinstance(value, (set, frozenset)):
        yield from _tagged(b"u", b"".join(sorted(b"".join(_written(item)) for item in value)))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from _tagged(b"o", type(value).__qualname__.encode())
        yield from _written([getattr(value, field.name) for field in dataclasses.fields(value)])
    else:
        raise Unkeyable(f"a {type(value).__name__}")


def _tagged(tag: bytes, data: bytes) -> Iterator[bytes]:
    yield tag + b"%d:" % len(data)
    yield data


def _array(array: np.ndarray[Any, Any]) -> Iterator[bytes | memoryview]:
    if array.dtype.hasobject:
        raise Unkeyable("an array of objects")
    yield from _tagged(b"a", array.dtype.str.encode())
    yield from _written(array.shape)
    whole = np.ascontiguousarray(array)
    yield whole.reshape(-1).view(np.uint8).data if whole.size else b""


def _mapping(value: Mapping[Any, Any]) -> Iterator[bytes | memoryview]:
    pairs = sorted((b"".join(_written(name)), item) for name, item in value.items())
    yield b"m%d:" % len(pairs)
    for name, item in pairs:
        yield name
        yield from _written(item)
