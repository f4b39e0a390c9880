"""bfloat16 where a network multiplies: twice the speed on processors that have it, heard by nobody.

Convolutions and linear maps of `nets.conv` take bfloat16 weights and inputs and add up in float32. What is
between them stays float32: norms, softmax, the sums that residual layers pass on. Pitch, phase and excitation
stay as they are, so a voice sings in tune to the same fraction of a cent.
"""

import copy
import platform
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, WeakSet

import torch
from torch import nn

from svcfx.chain.config import Precision
from svcfx.chain.nets.conv import OURS, Ours, halve, settle, unsettle
from svcfx.errors import ParamError

Net = TypeVar("Net", bound=nn.Module)
CPU_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
"""How /proc/cpuinfo names the instructions, on x86-64 and on 64-bit Arm."""

_twins: WeakKeyDictionary[nn.Module, nn.Module] = WeakKeyDictionary()
_full: WeakSet[nn.Module] = WeakSet()
"""Networks that were asked for as they are."""


def at(network: Net, precision: Precision) -> Net:
    """The network itself, or its twin that works in bfloat16, made once and kept as long as the network.

    The twin shares every tensor that is not a weight or bias of such a layer. Of a network that is asked for
    in bfloat16 alone, no float32 weights stay in memory that a file has.

    Raises:
        ParamError: This machine has no instructions for bfloat16, so it would be slower, not faster.
    """
    if precision == "fp32":
        if network in _twins and network not in _full:
            settle(network)
        _full.add(network)
        return network
    require_bf16(next(network.parameters()).device)
    if network not in _twins:
        _twins[network] = _twin(network)
        if network not in _full:
            unsettle(network)
    twin = _twins[network]
    assert isinstance(twin, type(network))
    return twin


def require_bf16(device: torch.device) -> None:
    """Raise `ParamError` unless the device multiplies bfloat16 itself."""
    if not has_bf16(device):
        what = "this processor" if device.type == "cpu" else f"the device '{device}'"
        raise ParamError(
            f"precision is 'bf16', which {what} has no instructions for: it would be slower than 'fp32'",
            hint="Use precision fp32.",
        )


def has_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is faster there than float32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return device.type == "cpu" and not _held_back() and bool(CPU_FLAGS & _cpu_flags())


def _held_back() -> bool:
    """Whether torch was told to do without what this x86 processor has (`ATEN_CPU_CAPABILITY`)."""
    kernels = torch.backends.cpu.get_cpu_capability()
    return platform.machine().lower() in ("x86_64", "amd64") and not kernels.startswith("AVX512")


def _cpu_flags() -> set[str]:
    try:
        return set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        found: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
        return {name for name, there in found.items() if there is True}


def _stays(layer: nn.Module) -> bool:
    return layer.weight.dtype != torch.float32 or getattr(layer, "exact", False)


def _twin(network: nn.Module) -> nn.Module:
    shared = {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    twin = copy.deepcopy(network, shared)
    for module in twin.modules():
        if isinstance(module, Ours) and type(module) in OURS.values() and not _stays(module):
            halve(module)
    return twin
