"""The spectrogram that the posterior encoder reads, and the mel by which singing is compared. Float32 only.

The singing chain's own mels are `chain.mel` (16 kHz) and `chain.vocoder.mel` (the vocoder's); this one is
that of training: 80 bands up to half the rate, with another floor.

Source: the published facts of so-vits-svc 4.0; the Slaney scale as in `chain.vocoder.mel`.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional

from svcfx.chain.vocoder.agreement import MelFormat
from svcfx.chain.vocoder.mel import FLOOR, filters

_POWER_FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class Spectra:
    """How a voice is analysed: rate in Hz, lengths in samples."""

    sample_rate: int = 44100
    fft: int = 2048
    hop: int = 512
    bands: int = 80

    @property
    def bins(self) -> int:
        """Rows of a spectrogram."""
        return self.fft // 2 + 1

    def magnitudes(self, audio: torch.Tensor) -> torch.Tensor:
        """(B, N) -> (B, fft / 2 + 1, N // hop)."""
        sides = (self.fft - self.hop) // 2
        mode = "reflect" if audio.shape[-1] > sides else "constant"
        x = functional.pad(audio.float()[:, None], (sides, sides), mode=mode)[:, 0]
        window = torch.hann_window(self.fft, device=audio.device)
        spectrum = torch.stft(x, self.fft, self.hop, window=window, center=False, return_complex=True)
        return torch.sqrt(spectrum.real.square() + spectrum.imag.square() + _POWER_FLOOR)

    def to_mel(self, magnitudes: torch.Tensor) -> torch.Tensor:
        """Natural-log mel, (B, fft / 2 + 1, T) -> (B, 80, T)."""
        bank = filters(self._form()).to(magnitudes.device)
        return torch.log((bank @ magnitudes).clamp_min(FLOOR))

    def mel(self, audio: torch.Tensor) -> torch.Tensor:
        """Natural-log mel, (B, N) -> (B, 80, N // hop)."""
        return self.to_mel(self.magnitudes(audio))

    def _form(self) -> MelFormat:
        return MelFormat(
            sample_rate_hz=self.sample_rate,
            hop_samples=self.hop,
            fft_samples=self.fft,
            window_samples=self.fft,
            bins=self.bands,
            low_hz=0.0,
            high_hz=self.sample_rate / 2,
        )
