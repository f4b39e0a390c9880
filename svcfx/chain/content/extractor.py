"""The convolutions at the front of HuBERT, over pieces of audio that stay in the processor's cache.

They make 64 times as many values as they hand on, and nothing of a frame lies outside its 400 samples; only
the norm behind the first one asks for the whole take. It is worked out beforehand from the audio itself.
"""

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.nets.tiles import VALUES


class FeatureExtractor(nn.Module):
    """Takes the place of torchaudio's, whose layers it is given: (B, samples) -> (B, T, C)."""

    def __init__(self, conv_layers: nn.ModuleList) -> None:
        super().__init__()
        self.conv_layers = conv_layers

    def forward(self, audio: torch.Tensor, lengths: None = None) -> tuple[torch.Tensor, None]:
        """Features, and no lengths: all takes of a batch are of one."""
        assert lengths is None
        return torch.cat([self._take(take) for take in audio]), None

    def _take(self, audio: torch.Tensor) -> torch.Tensor:
        """(samples,) -> (1, T, C)."""
        convolutions = [layer.conv for layer in self._layers()]
        hop, heard = _reach(convolutions)
        frames = (len(audio) - heard) // hop + 1
        values = convolutions[0].out_channels * hop // convolutions[0].stride[0]
        tile = min(max(4 * VALUES // values, 1), frames)
        weight, bias = _normed(self._layers()[0], audio)
        made = []
        for first in range(0, frames, tile):
            # All pieces are of one length, so that kernels are made once.
            start = min(first, frames - tile)
            piece = audio[start * hop : (start + tile - 1) * hop + heard]
            made.append(self._piece(piece, weight, bias)[:, first - start :])
        return torch.cat(made, 1)

    def _piece(self, audio: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        first, *others = self._layers()
        (stride,) = first.conv.stride
        rows = functional.linear(audio.unfold(0, weight.shape[1], stride), weight, bias)
        x = functional.gelu(rows).T[None].to(first.conv.weight.dtype)
        for layer in others:
            x = functional.gelu(layer.conv(x))
        return x.transpose(1, 2).to(audio.dtype)

    def _layers(self) -> list[Any]:
        return list(self.conv_layers)


def _reach(convolutions: list[Any]) -> tuple[int, int]:
    """Samples from frame to frame, and samples that a frame hears."""
    heard = 1
    for convolution in reversed(convolutions):
        heard = (heard - 1) * convolution.stride[0] + convolution.kernel_size[0]
    return math.prod(convolution.stride[0] for convolution in convolutions), heard


def _normed(layer: Any, audio: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The first convolution with its norm over the take folded in: (C, K) and (C,).

    Mean and variance of every output follow from mean and covariance of the K samples under the kernel.
    """
    norm, weight = layer.layer_norm, layer.conv.weight[:, 0].double()
    assert norm.num_groups == len(weight)
    heard = audio.double().unfold(0, weight.shape[1], layer.conv.stride[0])
    mean = heard.mean(0)
    centred = heard - mean
    covariance = centred.T @ centred / len(heard)
    variance = ((weight @ covariance) * weight).sum(1)
    gain = norm.weight.double() / (variance + norm.eps).sqrt()
    bias = norm.bias.double() - gain * (weight @ mean)
    return (gain[:, None] * weight).to(audio.dtype), bias.to(audio.dtype)
