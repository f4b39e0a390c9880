"""Read a torch file whose pickle may name inert types only. Nothing in the file ever runs.

What commonly lies there instead of a checkpoint (an error page, a pointer, half a download) gets its own
sentence.
"""

import pickle
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from svcfx.chain.checkpoint import inert
from svcfx.errors import VoiceError

_NAMES_BYTES = 16 << 20
"""Of a file's table of contents; that of the largest voice has 100 kB."""


def read(path: Path) -> Mapping[str, Any]:
    """The dict that a torch file holds, tensors on the CPU.

    Raises:
        VoiceError: The file is missing, cut short, swollen, not a torch file, or asks for more than data.
    """
    _look(path)
    try:
        with torch.serialization.safe_globals(inert.ALLOWED):
            loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "Unsupported operand" in str(error):
            raise _damaged(path, error) from error
        raise VoiceError(
            f"'{path.name}' asks for code, not only data, and was not opened: {_reason(error)}",
            hint="A checkpoint needs tensors and numbers only. Do not trust this file.",
        ) from error
    except Exception as error:  # of a broken file, torch lets out whatever its reader stumbled over
        raise _damaged(path, error) from error
    if not isinstance(loaded, Mapping):
        raise VoiceError(f"'{path.name}' holds a {type(loaded).__name__}, a checkpoint is a dict")
    _check_backing(path, loaded)
    return loaded


def mentions(path: Path, name: str) -> bool:
    """Whether a torch file names a tensor so, its weights left alone; False of what is no whole torch file.

    Raises:
        VoiceError: It is plainly something else: missing, cut short, a web page.
    """
    _look(path)
    try:
        if not zipfile.is_zipfile(path):
            with path.open("rb") as file:
                return name.encode() in file.read(_NAMES_BYTES)
        with zipfile.ZipFile(path) as archive:
            tables = [entry for entry in archive.infolist() if entry.filename.endswith("data.pkl")]
            return any(name.encode() in archive.open(entry).read(_NAMES_BYTES) for entry in tables[:1])
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        return False


def _damaged(path: Path, error: Exception) -> VoiceError:
    return VoiceError(
        f"'{path.name}' cannot be read as a checkpoint: {_reason(error)}",
        hint="It is damaged or only part of a download; fetch it again.",
    )


def _reason(error: Exception) -> str:
    """The line of an error that names its cause."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    named = [line for line in lines if "GLOBAL" in line or "Unsupported" in line]
    return (named or lines or [type(error).__name__])[0][:200]


def _look(path: Path) -> None:
    """Refuse what is plainly not a whole torch file."""
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise VoiceError(f"'{path}' cannot be read: {error.strerror}") from error
    if not head:
        raise VoiceError(f"'{path.name}' is empty", hint="The download did not finish; fetch it again.")
    text = head.lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise VoiceError(
            f"'{path.name}' is a web page, not a checkpoint",
            hint="Use its download link; on Hugging Face that has 'resolve' in it, not 'blob'.",
        )
    if text.startswith(b"version https://git-lfs"):
        raise VoiceError(
            f"'{path.name}' is a Git LFS pointer, not the file itself", hint="Run 'git lfs pull' beside it."
        )
    if head.startswith(b"PK"):
        _look_into_zip(path)
    elif not head.startswith(b"\x80"):
        raise VoiceError(f"'{path.name}' is not a torch file")


def _look_into_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            stored = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise VoiceError(
            f"'{path.name}' is cut short: its table of contents, which comes last, is missing",
            hint="The download did not finish; fetch it again.",
        ) from error
    except (OSError, ValueError, NotImplementedError) as error:
        raise _damaged(path, error) from error
    size = path.stat().st_size
    if stored > size:  # torch never compresses
        raise VoiceError(
            f"'{path.name}' would unpack from {size} to {stored} bytes, a checkpoint does not grow"
        )


def _check_backing(path: Path, loaded: Mapping[str, Any]) -> None:
    """Refuse tensors that are no plain arrays, or larger than the numbers stored for them.

    Such a stretched tensor costs the file nothing and fills the memory when it is used.
    """
    for name, tensor in _tensors(loaded):
        plain = tensor.layout is torch.strided and not tensor.is_quantized and not tensor.is_complex()
        if not plain or tensor.device.type != "cpu":
            raise VoiceError(f"'{path.name}': tensor {name} is no plain array of numbers")
        if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise VoiceError(f"'{path.name}': tensor {name} claims more numbers than the file holds")


def _tensors(loaded: Mapping[str, Any]) -> Iterator[tuple[str, torch.Tensor]]:
    """Tensors of the file and of the dicts in it; what lies deeper (an optimizer's) is never used."""
    for table in (loaded, *(value for value in loaded.values() if isinstance(value, Mapping))):
        for name, value in table.items():
            if isinstance(value, torch.Tensor):
                yield str(name), value
