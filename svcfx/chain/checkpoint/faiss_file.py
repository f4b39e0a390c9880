"""The only door to faiss: vectors of a plain index file. Search is done elsewhere, exactly."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import torch

from svcfx.chain.checkpoint.unpickle_index import vectors_of
from svcfx.chain.retrieval.bank import Lists
from svcfx.errors import MissingPartError, VoiceError

_EXACT = (b"IxFI", b"IxF2", b"IxFl", b"IwFl")
"""First bytes of index files that keep their vectors as they are: flat ones, and inverted lists of such."""
_HEAD = struct.Struct("<4siq")


def is_index(path: Path) -> bool:
    """Whether a file begins as faiss writes an index."""
    return path.suffix == ".index" or _head(path)[:1] in (b"I",)


def index_size(path: Path) -> tuple[int, int]:
    """Width and number of vectors that an index says it has; raises `VoiceError` when it is none."""
    head = _head(path)
    if len(head) < _HEAD.size or not head.startswith(b"I"):
        raise VoiceError(f"'{path.name}' is not a faiss index", hint="Fetch it again, or train it again.")
    _, width, count = _HEAD.unpack(head)
    return int(width), int(count)


def vectors(path: Path) -> tuple[torch.Tensor, Lists | None]:
    """All vectors of an index file, (N, C) float32, and the lists that it keeps them in, where it does.

    Raises:
        VoiceError: It is damaged, or keeps its vectors rounded.
        MissingPartError: faiss is not installed.
    """
    _look(path)
    faiss = load_faiss()
    try:
        index = faiss.read_index(str(path))
        return torch.from_numpy(vectors_of(faiss, index)), _lists(faiss, index)
    except (RuntimeError, AssertionError, MemoryError, AttributeError) as error:
        reason = str(error).splitlines()[-1][:200] if str(error) else type(error).__name__
        raise VoiceError(f"'{path.name}' cannot be read as a faiss index: {reason}") from error


def load_faiss() -> Any:
    """The faiss module; raises `MissingPartError` when the extra is not installed."""
    try:
        import faiss
    except ImportError as error:
        raise MissingPartError(
            "reading a faiss index needs faiss, which is not installed", hint="pip install 'svcfx[index]'"
        ) from error
    return faiss


def _lists(faiss: Any, index: Any) -> Lists | None:
    """Centres of inverted lists and the list that each vector lies in; None of a flat index."""
    inverted = faiss.downcast_index(index)
    if not isinstance(inverted, faiss.IndexIVF):
        return None
    centres = inverted.quantizer.reconstruct_n(0, inverted.nlist)
    member = np.zeros(inverted.ntotal, np.int64)
    for number in range(inverted.nlist):
        size = inverted.invlists.list_size(number)
        ids = faiss.rev_swig_ptr(inverted.invlists.get_ids(number), size) if size else []
        member[np.asarray(ids, np.int64)] = number
    return Lists(torch.from_numpy(np.array(centres, np.float32)), torch.from_numpy(member))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD.size)
    except OSError as error:
        raise VoiceError(f"'{path}' cannot be read: {error.strerror}") from error


def _look(path: Path) -> None:
    """Refuse what is no exact index, or claims more vectors than the file has room for."""
    head = _head(path)
    if len(head) < _HEAD.size or not head.startswith(b"I"):
        raise VoiceError(f"'{path.name}' is not a faiss index", hint="Fetch it again, or train it again.")
    kind, width, count = _HEAD.unpack(head)
    if kind not in _EXACT:
        raise VoiceError(
            f"'{path.name}' is a faiss index of kind {kind.decode('ascii', 'replace')!r}, which keeps no"
            " vectors or rounded ones; svcfx reads flat and IVF,Flat"
        )
    size = path.stat().st_size
    if count == 0:
        raise VoiceError(
            f"'{path.name}' holds no vectors: it was trained and never filled",
            hint="Take the index beside it whose name begins with 'added_'.",
        )
    if width < 1 or count < 1 or width * count * 4 > size:
        raise VoiceError(
            f"'{path.name}' claims {count} vectors of width {width} in {size} bytes",
            hint="It is damaged or only part of a download; fetch it again.",
        )
