"""Crops of takes with the noise of the source that is to sing them.

B batch, T frames, M mel bins, N = hop T samples, H partials of the source.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch

from svcfx.chain.vocoder import MelFormat
from svcfx.chain.vocoder.generator import HARMONICS, SourceNoise
from svcfx.training.crops import Crop, audio_of, mel_of
from svcfx.training.tensors import Row, Tensors


@dataclass(frozen=True)
class VocoderBatch(Tensors):
    """What a step works on; float32.

    Attributes:
        mel: (B, M, T), in the logarithm that the vocoder reads.
        f0_hz: (B, T).
        audio: (B, N).
        phases: (B, H) cycles, the fundamental's 0.
        source: (B, N, H) standard normal.
    """

    mel: torch.Tensor
    f0_hz: torch.Tensor
    audio: torch.Tensor
    phases: torch.Tensor
    source: torch.Tensor

    @property
    def noise(self) -> SourceNoise:
        """What is random in the source."""
        return SourceNoise(self.phases, self.source)


def joined(crops: Iterable[Crop], form: MelFormat) -> VocoderBatch:
    """The batch of some crops of one length, for a vocoder that reads mels of that form."""
    return VocoderBatch.stacked([_row(crop, form) for crop in crops])


def _row(crop: Crop, form: MelFormat) -> Row:
    audio = audio_of(crop.item, crop.frames, form.hop_samples)
    phases = crop.random.random(HARMONICS, np.float32)
    phases[0] = 0.0
    source = crop.random.standard_normal((len(audio), HARMONICS), np.float32)
    return {
        "mel": mel_of(crop.item, crop.frames, form),
        "f0_hz": torch.from_numpy(crop.item.f0_hz[crop.frames]),
        "audio": audio,
        "phases": torch.from_numpy(phases),
        "source": torch.from_numpy(source),
    }
