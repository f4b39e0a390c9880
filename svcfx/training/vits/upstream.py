"""A voice as so-vits-svc and its fork keep it: G_<step>.pth and config.json, ready for `svcfx voices add`."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from svcfx.atomic import atomic
from svcfx.chain import builtin_content
from svcfx.errors import DatasetError
from svcfx.training.items import AGAIN
from svcfx.training.vits.learning import optimiser
from svcfx.training.vits.network import TrainedGenerator


def write(
    network: TrainedGenerator, document: Mapping[str, Any], folder: Path, *, step: int, epoch: int
) -> Path:
    """Write both files; other G_*.pth of the folder go once the new one is there. Returns its path.

    The optimiser is a fresh one: its state would treble the file, and the families' trainers begin anew
    with it as they do with their own base models.

    Raises:
        OutputError: The disk is full, or the folder cannot be written.
    """
    rate = float(document["train"]["learning_rate"])
    state = {
        "model": {key: tensor.detach().float().cpu() for key, tensor in network.state_dict().items()},
        "iteration": epoch,
        "optimizer": optimiser(network, rate).state_dict(),
        "learning_rate": rate,
    }
    with atomic(folder / "config.json") as temporary:
        temporary.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    path = folder / f"G_{step}.pth"
    with atomic(path) as temporary:
        save(state, temporary)
    for other in folder.glob("G_*.pth"):
        if other != path:
            other.unlink()
    return path


def bring_content(kind: str, dataset: Path, out: Path) -> None:
    """Copy the encoder that heard a dataset's content, where it is svcfx's own, to what is trained on it.

    Raises:
        DatasetError: It is not there.
        OutputError: The disk is full, or the folder cannot be written.
    """
    if kind != builtin_content.KIND:
        return
    own = dataset / builtin_content.FILE
    if not own.is_file():
        raise DatasetError(f"'{dataset}' has no {own.name}, which heard its content", hint=AGAIN)
    with atomic(out / own.name) as temporary:
        shutil.copyfile(own, temporary)


def save(state: Mapping[str, Any], path: Path) -> None:
    """`torch.save`; raises `OSError` where torch says `RuntimeError` of a disk that is full."""
    try:
        with path.open("wb") as file:
            torch.save(dict(state), file)
    except RuntimeError as error:
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise OSError(None, str(error).splitlines()[0]) from error
