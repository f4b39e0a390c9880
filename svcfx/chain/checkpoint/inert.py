"""Stand-ins for what checkpoints name beside tensors: NumPy's arrays and numbers, rebuilt from their bytes.

NumPy's own types are not let into a foreign pickle: the state of a dtype can be forged so that plain bytes
are taken for addresses of objects. These look alike to a pickle, and know numbers alone.
"""

import argparse
from typing import Any

import numpy as np
from numpy.typing import NDArray

_KINDS = ("f2", "f4", "f8", "b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")


class Number:
    """A type of numbers; stands for numpy.dtype."""

    def __init__(self, code: object, *_layout: object) -> None:
        if code not in _KINDS:
            raise ValueError(f"an array of {code!r}, which are no plain numbers")
        self.code, self.order = str(code), "="

    def __setstate__(self, state: Any) -> None:
        order, rest = state[1], state[2:5]
        if order not in ("<", ">", "=", "|") or any(part is not None for part in rest):
            raise ValueError("an array of records, which are no plain numbers")
        self.order = order

    def of(self, raw: object) -> NDArray[Any]:
        """The numbers in bytes, as this machine orders them."""
        if not isinstance(raw, bytes):
            raise ValueError("an array whose numbers are no bytes")
        kind = np.dtype(self.code)
        return np.frombuffer(raw, kind.newbyteorder(self.order)).astype(kind)  # type: ignore[arg-type]


class Array:
    """An array of numbers; stands for numpy.ndarray."""

    values: NDArray[Any] = np.zeros(0)

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, columns_first, raw = state
        if not isinstance(kind, Number):
            raise ValueError("an array without a type")
        self.values = kind.of(raw).reshape(shape, order="F" if columns_first else "C")


def _array(*_empty: object) -> Array:
    """Stands for NumPy's `_reconstruct`, which makes an empty array to be filled."""
    return Array()


def _scalar(kind: Number, raw: object) -> float:
    """Stands for NumPy's `scalar`: one number."""
    return float(kind.of(raw)[0])


ALLOWED: list[Any] = [
    argparse.Namespace,
    (Number, "numpy.dtype"),
    (Array, "numpy.ndarray"),
    # Files written with NumPy 1 and 2 call the same two functions by different names.
    *(
        (function, f"numpy.{core}.multiarray.{name}")
        for core in ("core", "_core")
        for name, function in (("_reconstruct", _array), ("scalar", _scalar))
    ),
]
"""What a foreign pickle may name beside tensors and Python's own containers."""
