"""A voice as so-vits-svc and its fork keep it: G_<step>.pth and config.json, ready for `svcfx voices add`.

D_<step>.pth beside them holds the discriminators, which whoever trains the voice further begins with.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from svcfx.atomic import atomic
from svcfx.chain.content import builtin
from svcfx.errors import DatasetError
from svcfx.training.items import AGAIN
from svcfx.training.vits.adversarial import optimiser
from svcfx.training.vits.discriminators import Discriminators
from svcfx.training.vits.network import TrainedGenerator


def write(
    networks: tuple[TrainedGenerator, Discriminators],
    document: Mapping[str, Any],
    folder: Path,
    *,
    step: int,
    epoch: int,
) -> Path:
    """Write all three; other G_*.pth and D_*.pth of the folder go once the new ones are there.

    The optimisers are fresh ones: their states would treble the files, and the families' trainers begin anew
    with them as they do with their own base models.

    Returns:
        Path of the G_<step>.pth.

    Raises:
        OutputError: The disk is full, or the folder cannot be written.
    """
    rate = float(document["train"]["learning_rate"])
    with atomic(folder / "config.json") as temporary:
        temporary.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    names = f"G_{step}.pth", f"D_{step}.pth"
    for name, network in reversed(
        list(zip(names, networks, strict=True))
    ):  # the voice last, when all is there
        with atomic(folder / name) as temporary:
            save(_state(network, rate, epoch), temporary)
    for other in (*folder.glob("G_*.pth"), *folder.glob("D_*.pth")):
        if other.name not in names:
            other.unlink()
    return folder / f"G_{step}.pth"


def _state(network: nn.Module, rate: float, epoch: int) -> dict[str, Any]:
    return {
        "model": {key: tensor.detach().float().cpu() for key, tensor in network.state_dict().items()},
        "iteration": epoch,
        "optimizer": optimiser(network, rate).state_dict(),
        "learning_rate": rate,
    }


def bring_content(kind: str, dataset: Path, out: Path) -> None:
    """Copy the encoder that heard a dataset's content, where it is svcfx's own, to what is trained on it.

    Raises:
        DatasetError: It is not there.
        OutputError: The disk is full, or the folder cannot be written.
    """
    if kind != builtin.KIND:
        return
    own = dataset / builtin.FILE
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
