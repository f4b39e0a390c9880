"""A generator in operations that every ONNX runtime has: the same sums, written otherwise.

The networks that svcfx runs are written for its own kernels: memory orders, tiles, views that are added to in
place, complex numbers. A tracer keeps none of that for other lengths. So a copy of the network gets the few
layers concerned in plain form; weights are shared.

B batch, T frames, N samples.
"""

import copy
import math

import torch
from torch import nn
from torch.nn import functional

from svcfx.chain.nets.conv import Conv1d, ConvTranspose1d, Linear
from svcfx.chain.vits import Generator
from svcfx.chain.vits.attention import MASKED_SCORE, Attention
from svcfx.chain.vits.decoder import SINE_AMPLITUDE, UNVOICED_NOISE, VOICED_NOISE, HarmonicSource
from svcfx.chain.vits.generator import Score
from svcfx.chain.vits.pitch import bins
from svcfx.chain.vits.snake import Snake
from svcfx.chain.vits.spectral import SpectralDecoder


def plain(network: Generator) -> Generator:
    """A copy whose layers are torch's own or the ones below."""
    made = copy.deepcopy(network)
    for module in made.modules():
        if type(module) in _PLAIN:
            module.__class__ = _PLAIN[type(module)]
    return made


class Graph(nn.Module):
    """content (1, C, T), f0 (1, T) Hz, voiced (1, T), singer (1,), noise (1, Z, T), its scale, phases (1, P),
    source noise (1, P, N) of P partials and volume (1, T), each where the voice reads it -> audio (1, N)."""

    def __init__(self, network: Generator) -> None:
        super().__init__()
        self.net = plain(network)
        self.spectral = isinstance(network.dec, SpectralDecoder)
        config = network.config
        self.inputs = ["content", *(["f0_hz"] if config.pitch else [])]
        self.inputs += ["voiced"] if config.entry == "convolved" else []
        self.inputs += ["singer", "noise", "noise_scale"]
        self.inputs += [] if self.spectral or config.decoder == "hifigan" else ["phases", "source_noise"]
        self.inputs += ["volume"] if network.config.volume else []

    def forward(self, *given: torch.Tensor) -> torch.Tensor:
        named = dict(zip(self.inputs, given, strict=True))
        net, content = self.net, named["content"]
        f0_hz = named.get("f0_hz", content[:, 0])
        x = net.inward(Score(content, f0_hz, named.get("voiced", f0_hz), named.get("volume")))
        speaker = net.singer(named["singer"])
        mean, log_std = net.enc_p(net.enc_p.embed(x, bins(f0_hz, net.config.pitch_bins)))
        prior = mean + named["noise"] * log_std.exp() * named["noise_scale"]
        latent = net.flow.inverse(prior, speaker)
        if isinstance(net.dec, SpectralDecoder):
            streams: torch.Tensor = net.dec.streams(latent)
            return net.dec.join(streams)
        source = None
        if "phases" in named:
            source = net.dec.m_source(f0_hz, named["phases"], named["source_noise"])
        audio: torch.Tensor = net.dec(latent, speaker, source)
        return audio


class _Conv(Conv1d):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.Conv1d.forward(self, x)


class _ConvTranspose(ConvTranspose1d):
    def forward(self, x: torch.Tensor, output_size: list[int] | None = None) -> torch.Tensor:
        return nn.ConvTranspose1d.forward(self, x, output_size)


class _Linear(Linear):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.Linear.forward(self, x)


class _Attention(Attention):
    """Relative positions gathered from tables, for any number of frames."""

    def forward(self, x: torch.Tensor, mask: None = None) -> torch.Tensor:
        query = self._split(self.conv_q(x)) / math.sqrt(x.shape[1] // self.heads)
        scores = query @ self._split(self.conv_k(x)).transpose(-1, -2)
        time = torch.arange(x.shape[-1])
        offset = time[None, :] - time[:, None]  # (T, T), frames that the key comes after the query
        near = (offset.abs() <= self.window).to(x.dtype)
        column = (offset + self.window).clamp(0, 2 * self.window)
        if self.window:
            table = query @ self.emb_rel_k[0].T
            scores = scores + _gathered(table, column) * near
        if self.causal:
            scores = torch.where(offset > 0, torch.full_like(scores, MASKED_SCORE), scores)
        weights = torch.softmax(scores, dim=-1)
        y = weights @ self._split(self.conv_v(x))
        if self.window:
            # Weight of the key r frames after each query, for r from -window to window.
            apart = torch.arange(-self.window, self.window + 1)
            there = time[:, None] + apart[None, :]
            inside = ((there >= 0) & (there < x.shape[-1])).to(x.dtype)
            last = torch.ones_like(time).sum() - 1
            banded = _gathered(weights, torch.minimum(there.clamp(min=0), last)) * inside
            y = y + banded @ self.emb_rel_v[0]
        out: torch.Tensor = self.conv_o(y.transpose(-1, -2).reshape(x.shape))
        return out


def _gathered(values: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """values (B, H, T, S) at columns index (T, K) of each row: (B, H, T, K)."""
    return torch.gather(values, -1, index.expand(values.shape[0], values.shape[1], -1, -1))


class _Source(HarmonicSource):
    """All partials at once, phases in double precision."""

    def forward(
        self, f0_hz: torch.Tensor, phases: torch.Tensor | None = None, noise: torch.Tensor | None = None
    ) -> torch.Tensor:
        assert phases is not None
        assert noise is not None
        number = torch.arange(1, self.l_linear.in_features + 1, dtype=f0_hz.dtype)[None, :, None]
        step = f0_hz[:, None] * number / self.sample_rate
        step = (step - torch.floor(step)).double()  # (B, partials, T) cycles a sample
        ends = torch.cumsum(step * self.hop, -1)
        begins = ends - torch.floor(ends)
        begins = torch.cat([torch.zeros_like(begins[..., :1]), begins[..., :-1]], -1)
        begins = begins + phases.double()[..., None]
        inside = torch.arange(1, self.hop + 1, dtype=torch.float64)
        cycles = begins[..., None] + step[..., None] * inside
        cycles = (cycles - torch.floor(cycles)).to(f0_hz.dtype)
        wave = SINE_AMPLITUDE * torch.sin(2.0 * math.pi * cycles)
        voiced = (f0_hz > 0).to(f0_hz.dtype)[:, None, :, None]
        loudness = voiced * VOICED_NOISE + (1.0 - voiced) * UNVOICED_NOISE
        whole = wave * voiced + loudness * noise.reshape(wave.shape)
        mixed = self.l_linear(whole.flatten(2).transpose(1, 2))
        return torch.tanh(mixed.transpose(1, 2))


class _Spectral(SpectralDecoder):
    """The inverse STFT as a transposed convolution with windowed cosines and sines."""

    def _inverse(self, frames: torch.Tensor) -> torch.Tensor:
        half = self.size // 2 + 1
        parts = frames.reshape(-1, 2 * half, frames.shape[-1])
        length, angle = parts[:, :half].exp(), math.pi * torch.sin(parts[:, half:])
        spectrum = torch.cat([length * torch.cos(angle), length * torch.sin(angle)], 1)
        window = torch.hann_window(self.size, dtype=torch.float64)
        waves = _inverse_transform(self.size) * window
        signal = functional.conv_transpose1d(spectrum, waves.float()[:, None], stride=self.step)
        ones = torch.ones_like(spectrum[:, :1])
        weight = functional.conv_transpose1d(ones, window.square().float()[None, None], stride=self.step)
        pad = self.size // 2
        signal = (signal[..., pad:-pad] / weight[..., pad:-pad])[:, 0]
        return signal.reshape(frames.shape[0], self.bands, -1)


def _inverse_transform(size: int) -> torch.Tensor:
    """Waves (2 (size / 2 + 1), size) that real and imaginary parts of half a spectrum stand for, float64."""
    turn = 2.0 * math.pi * torch.arange(size // 2 + 1)[:, None] * torch.arange(size)[None] / size
    twice = torch.full((size // 2 + 1, 1), 2.0, dtype=torch.float64)
    twice[0] = twice[-1] = 1.0
    return torch.cat([twice * torch.cos(turn.double()), -twice * torch.sin(turn.double())]) / size


class _Snake(Snake):
    """The two filters with every channel as an item of a batch."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = functional.pad(x, (5, 5), mode="replicate").reshape(-1, 1, x.shape[-1] + 10)
        raised = functional.conv_transpose1d(rows, self.upsample.filter, stride=2)
        bent = self.act(2.0 * raised[..., 15:-15].reshape(x.shape[0], x.shape[1], -1))
        rows = functional.pad(bent, (5, 6), mode="replicate").reshape(-1, 1, 2 * x.shape[-1] + 11)
        lowered = functional.conv1d(rows, self.downsample.lowpass.filter, stride=2)
        return lowered.reshape(x.shape)


_PLAIN: dict[type[nn.Module], type[nn.Module]] = {
    Conv1d: _Conv,
    ConvTranspose1d: _ConvTranspose,
    Linear: _Linear,
    Attention: _Attention,
    HarmonicSource: _Source,
    SpectralDecoder: _Spectral,
    Snake: _Snake,
}
