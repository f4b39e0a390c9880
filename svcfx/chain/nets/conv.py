"""Convolutions and linear maps that keep the channels of a frame side by side in memory.

Shapes are torch's own, (B, C, T) for a convolution; only the strides differ, and they pass through
everything between two layers, so nothing is copied on the way. The kernels that torch has for this order
do more than those for its usual one, and the one-wide ones more than its matrix product: about 210 billion
multiply-adds a second in float32 and 420 in bfloat16, against 60 to 190, 100 to 390 and 95, on two Zen 5
cores (benchmarks/RESULTS.md).

A wide kernel finds the zeros around its input in memory. With zeros of its own, oneDNN 3.12 works in larger
blocks than AVX2 has registers for: 36 to 49 billion multiply-adds a second and core with 5 to 11 taps, where
43 to 55 can be had; and with AVX-512, 37 to 42 with 11 dilated taps, where 49 to 53 can (Zen 4, the least
processor time of many). Few channels lose a fifth by it, grouped ones a third. As products with unfolded rows
they would run at 43 to 46 from 400 frames on, and at half of that with 64 channels.

A linear map that only evaluates keeps its weight as the kernel reads it: otherwise each call lays it anew, a
third of the time of a short phrase, and one thread alone is given the slower matrix product.

A layer gives the type that it is given, and works in the type of its weights.
"""

from weakref import WeakKeyDictionary

import torch
from torch import nn
from torch.nn import functional

_OPS = torch.ops.mkldnn
_PACKS: bool = torch.backends.mkldnn.is_available() and all(  # type: ignore[no-untyped-call]
    hasattr(_OPS, name) for name in ("_reorder_linear_weight", "_linear_pointwise")
)
_PACKED_TYPES = (torch.float32, *([torch.bfloat16] if _PACKS and _OPS._is_mkldnn_bf16_supported() else []))
_WIDE_TAPS = 5 if torch.backends.cpu.get_cpu_capability() == "AVX2" else 11
_WIDE_CHANNELS = 48
"""Taps and outputs from which on a kernel is quicker over zeros in memory, by what the processor has."""
_PLAIN: tuple[str, list[float], str] = ("none", [], "")
"""Nothing is done to what such a kernel gives."""
_packs: WeakKeyDictionary[nn.Module, tuple[torch.Tensor, int, torch.Tensor]] = WeakKeyDictionary()
"""The weight of a layer, its version, and the same as the kernel reads it; no attribute of the layer, as such
a tensor can be neither copied nor pickled."""
_stored: WeakKeyDictionary[nn.Module, torch.Tensor] = WeakKeyDictionary()
"""The weight of a settled layer as it lies in a file that is mapped, of which nothing need be in memory."""


class Conv1d(nn.Conv1d):
    """nn.Conv1d with zero padding given as a number, (B, C, T) -> (B, C', T')."""

    exact = False
    """Whether its weights stay float32 at any precision."""
    halved = False
    """Whether it works in bfloat16, whatever its weight is."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not _fits(x):
            return super().forward(x)
        if self.in_channels == 1 and self.dilation[0] == 1:
            return self._of_one_channel(x)
        if self.kernel_size == self.stride == (1,) and self.groups == 1 and not self.padding[0]:
            return _mapped(x.transpose(1, 2), self, self.weight[:, :, 0]).transpose(1, 2)
        rows, weight, bias = _typed(_rows(x), self)
        stride, pad, dilation = (1, self.stride[0]), int(self.padding[0]), (1, self.dilation[0])
        if self._wide(x):
            rows, pad = functional.pad(rows, (pad, pad)), 0
        y = functional.conv2d(rows, weight[:, :, None], bias, stride, (0, pad), dilation, self.groups)
        return y[:, :, 0].to(x.dtype)

    def _wide(self, x: torch.Tensor) -> bool:
        """Whether its kernel is quicker over zeros in memory than with zeros of its own."""
        taps = self.kernel_size[0] if x.device.type == "cpu" and self.groups == 1 else 0
        return taps >= _WIDE_TAPS and self.out_channels >= _WIDE_CHANNELS

    def _of_one_channel(self, x: torch.Tensor) -> torch.Tensor:
        """What lies under the kernel taken as the channels: the kernel for one takes 0.2 s to be made."""
        pad = int(self.padding[0])
        heard = functional.pad(x[:, 0], (pad, pad)).unfold(-1, self.kernel_size[0], self.stride[0])
        return _mapped(heard.contiguous(), self, self.weight[:, 0]).transpose(1, 2)


class ConvTranspose1d(nn.ConvTranspose1d):
    """nn.ConvTranspose1d without output padding, groups or dilation, (B, C, T) -> (B, C', T').

    It runs as a plain convolution to all samples of a stride at once, (B, C, T) -> (B, stride C', T), for the
    kernel of a transposed one takes 40 ms to be made for every new length.
    """

    halved = False

    def forward(self, x: torch.Tensor, output_size: list[int] | None = None) -> torch.Tensor:
        if not _fits(x):
            return super().forward(x, output_size)
        stride, size, pad = self.stride[0], self.kernel_size[0], int(self.padding[0])
        taps = -(-size // stride)
        rows, weight, bias = _typed(_rows(x), self)
        y = functional.conv2d(rows, self._plain(weight, taps), None, 1, (0, taps - 1))[:, :, 0]
        samples = y.transpose(1, 2).reshape(len(x), -1, self.out_channels)
        kept = samples[:, pad : (x.shape[-1] - 1) * stride + size - pad].transpose(1, 2).to(x.dtype)
        return kept if bias is None else kept.add_(bias[:, None])

    def _plain(self, weight: torch.Tensor, taps: int) -> torch.Tensor:
        """(C, C', kernel) -> (stride C', C, 1, taps)."""
        (stride,) = self.stride
        whole = functional.pad(weight, (0, taps * stride - weight.shape[-1]))
        parts = whole.reshape(*weight.shape[:2], taps, stride).flip(2)
        return parts.permute(3, 1, 2, 0).reshape(-1, taps, len(weight)).permute(0, 2, 1)[:, :, None]


class Linear(nn.Linear):
    """nn.Linear as a convolution one frame wide, (..., C) -> (..., C')."""

    halved = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not _fits(x):
            return super().forward(x)
        return _mapped(x, self, self.weight)


Ours = Conv1d | ConvTranspose1d | Linear
OURS: dict[type[nn.Module], type[nn.Module]] = {
    nn.Conv1d: Conv1d,
    nn.ConvTranspose1d: ConvTranspose1d,
    nn.Linear: Linear,
}


def adopt(net: nn.Module) -> None:
    """Let the plain layers of somebody else's network work in this order."""
    for module in net.modules():
        if type(module) in OURS:
            module.__class__ = OURS[type(module)]


def settle(net: nn.Module) -> None:
    """Lay the weights of a network that only evaluates as its kernels read them; shapes and values stay."""
    for module in net.modules():
        if isinstance(module, (Conv1d, ConvTranspose1d)) and module.weight.dtype != torch.float64:
            stored = module.weight
            laid = stored.detach().transpose(1, 2).contiguous().transpose(1, 2)
            module.weight = nn.Parameter(laid, requires_grad=False)
            if laid.data_ptr() != stored.data_ptr() and not stored.untyped_storage().resizable():
                _stored[module] = stored  # torch did not allocate it


def unsettle(net: nn.Module) -> None:
    """Let the memory of a network's weights go that are mapped from a file; `settle` lays them again."""
    for module in net.modules():
        _packs.pop(module, None)
        if module in _stored:
            module.register_parameter("weight", nn.Parameter(_stored[module], requires_grad=False))


def halve(layer: Ours) -> None:
    """Have a layer work in bfloat16; its weight stays where the kernel's copy of it is all that is read."""
    layer.halved = _maps(layer) and _has_kernel(layer.weight, torch.bfloat16)
    for name, parameter in list(layer.named_parameters(recurse=False)):
        if name != "weight" or not layer.halved:
            setattr(layer, name, nn.Parameter(parameter.to(torch.bfloat16), requires_grad=False))


def _mapped(x: torch.Tensor, layer: Conv1d | Linear, weight: torch.Tensor) -> torch.Tensor:
    """A linear map (..., C) -> (..., C') by a weight (C', C)."""
    packed, kind = _packed(x, layer, weight), _kind(layer)
    if packed is None:
        rows = x.reshape(1, 1, -1, x.shape[-1]).permute(0, 3, 1, 2).to(kind)
        y = functional.conv2d(rows, weight.to(kind)[:, :, None, None], layer.bias).permute(0, 2, 3, 1)
    else:
        rows = x.reshape(-1, x.shape[-1]).to(kind)
        y = _OPS._linear_pointwise(rows, packed, layer.bias, *_PLAIN)
    return y.reshape(*x.shape[:-1], -1).to(x.dtype)


def _packed(x: torch.Tensor, layer: Conv1d | Linear, weight: torch.Tensor) -> torch.Tensor | None:
    """The weight as the kernel reads it; None where a gradient is wanted, or there is no such kernel."""
    learns = torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad)
    kind = _kind(layer)
    if not _has_kernel(x, kind) or learns or not x.numel():
        return None
    own = layer.weight
    version = 0 if own.is_inference() else own._version
    kept = _packs.get(layer)
    if kept is None or kept[0] is not own or kept[1] != version:
        with torch.no_grad():
            kept = _packs[layer] = (own, version, _OPS._reorder_linear_weight(weight.to(kind).contiguous()))
    return kept[2]


def _has_kernel(x: torch.Tensor, kind: torch.dtype) -> bool:
    """Whether there is one, where a tensor lies, that reads a weight of that type laid for it."""
    return _PACKS and x.device.type == "cpu" and kind in _PACKED_TYPES


def _maps(layer: nn.Module) -> bool:
    """Whether it is a linear map of what it hears of one frame."""
    if not isinstance(layer, Conv1d):
        return isinstance(layer, Linear)
    if layer.in_channels == 1 and layer.dilation[0] == 1:
        return True
    return layer.kernel_size == layer.stride == (1,) and layer.groups == 1 and not layer.padding[0]


def _kind(layer: "Conv1d | Linear") -> torch.dtype:
    """The type that a linear map works in."""
    return torch.bfloat16 if layer.halved else layer.weight.dtype


def _typed(
    x: torch.Tensor, layer: nn.Conv1d | nn.ConvTranspose1d | nn.Linear
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """Input, weight and bias of one type, the weight's."""
    return x.to(layer.weight.dtype), layer.weight, layer.bias


def _rows(x: torch.Tensor) -> torch.Tensor:
    """(B, C, T) as an image one row high, (B, C, 1, T), channels last."""
    if x.shape[1] == 1:  # both orders are the same bytes; only the strides can say which is meant
        return x.reshape(len(x), 1, -1, 1).permute(0, 3, 1, 2)
    return x[:, :, None].contiguous(memory_format=torch.channels_last)


def _fits(x: torch.Tensor) -> bool:
    """Whether the fast kernels take it: they know no float64."""
    return x.dtype != torch.float64
