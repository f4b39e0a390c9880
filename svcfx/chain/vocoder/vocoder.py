"""A vocoder as it was opened: its network, the mel it reads, and the terms it may be used under.

B batch, T mel frames. Outside of here every mel is a natural logarithm.
"""

import math
from dataclasses import dataclass, replace

import torch

from svcfx.chain.vocoder.agreement import MelFormat
from svcfx.chain.vocoder.generator import NsfHifiGan, SourceNoise
from svcfx.chain.vocoder.mel import log_mel


@dataclass(frozen=True, eq=False)
class Vocoder:
    """An NSF-HiFiGAN.

    Attributes:
        name: Of its file or folder, for messages.
        licence: What is known of its terms, in words.
    """

    network: NsfHifiGan
    name: str
    licence: str

    @property
    def mel(self) -> MelFormat:
        """The mel that the network reads."""
        return self.network.config.mel

    def listen(self, audio: torch.Tensor, keyshift_semitones: float = 0.0) -> torch.Tensor:
        """Natural-log mel of audio at the vocoder's rate, (B, samples) -> (B, bins, samples // hop)."""
        return log_mel(audio, replace(self.mel, log_base="natural"), keyshift_semitones)

    def __call__(
        self, mel: torch.Tensor, f0_hz: torch.Tensor, noise: SourceNoise | None = None
    ) -> torch.Tensor:
        """Natural-log mel (B, bins, T) and f0 (B, T) in Hz -> audio (B, T * hop) in -1..1."""
        scaled = mel / math.log(10.0) if self.mel.log_base == "log10" else mel
        return torch.as_tensor(self.network(scaled, f0_hz, noise))
