"""RMVPE's network: a log mel as a picture, through a U-Net and a recurrent layer, to salience of 360 pitches.

B batch, T frames of 10 ms (a multiple of 32 for the full network), 128 mel bands, widths W. Keys are those of
the published file.

Source: Wei et al., "RMVPE: a robust model for vocal pitch estimation", 2023; the published facts of RVC.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.nets.weights import fill

BANDS, PITCHES = 128, 360
_OUTWARD = 3


@dataclass(frozen=True)
class RmvpeSizes:
    """Stages and widths; the defaults are those of the published file.

    Attributes:
        first: Width of the first stage, doubled by each of the `stages`.
        blocks: Residual blocks of a stage; middle: stages at the bottom.
        recurrent: Width of each direction of the recurrent layer.
    """

    stages: int = 5
    first: int = 16
    blocks: int = 4
    middle: int = 4
    recurrent: int = 256

    @property
    def step(self) -> int:
        """Frames that their number must be a multiple of."""
        return int(2**self.stages)

    def width(self, stage: int) -> int:
        """Channels of a stage, counted from 0; the bottom's is `width(stages)`."""
        return int(self.first * 2**stage)


def sizes_of(stored: Mapping[str, torch.Tensor]) -> RmvpeSizes:
    """Sizes that a file's tensors have; those of the published file where it does not say."""

    def count(text: str) -> int:
        return next(n for n in range(65) if not any(key.startswith(text.format(n)) for key in stored))

    first = stored.get("unet.encoder.layers.0.conv.0.conv.0.weight")
    recurrent = stored.get("fc.0.gru.weight_hh_l0")
    usual = RmvpeSizes()
    return RmvpeSizes(
        stages=count("unet.encoder.layers.{}.") or usual.stages,
        first=usual.first if first is None else int(first.shape[0]),
        blocks=count("unet.encoder.layers.0.conv.{}.") or usual.blocks,
        middle=count("unet.intermediate.layers.{}.") or usual.middle,
        recurrent=usual.recurrent if recurrent is None else int(recurrent.shape[1]),
    )


def build(stored: Mapping[str, torch.Tensor], name: str) -> "Rmvpe":
    """The network that a file's tensors are of; raises `VoiceError` naming what does not fit."""
    with torch.device("meta"):
        network = Rmvpe(sizes_of(stored))
    kept = {key: tensor for key, tensor in stored.items() if not key.endswith("num_batches_tracked")}
    fill(network, kept, name, hint="Fetch rmvpe.pt again; it has 181,184,272 bytes.")
    return network


class _Norm(nn.Module):
    """Batch norm by what training found; it counts no batches."""

    running_mean: torch.Tensor
    running_var: torch.Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        known = self.running_mean, self.running_var
        return functional.batch_norm(x, *known, self.weight, self.bias, self.training)


class _ConvBlock(nn.Module):
    """Two convolutions, each normed and rectified, added to the input."""

    def __init__(self, inward: int, outward: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(inward, outward, 3, padding=1, bias=False), _Norm(outward), nn.ReLU(),
            nn.Conv2d(outward, outward, 3, padding=1, bias=False), _Norm(outward), nn.ReLU(),
        )  # fmt: skip
        if inward != outward:
            self.shortcut = nn.Conv2d(inward, outward, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        passed: torch.Tensor = self.shortcut(x) if hasattr(self, "shortcut") else x
        changed: torch.Tensor = self.conv(x)
        return passed + changed


class _Stage(nn.Module):
    """Residual blocks, the first of which changes the width."""

    def __init__(self, inward: int, outward: int, blocks: int) -> None:
        super().__init__()
        self.conv = nn.ModuleList(_ConvBlock(inward if n == 0 else outward, outward) for n in range(blocks))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.conv:
            x = block(x)
        return x


class _Encoder(nn.Module):
    def __init__(self, sizes: RmvpeSizes) -> None:
        super().__init__()
        self.bn = _Norm(1)
        widths = [1, *(sizes.width(stage) for stage in range(sizes.stages))]
        self.layers = nn.ModuleList(_Stage(a, b, sizes.blocks) for a, b in itertools.pairwise(widths))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        kept = []
        x = self.bn(x)
        for stage in self.layers:
            x = stage(x)
            kept.append(x)
            x = functional.avg_pool2d(x, 2)
        return x, kept


class _Middle(nn.Module):
    def __init__(self, sizes: RmvpeSizes) -> None:
        super().__init__()
        low, high = sizes.width(sizes.stages - 1), sizes.width(sizes.stages)
        self.layers = nn.ModuleList(
            _Stage(low if n == 0 else high, high, sizes.blocks) for n in range(sizes.middle)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for stage in self.layers:
            x = stage(x)
        return x


class _Raise(nn.Module):
    """Twice the frames and bands, and what the encoder had there beside it."""

    def __init__(self, inward: int, outward: int, blocks: int) -> None:
        super().__init__()
        raised = nn.ConvTranspose2d(inward, outward, 3, 2, padding=1, output_padding=1, bias=False)
        self.conv1 = nn.Sequential(raised, _Norm(outward), nn.ReLU())
        self.conv2 = nn.ModuleList(
            _ConvBlock(2 * outward if n == 0 else outward, outward) for n in range(blocks)
        )

    def forward(self, x: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
        x = torch.cat([self.conv1(x), kept], 1)
        for block in self.conv2:
            x = block(x)
        return x


class _Decoder(nn.Module):
    def __init__(self, sizes: RmvpeSizes) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            _Raise(sizes.width(stage + 1), sizes.width(stage), sizes.blocks)
            for stage in reversed(range(sizes.stages))
        )

    def forward(self, x: torch.Tensor, kept: list[torch.Tensor]) -> torch.Tensor:
        for stage, beside in zip(self.layers, reversed(kept), strict=True):
            x = stage(x, beside)
        return x


class _Net(nn.Module):
    def __init__(self, sizes: RmvpeSizes) -> None:
        super().__init__()
        self.encoder = _Encoder(sizes)
        self.intermediate = _Middle(sizes)
        self.decoder = _Decoder(sizes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        low, kept = self.encoder(x)
        raised: torch.Tensor = self.decoder(self.intermediate(low), kept)
        return raised


class _Recurrent(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.gru = nn.GRU(_OUTWARD * BANDS, width, batch_first=True, bidirectional=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.gru(x)[0]
        return y


class Rmvpe(nn.Module):
    """Log mel (B, T, 128) -> salience (B, T, 360), 0 to 1."""

    def __init__(self, sizes: RmvpeSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.unet = _Net(sizes)
        self.cnn = nn.Conv2d(sizes.first, _OUTWARD, 3, padding=1)
        self.fc = nn.Sequential(_Recurrent(sizes.recurrent), nn.Linear(2 * sizes.recurrent, PITCHES))

    def forward(self, log_mel: torch.Tensor) -> torch.Tensor:
        x = self.cnn(self.unet(log_mel[:, None]))
        return torch.sigmoid(self.fc(x.transpose(1, 2).flatten(2)))
