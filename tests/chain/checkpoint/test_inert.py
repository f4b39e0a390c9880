"""NumPy's arrays and numbers in a foreign pickle become what they were, and nothing else comes of them."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from svcfx.chain.checkpoint.inert import Array
from svcfx.chain.checkpoint.pickled import read
from svcfx.errors import VoiceError


def reread(folder: Path, value: Any) -> Any:
    torch.save({"it": value}, folder / "file.pt")
    return read(folder / "file.pt")["it"]


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i8", "u1", ">f4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_comes_back_as_it_was(tmp_path: Path, kind: str, order: Any) -> None:
    array = np.asarray(np.arange(12).reshape(3, 4), kind, order=order)
    found = reread(tmp_path, array)
    assert isinstance(found, Array)
    np.testing.assert_array_equal(found.values, array)


def test_a_number_of_numpy_becomes_a_number(tmp_path: Path) -> None:
    assert reread(tmp_path, np.float64(1e-4)) == 1e-4
    assert reread(tmp_path, np.int64(7)) == 7


@pytest.mark.parametrize(
    "odd", [np.array([None]), np.array([(1, 2)], "i4,i4"), np.array(["a"]), np.array([1j])], ids=str
)
def test_an_array_of_anything_but_numbers_is_refused(tmp_path: Path, odd: Any) -> None:
    with pytest.raises(VoiceError, match=r"'file\.pt'"):
        reread(tmp_path, odd)


class Forged:
    """An array of one address, whose type claims to hold plain bytes: NumPy itself would follow it."""

    def __reduce__(self) -> Any:
        import numpy._core.multiarray as multiarray

        kind = _Kind()
        state = (1, (1,), kind, False, struct.pack("Q", 0x4141414141414141))
        return multiarray._reconstruct, (np.ndarray, (0,), b"b"), state


class _Kind:
    def __reduce__(self) -> Any:
        return np.dtype, ("O8", False, True), (3, "|", None, None, None, -1, -1, 0)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_forged_type_is_not_believed(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "forged.pt"
    torch.save({"it": Forged()}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(VoiceError, match=r"cannot be read as a checkpoint: .*no plain numbers"):
        read(path)


def test_a_number_of_no_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.pt"
    path.write_bytes(b"\x80\x02cnumpy.core.multiarray\nscalar\nK\x01K\x02\x86R.")
    with pytest.raises(VoiceError):
        read(path)
