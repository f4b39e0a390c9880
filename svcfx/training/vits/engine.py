"""The engine that knows devices, hosts and precision: Lightning Fabric, and nothing else of Lightning."""

import logging
import warnings
from typing import Any, Literal, get_args

from svcfx.errors import MissingPartError, ParamError

Precision = Literal["fp32", "bf16", "fp16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
_NAMES = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def engine(
    *, precision: Precision = "fp32", devices: int = 0, nodes: int = 1, accelerator: str = "auto"
) -> Any:
    """A launched `Fabric`.

    Args:
        devices: On each host; 0 takes every accelerator there is, or the processor as one device.
        accelerator: "auto", "cpu" or "cuda".

    Raises:
        MissingPartError: The extra `train` is not installed.
        ParamError: There are not that many devices.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from lightning_fabric import Fabric
    except ImportError as error:
        raise MissingPartError(
            "training needs lightning-fabric, which is not installed", hint="pip install 'svcfx[train]'"
        ) from error
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    make: Any = Fabric
    several = devices > 1 or nodes > 1
    try:
        made = make(
            accelerator=accelerator,
            devices=devices or "auto" if accelerator != "cpu" else max(devices, 1),
            num_nodes=nodes,
            strategy="ddp" if several else "auto",
            precision=_NAMES[precision],
        )
    except (ValueError, RuntimeError) as error:
        text = str(error).splitlines()[0]
        raise ParamError(f"{devices} devices cannot be had: {text}") from error
    made.launch()
    return made
