"""bfloat16 where the processor multiplies it: emulated, with AVX2 alone, a layer took five times as long."""

from contextlib import AbstractContextManager

import torch

from svcfx.chain import precision


def half() -> AbstractContextManager[object]:
    """What a step multiplies in: bfloat16 on processors that have its instructions, else float32."""
    return torch.autocast("cpu", torch.bfloat16, enabled=precision.has_bf16(torch.device("cpu")))
