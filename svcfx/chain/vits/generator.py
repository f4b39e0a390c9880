"""The generator: content, pitch and a singer in, audio and every stage between out.

    content -> pre -> prior encoder (pitch rows) -> + noise -> flow backwards (singer) -> decoder -> audio

so-vits-svc and RVC alike; what differs between them is said by the config.

B batch, T frames, G speaker width, Z latent channels, N = hop T samples. All randomness is an argument.
"""

from dataclasses import dataclass

import torch
from torch import nn

from svcfx.chain.nets.conv import Conv1d, Linear
from svcfx.chain.nets.weights import Rows
from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.decoder import SourceFilterDecoder
from svcfx.chain.vits.encoders import F0Decoder, PriorEncoder, from_log_f0, normalised_log_f0
from svcfx.chain.vits.flow import Flow
from svcfx.chain.vits.pitch import bins
from svcfx.chain.vits.slowed import Slowed
from svcfx.chain.vits.spectral import SpectralDecoder


@dataclass(frozen=True)
class Score:
    """What is to be sung.

    Attributes:
        content: (B, C, T) from the content encoder, on the generator's frames.
        f0_hz: (B, T), transposed, with unvoiced frames filled in.
        voiced: (B, T), 1 where a pitch was heard, else 0.
        volume: (B, T) root mean square, for generators with a volume embedding; None leaves it out.
        rows: (B, T) rows of the pitch table, where they are not those of f0_hz.
    """

    content: torch.Tensor
    f0_hz: torch.Tensor
    voiced: torch.Tensor
    volume: torch.Tensor | None = None
    rows: torch.Tensor | None = None


@dataclass(frozen=True)
class Noise:
    """All that is random, drawn by the caller.

    Attributes:
        prior: (B, Z, T) standard normal, scaled by `prior_scale`.
        phases: (B, partials) start of each partial in cycles, or None for 0.
        source: (B, partials, N) standard normal for the excitation, or None for none.
    """

    prior: torch.Tensor
    prior_scale: float = 0.4
    phases: torch.Tensor | None = None
    source: torch.Tensor | None = None


@dataclass(frozen=True)
class Performance:
    """What was sung, stage by stage; shapes as in `Generator`."""

    inward: torch.Tensor
    f0_hz: torch.Tensor
    contour: torch.Tensor | None
    predicted: torch.Tensor | None
    rows: torch.Tensor
    embedded: torch.Tensor
    mean: torch.Tensor
    log_std: torch.Tensor
    prior: torch.Tensor
    latent: torch.Tensor
    source: torch.Tensor | None
    streams: torch.Tensor | None
    audio: torch.Tensor


class Generator(nn.Module):
    """One network of any family, in evaluation mode, weight norm already folded."""

    def __init__(self, config: VitsConfig) -> None:
        super().__init__()
        self.config = config
        self.emb_g = Rows(config.speakers, config.speaker_width)
        self.pre: Conv1d | Linear
        if config.entry == "mapped":
            self.pre = Linear(config.content, config.hidden)
        else:
            self.emb_uv = Rows(2, config.hidden)
            self.pre = Conv1d(config.content, config.hidden, 5, padding=2)
            self.pre.exact = True  # the f0 decoder listens behind it
        self.enc_p = PriorEncoder(config)
        self.flow = Flow(config)
        self.dec: SourceFilterDecoder | SpectralDecoder
        self.dec = SpectralDecoder(config) if config.spectral else SourceFilterDecoder(config)
        if config.volume:
            self.emb_vol = nn.Linear(1, config.hidden)
        if config.f0_decoder:
            # In float32 its rounding would be a wrong pitch, which adds up in the phase of all partials.
            # Counted from the shapes it is 2 % of the decoder's work.
            self.f0_decoder = F0Decoder(config).double()

    def singer(self, index: torch.Tensor) -> torch.Tensor:
        """Embedding (B, G, 1) of singers (B,)."""
        row: torch.Tensor = self.emb_g(index)
        return row[:, :, None]

    def mixed_singers(self, weights: torch.Tensor) -> torch.Tensor:
        """Embedding (B, G, T) of a mix that moves, weights (B, T, S) for the first S singers."""
        return (weights @ self.emb_g.weight[: weights.shape[-1]]).transpose(1, 2)

    def inward(self, score: Score) -> torch.Tensor:
        """Content, voicing and volume in one, (B, hidden, T)."""
        if self.config.entry == "mapped":
            mapped: torch.Tensor = self.pre(score.content.transpose(1, 2)).transpose(1, 2)
            return mapped
        x: torch.Tensor = self.pre(score.content) + self.emb_uv(score.voiced.long()).transpose(1, 2)
        if score.volume is not None and self.config.volume:
            x = x + self.emb_vol(score.volume[..., None]).transpose(1, 2)
        return x

    def forward(
        self,
        score: Score,
        speaker: torch.Tensor,
        noise: Noise,
        *,
        predict_f0: bool = False,
        slowed: Slowed | None = None,
        kept: tuple[int, int] | None = None,
    ) -> Performance:
        """Sing; `speaker` is (B, G, 1 or T).

        Args:
            predict_f0: The singer's own contour replaces f0.
            slowed: Of one phrase (B = 1), whose formants move; its source noise is as long as the slowed one.
            kept: First frame whose audio is wanted, and the one behind the last; the rest may come out as 0.
        """
        x, f0_hz, contour, predicted = self.inward(score), score.f0_hz, None, None
        if predict_f0:
            contour = normalised_log_f0(f0_hz, score.voiced)
            predicted = self.f0_decoder(x.double(), contour.double(), speaker.double())
            f0_hz = from_log_f0(predicted[:, 0])
        rows = bins(f0_hz, self.config.pitch_bins) if score.rows is None else score.rows
        embedded = self.enc_p.embed(x, rows)
        mean, log_std = self.enc_p(embedded)
        prior = mean + noise.prior * log_std.exp() * noise.prior_scale
        latent = self.flow.inverse(prior, speaker)
        if slowed is None:
            source, streams, audio = self._decode(latent, speaker, f0_hz, noise, kept)
        else:
            lower = slowed.f0(f0_hz)
            source, streams, made = self._decode(slowed.latent(latent), slowed.speaker(speaker), lower, noise)
            audio = slowed.restored(made, self.config.hop)
        return Performance(
            x, f0_hz, contour, predicted, rows, embedded, mean, log_std, prior, latent, source, streams, audio
        )

    def _decode(
        self,
        latent: torch.Tensor,
        speaker: torch.Tensor,
        f0_hz: torch.Tensor,
        noise: Noise,
        kept: tuple[int, int] | None = None,
    ) -> tuple[torch.Tensor | None, torch.Tensor | None, torch.Tensor]:
        if isinstance(self.dec, SpectralDecoder):
            streams = self.dec.streams(latent)
            return None, streams, self.dec.join(streams)
        if self.config.decoder == "hifigan":
            return None, None, self.dec.between(kept, latent, speaker, None)
        source = self.dec.m_source(f0_hz, noise.phases, noise.source)
        return source, None, self.dec.between(kept, latent, speaker, source)
