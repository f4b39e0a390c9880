"""The ear of the voices that ship: the first layers of a speech recogniser, each looking a short way round.

    log-mel -> two convolutions -> blocks of attention over neighbours -> content z (50 steps a second)

Every step attends to a fixed number of steps before and after it, so an output depends on a fixed stretch of
input, as `ContentEncoder`'s does: `lookback_frames` and `lookahead_frames` at 100 frames a second.
B batch, T frames (even), S = T / 2 steps, C content channels.

Source of the layers: A. Radford et al., "Robust speech recognition via large-scale weak supervision", 2022.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain import mel

BLOCK = 32
"""Steps that are asked at a time; what they ask about is cut to fit, so cost grows straight with length."""
NOTHING = -1e4
STEP_FRAMES = 2


@dataclass(frozen=True)
class EarConfig:
    """Sizes; `before` and `after` are the steps of 20 ms that a block looks back and ahead."""

    width: int = 384
    heads: int = 6
    hidden: int = 1536
    blocks: int = 3
    before: int = 15
    after: int = 4
    content: int = 48


class Neighbours(nn.Module):
    """Attention of each step (B, S, width) to its neighbours, with a learned leaning for every distance."""

    def __init__(self, config: EarConfig) -> None:
        super().__init__()
        self.heads, self.before, self.after = config.heads, config.before, config.after
        self.ask = nn.Linear(config.width, config.width)
        self.offer = nn.Linear(config.width, config.width, bias=False)
        self.tell = nn.Linear(config.width, config.width)
        self.join = nn.Linear(config.width, config.width)
        self.leaning = nn.Parameter(torch.zeros(config.heads, self.before + 1 + self.after))

    def forward(self, x: torch.Tensor, skip: int = 0) -> torch.Tensor:
        """(B, S, width) -> (B, S - skip, width): the first steps are not asked, at most `before` of them."""
        batch, steps, width = x.shape[0], x.shape[1] - skip, x.shape[2]
        blocks = -(-steps // BLOCK)
        there = x.new_ones(batch, steps + skip, 1)
        about = self._around(torch.cat([self.offer(x), self.tell(x), there], -1), blocks, skip)
        absent = (1.0 - about[..., -1]).flatten(0, 1)[:, None, None] * NOTHING
        heard = functional.scaled_dot_product_attention(
            self._heads(functional.pad(self.ask(x[:, skip:]), (0, 0, 0, blocks * BLOCK - steps)), BLOCK),
            self._heads(about[..., :width], self.before + BLOCK + self.after),
            self._heads(about[..., width : 2 * width], self.before + BLOCK + self.after),
            attn_mask=self._leaning() + absent,
        )
        joined = heard.transpose(1, 2).reshape(batch, blocks * BLOCK, width)[:, :steps]
        out: torch.Tensor = self.join(joined)
        return out

    def _heads(self, values: torch.Tensor, length: int) -> torch.Tensor:
        """(..., width) -> (B blocks, heads, length, width / heads)."""
        return values.reshape(-1, length, self.heads, values.shape[-1] // self.heads).transpose(1, 2)

    def _around(self, told: torch.Tensor, blocks: int, skip: int) -> torch.Tensor:
        """(B, S, n) -> (B, blocks, before + BLOCK + after, n), zeros beyond the ends."""
        rest = blocks * BLOCK - told.shape[1] + skip
        padded = functional.pad(told, (0, 0, self.before - skip, self.after + rest))
        return padded.unfold(1, self.before + BLOCK + self.after, BLOCK).transpose(2, 3)

    def _leaning(self) -> torch.Tensor:
        """(heads, BLOCK, before + BLOCK + after): each distance's leaning, nothing beyond it."""
        length = self.before + BLOCK + self.after
        rows = functional.pad(self.leaning, (0, BLOCK), value=NOTHING)[:, None].expand(-1, BLOCK, -1)
        return rows.flatten(1)[:, : BLOCK * length].reshape(self.heads, BLOCK, length)


class EarBlock(nn.Module):
    """x + attention(norm x), then + MLP(norm x), (B, S, width) -> (B, S - skip, width)."""

    def __init__(self, config: EarConfig) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.width)
        self.attention = Neighbours(config)
        self.norm = nn.LayerNorm(config.width)
        self.expand = nn.Linear(config.width, config.hidden)
        self.contract = nn.Linear(config.hidden, config.width)

    def forward(self, x: torch.Tensor, skip: int = 0) -> torch.Tensor:
        x = x[:, skip:] + self.attention(self.attention_norm(x), skip)
        change: torch.Tensor = self.contract(functional.gelu(self.expand(self.norm(x))))
        return x + change


class Ear(nn.Module):
    """Normalised log-mel (B, 80, T) -> content z (B, T / 2, C), unit variance over C."""

    def __init__(self, config: EarConfig) -> None:
        super().__init__()
        self.config = config
        self.lookback_frames = STEP_FRAMES * config.blocks * config.before + 3
        self.lookahead_frames = STEP_FRAMES * config.blocks * config.after + 2
        self.first = nn.Conv1d(mel.BANDS, config.width, 3, padding=1)
        self.second = nn.Conv1d(config.width, config.width, 3, stride=STEP_FRAMES, padding=1)
        self.place = nn.Parameter(torch.zeros(config.width))
        self.blocks = nn.ModuleList(EarBlock(config) for _ in range(config.blocks))
        self.norm = nn.LayerNorm(config.width)
        self.outward = nn.Linear(config.width, config.content)

    def forward(self, log_mel: torch.Tensor, skip: int = 0) -> torch.Tensor:
        """With `skip`, (B, T / 2 - blocks skip, C): each block leaves out so many steps, at most `before`,
        for whoever asks for none of those whose past is not all there."""
        z = self.outward(self.norm(self.features(log_mel, skip))).float()
        return functional.layer_norm(z, z.shape[-1:])

    def features(self, log_mel: torch.Tensor, skip: int = 0) -> torch.Tensor:
        """The last block's output (B, T / 2 - blocks skip, width)."""
        x = functional.gelu(self.first(log_mel))
        x = functional.gelu(self.second(x)).transpose(1, 2) + self.place
        for block in self.blocks:
            x = block(x, skip)
        return x
