"""The engine that knows devices, hosts and precision: Lightning Fabric, and nothing else of Lightning."""

import logging
import os
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal, get_args

import torch

from svcfx.errors import MissingPartError, ParamError, TrainingError

OnNote = Callable[[str], None]
Precision = Literal["fp32", "bf16", "fp16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
PATIENCE_SECONDS = 600.0
"""How long a device waits for another, also for those that were not started yet."""
_PLACES = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK")
_HOW = (
    "On every host set MASTER_ADDR and MASTER_PORT to the first one's address and a free port there,"
    " and NODE_RANK to 0 on the first, 1 on the next, and so on."
)
_NAMES = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def unheard(_note: str) -> None:
    """What a device says that is not the first: the first one speaks for all."""


def engine(
    *,
    precision: Precision = "fp32",
    devices: int = 0,
    nodes: int = 1,
    accelerator: str = "auto",
    on_note: OnNote = unheard,
) -> Any:
    """A launched `Fabric`.

    Args:
        devices: On each host; 0 takes every accelerator there is, or the processor as one device.
        accelerator: "auto", "cpu" or "cuda".
        on_note: Told that other hosts are waited for.

    Raises:
        MissingPartError: The extra `train` is not installed.
        ParamError: There are not that many devices, or it is not said where the hosts are.
        TrainingError: Another host did not come.
    """
    make, together = _fabric()
    try:
        made = make(
            accelerator=accelerator,
            devices=devices or "auto" if accelerator != "cpu" else max(devices, 1),
            num_nodes=nodes,
            strategy=together if devices > 1 or nodes > 1 else "auto",
            precision=_NAMES[precision],
        )
    except (ValueError, RuntimeError) as error:
        text = str(error).splitlines()[0]
        raise ParamError(f"{devices} devices cannot be had: {text}") from error
    if nodes > 1 and type(made.strategy.cluster_environment).__name__ == "LightningEnvironment":
        _require_places(nodes)
        on_note(f"waiting for the other hosts, {PATIENCE_SECONDS / 60:.0f} minutes at most")
    try:
        made.launch()
    except torch.distributed.DistError as error:
        where = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
        why = str(error).splitlines()[0].rstrip(". ")
        raise TrainingError(
            f"{made.world_size} devices did not meet at {where}: {why}",
            hint="Start the same command on every host, and let them reach that address and port.",
        ) from error
    return made


def require() -> None:
    """Raise `MissingPartError` when what trainings run on is not installed."""
    _fabric()


def _fabric() -> tuple[Any, Any]:
    """What makes an engine, and the way several devices work together."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from lightning_fabric import Fabric
            from lightning_fabric.strategies.ddp import DDPStrategy
    except ImportError as error:
        raise MissingPartError(
            "training needs lightning-fabric, which is not installed", hint="pip install 'svcfx[train]'"
        ) from error
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    return Fabric, DDPStrategy(timeout=timedelta(seconds=PATIENCE_SECONDS))


def _require_places(nodes: int) -> None:
    """Raise `ParamError` unless the variables say where the first host is and which one this is."""
    missing = [name for name in _PLACES if not os.environ.get(name)]
    if missing:
        raise ParamError(f"{nodes} hosts are asked for without {', '.join(missing)}", hint=_HOW)
    rank, allowed = os.environ["NODE_RANK"], [str(number) for number in range(nodes)]
    if rank not in allowed:
        raise ParamError(f"NODE_RANK is '{rank}', allowed are 0 to {nodes - 1}", hint=_HOW)
    port = os.environ["MASTER_PORT"]
    if not (port.isdecimal() and 0 < int(port) < 65536):
        raise ParamError(f"MASTER_PORT is '{port}', allowed are 1 to 65535", hint=_HOW)
