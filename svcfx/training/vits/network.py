"""The generator as it is trained: a take and its singer in, a stretch of audio and all that losses need out.

    sound   -> posterior -> latent -> flow -> prior's latent
    content -> prior: where the flow should have put it
    a stretch of the latent -> decoder -> audio

Keys, order and shapes of its tensors are upstream's, so that its state is a file that others open.
B batch, T frames, Z latent channels, G speaker width, N samples of a segment.
"""

from dataclasses import dataclass

import torch
from torch import nn

from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.decoder import SourceFilterDecoder
from svcfx.chain.vits.encoders import SPECTRUM_BINS, F0Decoder, PosteriorEncoder, PriorEncoder
from svcfx.chain.vits.flow import Flow
from svcfx.chain.vits.pitch import bins, log_f0, without_mean
from svcfx.chain.vits.spectral import SpectralDecoder
from svcfx.training.vits.attention import layers
from svcfx.training.vits.batch import SEGMENT_FRAMES, TrainingNoise, VitsBatch, starts

DROPOUT = 0.1


@dataclass(frozen=True)
class Passed:
    """One forward pass; shapes as in the module's docstring.

    Attributes:
        start: (B,) first frame of each segment.
        audio: (B, N); streams: (B, S, N / S), for decoders that have them.
        melody, contour, predicted: (B, 1, T), the log f0 asked for, what the f0 decoder heard and what it
            said; the last is None where there is no f0 decoder.
    """

    posterior_mean: torch.Tensor
    posterior_log_std: torch.Tensor
    latent: torch.Tensor
    flowed: torch.Tensor
    prior_mean: torch.Tensor
    prior_log_std: torch.Tensor
    melody: torch.Tensor
    contour: torch.Tensor
    predicted: torch.Tensor | None
    start: torch.Tensor
    audio: torch.Tensor
    streams: torch.Tensor | None


class TrainedGenerator(nn.Module):
    """One network of any family, with the posterior encoder and weight norm that only training needs."""

    def __init__(
        self,
        config: VitsConfig,
        *,
        spectrum: int = SPECTRUM_BINS,
        segment: int = SEGMENT_FRAMES,
        dropout: float = DROPOUT,
    ) -> None:
        super().__init__()
        self.config, self.segment = config, segment
        self.emb_g = nn.Embedding(config.speakers, config.speaker_width)
        if config.volume:
            self.emb_vol = nn.Linear(1, config.hidden)
        self.pre = nn.Conv1d(config.content, config.hidden, 5, padding=2)
        made = layers(dropout)
        self.enc_p = PriorEncoder(config, made)
        self.dec: SourceFilterDecoder | SpectralDecoder
        self.dec = SpectralDecoder(config, made) if config.spectral else SourceFilterDecoder(config, made)
        self.enc_q = PosteriorEncoder(config, spectrum, made)
        self.flow = Flow(config, made)
        if config.f0_decoder:
            self.f0_decoder = F0Decoder(config, made)
        self.emb_uv = nn.Embedding(2, config.hidden)

    def forward(self, batch: VitsBatch, noise: TrainingNoise) -> Passed:
        """One pass over a batch."""
        mask = batch.mask
        speaker = self.emb_g(batch.singer)[:, :, None]
        x = self._inward(batch, mask)
        melody = log_f0(batch.f0_hz)[:, None] * mask
        contour, predicted = self._melody(x, batch, noise, mask, speaker)
        pitched = self.enc_p.embed(x, bins(batch.f0_hz, self.config.pitch_bins))
        prior_mean, prior_log_std = self.enc_p(pitched, mask)
        mean, log_std = self.enc_q(batch.spectrogram, mask, speaker)
        latent = (mean + noise.posterior * log_std.exp()) * mask
        flowed = self.flow(latent, mask, speaker)
        start = starts(batch, noise, self.segment)
        audio, streams = self._decode(segments(latent, start, self.segment), batch, noise, start, speaker)
        return Passed(
            mean, log_std, latent, flowed, prior_mean, prior_log_std, melody, contour, predicted, start,
            audio, streams,
        )  # fmt: skip

    def _inward(self, batch: VitsBatch, mask: torch.Tensor) -> torch.Tensor:
        """Content, voicing and volume in one, (B, hidden, T)."""
        x: torch.Tensor = self.pre(batch.content * mask) + self.emb_uv(batch.voiced.long()).transpose(1, 2)
        if self.config.volume:
            x = x + self.emb_vol(batch.volume[..., None]).transpose(1, 2)
        return x * mask

    def _melody(
        self,
        x: torch.Tensor,
        batch: VitsBatch,
        noise: TrainingNoise,
        mask: torch.Tensor,
        speaker: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """What the f0 decoder hears and says; nothing that it learns moves the rest of the network."""
        contour = without_mean(log_f0(batch.f0_hz), batch.voiced * mask[:, 0])
        contour = (contour * noise.stretch[:, None])[:, None] * mask
        if not self.config.f0_decoder:
            return contour, None
        return contour, self.f0_decoder(x.detach(), contour, speaker.detach(), mask)

    def _decode(
        self,
        latent: torch.Tensor,
        batch: VitsBatch,
        noise: TrainingNoise,
        start: torch.Tensor,
        speaker: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        if isinstance(self.dec, SpectralDecoder):
            raised = self.dec.raised(latent)
            with torch.autocast(raised.device.type, enabled=False):
                streams = self.dec.spread(raised.float())
                return self.dec.join(streams), streams
        f0_hz = segments(batch.f0_hz[:, None], start, self.segment)[:, 0]
        source = self.dec.m_source(f0_hz, noise.phases, noise.source)
        return self.dec(latent, speaker, source), None


def segments(x: torch.Tensor, start: torch.Tensor, length: int) -> torch.Tensor:
    """A stretch of each row: (B, C, T) from `start` (B,) on -> (B, C, length)."""
    places = start[:, None] + torch.arange(length, device=x.device)
    return x.gather(2, places[:, None].expand(-1, x.shape[1], -1))
