"""The refiner at work: a mel drowned in noise and drawn again, then the vocoder. B takes, T frames."""

import torch

from svcfx.chain import diffusion
from svcfx.chain.config import ChainSettings
from svcfx.chain.diffusion.pace import Pace, pace_for_depth
from svcfx.chain.diffusion.refiner import Refiner
from svcfx.chain.diffusion.sampling import check_method
from svcfx.chain.diffusion.shallow import shallow_start
from svcfx.chain.svc.drawn import NoiseSource
from svcfx.chain.svc.noise import Use
from svcfx.chain.vits.config import PARTIALS
from svcfx.chain.vocoder import Vocoder
from svcfx.chain.vocoder.source import SourceNoise


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
