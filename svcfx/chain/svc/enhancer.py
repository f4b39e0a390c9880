"""The NSF-HiFiGAN enhancer: sing the generator's sound once more through the vocoder, some keys lower.

Source: the published facts of so-vits-svc 4.1 (its enhancer with adaptive key).
"""

import numpy as np
import torch

from svcfx.chain.torchaudio_import import ensure_torchaudio
from svcfx.chain.vocoder import Vocoder

_RATE_STEP = 100
_FILTER_WIDTH = 128


def enhance(vocoder: Vocoder, audio: torch.Tensor, f0_hz: torch.Tensor, key_semitones: float) -> torch.Tensor:
    """Re-synthesise audio (B, N) with f0 (B, T) in Hz on the vocoder's frames; pitch and length stay.

    With a key, the vocoder hears the sound slowed down and works that many semitones lower.
    """
    rate, hop = vocoder.mel.sample_rate_hz, vocoder.mel.hop_samples
    slowed = _RATE_STEP * round(rate * 2.0 ** (key_semitones / 12.0) / _RATE_STEP)
    real = rate / slowed
    heard = _resampled(audio, rate, slowed)
    mel = vocoder.listen(heard)
    f0 = _stretched(f0_hz, heard.shape[-1] // hop + 1, real, hop / rate)[:, : mel.shape[-1]]
    made = _resampled(vocoder(mel, f0), slowed, rate)
    missing = audio.shape[-1] - made.shape[-1]
    return torch.nn.functional.pad(made, (0, max(missing, 0)))[..., : audio.shape[-1]]


def _stretched(f0_hz: torch.Tensor, frames: int, real: float, period: float) -> torch.Tensor:
    """f0 (B, T) times `real` on frames that are 1 / `real` as far apart, (B, frames)."""
    known = np.arange(f0_hz.shape[-1]) * period / real
    wanted = np.arange(frames) * period
    rows = [np.interp(wanted, known, row * real) for row in f0_hz.double().cpu().numpy()]
    return torch.from_numpy(np.stack(rows)).float().to(f0_hz.device)


def _resampled(audio: torch.Tensor, rate_in: int, rate_out: int) -> torch.Tensor:
    if rate_in == rate_out:
        return audio
    ensure_torchaudio()
    from torchaudio.functional import resample

    return torch.as_tensor(resample(audio, rate_in, rate_out, lowpass_filter_width=_FILTER_WIDTH))
