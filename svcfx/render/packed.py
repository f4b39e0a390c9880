"""An entry as one file: a line of JSON (facts, notes, names of arrays), then each array as `.npy`.

Nothing in it is run when it is read: no pickle, and no array that is larger than the file it stands in.
"""

import io
import json
import math
from collections.abc import Iterator, Mapping
from tokenize import TokenError
from typing import Any, BinaryIO, get_args

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from svcfx.events import Code, Note
from svcfx.render.store import KINDS, Entry

MARK = b"svcfx-step-1\n"
MOST_HEADER = 1 << 20
"""Bytes of JSON at most; facts and notes are small."""
MOST_ARRAYS = 64
_CODES = frozenset(get_args(Code))
_MISTAKES = (
    ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError, SyntaxError, TokenError,
)  # fmt: skip
"""What JSON and numpy raise for bytes that are none of theirs."""


class Unreadable(ValueError):
    """These bytes are no entry."""


def pieces(entry: Entry) -> Iterator[bytes | memoryview]:
    """The bytes of a file that holds `entry`, in order.

    Raises:
        ValueError: It holds what no file of this form can: objects, or too much beside its arrays.
    """
    head = {
        "facts": dict(entry.facts),
        "notes": [[note.code, note.text] for note in entry.notes],
        "arrays": list(entry.arrays),
    }
    line = json.dumps(head, allow_nan=True).encode() + b"\n"
    if len(line) > MOST_HEADER or len(entry.arrays) > MOST_ARRAYS:
        raise ValueError("an entry holds too much beside its arrays")
    yield MARK + line
    for array in entry.arrays.values():
        if array.dtype.kind not in KINDS:
            raise ValueError(f"an entry holds an array of {array.dtype}")
        whole = np.ascontiguousarray(array)
        start = io.BytesIO()
        npy.write_array_header_1_0(start, npy.header_data_from_array_1_0(whole))
        yield start.getvalue()
        yield whole.reshape(-1).view(np.uint8).data if whole.size else b""


def read(data: memoryview) -> Entry:
    """The entry in the bytes of a file; its arrays are views of `data` and are not written to.

    Raises:
        Unreadable: They are no entry.
    """
    try:
        return _read(data)
    except _MISTAKES as error:
        raise Unreadable(str(error)) from error


def _read(data: memoryview) -> Entry:
    file = io.BytesIO(bytes(data[: MOST_HEADER + len(MARK)]))
    if file.read(len(MARK)) != MARK:
        raise Unreadable("it is none of svcfx's")
    line = file.readline()
    head = json.loads(line)
    names = [str(name) for name in head["arrays"]]
    if not isinstance(head["facts"], Mapping) or len(names) > MOST_ARRAYS:
        raise Unreadable("its first line says too much")
    notes = tuple(_note(code, text) for code, text in head["notes"])
    at, arrays = len(MARK) + len(line), {}
    for name in names:
        arrays[name], at = _array(data, at)
    if at != len(data):
        raise Unreadable(f"it has {len(data) - at} bytes behind its end")
    return Entry(arrays, head["facts"], notes)


def _note(code: Any, text: Any) -> Note:
    if code not in _CODES or not isinstance(text, str):
        raise Unreadable("it holds a note of no kind that is known")
    return Note(code, text)


def _array(data: memoryview, at: int) -> tuple[NDArray[Any], int]:
    """The array that begins at byte `at`, and where it ends."""
    file: BinaryIO = io.BytesIO(bytes(data[at : at + npy.MAGIC_LEN + 2 + 65_536]))
    if npy.read_magic(file) != (1, 0):
        raise Unreadable("an array has another form")
    shape, fortran, dtype = npy.read_array_header_1_0(file)
    if dtype.kind not in KINDS or dtype.hasobject or fortran or min(shape, default=0) < 0:
        raise Unreadable(f"an array is of {dtype}")
    start = at + file.tell()
    stop = start + math.prod(shape) * dtype.itemsize
    if stop > len(data):
        raise Unreadable("an array is longer than its file")
    return np.frombuffer(data[start:stop], dtype).reshape(shape), stop
