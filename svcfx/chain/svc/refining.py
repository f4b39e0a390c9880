"""What may follow the generator: the refiner or the enhancer, each with the vocoder. B takes, T frames.

The refiner drowns the generator's mel in noise and draws it again; the enhancer sings its sound once more
through the vocoder, some keys lower (source: the published facts of so-vits-svc 4.1).
"""

import numpy as np
import torch

from svcfx.chain import diffusion
from svcfx.chain.config import ChainSettings
from svcfx.chain.diffusion.refiner import Refiner
from svcfx.chain.diffusion.shallow import Pace, check_method, pace_for_depth, shallow_start
from svcfx.chain.nets.torchaudio_import import ensure_torchaudio
from svcfx.chain.svc.noise import NoiseSource, Use
from svcfx.chain.vits.config import PARTIALS
from svcfx.chain.vocoder import Vocoder
from svcfx.chain.vocoder.generator import SourceNoise

_RATE_STEP = 100
_FILTER_WIDTH = 128


class Refining:
    """One refiner, its vocoder, and how they are asked to work."""

    def __init__(self, refiner: Refiner, vocoder: Vocoder, settings: ChainSettings) -> None:
        self._refiner, self._vocoder, self._settings = refiner, vocoder, settings
        self._method = check_method(settings.diffusion_method)

    def pace(self, depth: float) -> Pace | None:
        """From a generator's mel at that depth; None when there is nothing to do."""
        refiner = self._refiner
        return pace_for_depth(depth, self._settings.diffusion_steps, refiner.timesteps, refiner.k_step_max)

    def refined(
        self, sung: torch.Tensor, condition: torch.Tensor, f0_hz: torch.Tensor, drawn: NoiseSource, pace: Pace
    ) -> torch.Tensor:
        """The audio (B, N) of a generator, sung again."""
        noise = drawn.frames(self._bins, Use.START)
        mel = self._vocoder.listen(sung).transpose(1, 2)
        start = shallow_start(mel, noise, self._refiner.network.schedule, pace.levels)
        return self._drawn_again(start, condition, f0_hz, drawn, pace)

    def alone(self, condition: torch.Tensor, f0_hz: torch.Tensor, drawn: NoiseSource) -> torch.Tensor:
        """Audio (B, N) out of pure noise, without a generator."""
        pace = Pace.of_steps(self._refiner.timesteps, self._settings.diffusion_steps)
        return self._drawn_again(drawn.frames(self._bins, Use.START), condition, f0_hz, drawn, pace)

    def condition(
        self, content: torch.Tensor, f0_hz: torch.Tensor, volume: torch.Tensor, mix: torch.Tensor | None
    ) -> torch.Tensor:
        """(B, T, hidden) of content (B, C, T), f0 and volume (B, T), and weights of singers (B, T, S)."""
        made: torch.Tensor = self._refiner.network.conditioning(content.transpose(1, 2), f0_hz, volume, mix)
        return made

    @property
    def _bins(self) -> int:
        return self._refiner.network.sizes.bins

    def _drawn_again(
        self,
        start: torch.Tensor,
        condition: torch.Tensor,
        f0_hz: torch.Tensor,
        drawn: NoiseSource,
        pace: Pace,
    ) -> torch.Tensor:
        mel = diffusion.refine(
            self._refiner.network,
            condition,
            start,
            method=self._method,
            pace=pace,
            step_noise=lambda level: drawn.frames(self._bins, Use.STEP, level),
        )
        breath = SourceNoise(
            torch.zeros(len(mel), PARTIALS, device=mel.device), drawn.samples(Use.VOCODER, PARTIALS)
        )
        return self._vocoder(mel.transpose(1, 2), f0_hz, breath)


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
