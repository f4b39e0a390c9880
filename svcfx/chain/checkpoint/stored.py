"""One safetensors file with facts in its header: how svcfx keeps every part of a voice.

Written once, when a voice is added; the same part gives the same bytes. It opens without a pickle, and its
tensors are mapped from the disk, not copied.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from svcfx.errors import VoiceError

AGAIN = "Add it again."
_KEY = "svcfx"


def write(path: Path, form: str, facts: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> None:
    """Write tensors as float32 under a format tag, beside facts that JSON can say.

    Raises:
        OSError: The disk is full, or the folder cannot be written.
    """
    kept = {
        key: tensor.float().clone(memory_format=torch.contiguous_format)
        for key, tensor in sorted(tensors.items())
    }
    header = json.dumps({**facts, "format": form}, sort_keys=True)
    try:
        save_file(kept, str(path), {_KEY: header})
    except SafetensorError as error:
        raise system_error(error) from error
    path.chmod(0o644)  # the library writes files that only their owner may read


def system_error(error: SafetensorError) -> Exception:
    """What the system said when a file could not be written, which the library wraps."""
    code = re.search(r"os error (\d+)", str(error))
    return OSError(int(code[1]), os.strerror(int(code[1]))) if code else error


def read(path: Path, form: str, *, plain: bool = False) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Facts and tensors of a file that `write` made; tensors stay on the disk until they are used.

    Args:
        plain: Whether a file without any facts will do, as other programs write it.

    Raises:
        VoiceError: The file is missing, damaged, or of another format.
    """
    facts, tensors = foreign(path)
    if not isinstance(facts, dict) or not (facts.get("format") == form or (plain and not facts)):
        said = facts.get("format", "unknown") if isinstance(facts, dict) else "unknown"
        raise VoiceError(f"'{path.name}' is '{said}', not {form}", hint=AGAIN)
    return facts, tensors


def foreign(path: Path) -> tuple[Any, dict[str, torch.Tensor]]:
    """Facts, {} where there are none, and tensors of any safetensors file."""
    try:
        with safe_open(str(path), framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get(_KEY, "{}"))
            return facts, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, ValueError) as error:
        raise VoiceError(
            f"'{path.name}' cannot be read: {error}", hint="It is damaged; get it again."
        ) from error
