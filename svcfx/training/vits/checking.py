"""What the averaged voice sounds like: takes that it was not trained on, sung as they will be.

It is sung by the network that sings everywhere else, filled as from a file, so every check also proves that
what is being trained can be opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from svcfx.audio import Samples
from svcfx.chain.checkpoint.generator import build
from svcfx.chain.content import units
from svcfx.chain.vits.generator import Generator, Noise, Score
from svcfx.training.items import Item
from svcfx.training.vits.network import TrainedGenerator
from svcfx.training.vits.reader import Dataset
from svcfx.training.vits.spectra import Spectra

MOST_TAKES = 8
LONGEST_FRAMES = 430
"""About 5 s: attention grows with the square."""
NOISE_SCALE = 0.35


@dataclass(frozen=True)
class Check:
    """Sings some takes with a network in training.

    Attributes:
        document: The voice's config.json.
    """

    takes: Dataset
    document: Mapping[str, Any]
    unit_mode: str
    spectra: Spectra

    def distance(self, network: TrainedGenerator) -> float:
        """Mean L1 of the log mel between takes and what is sung of them; smaller is better."""
        singing = self._opened(network)
        found = []
        for number in range(min(len(self.takes), MOST_TAKES)):
            item, row = self.takes.take(number)
            sung = self._sing(singing, item, row)
            wanted = torch.from_numpy(item.spectrogram[None, :, : sung.shape[-1] // self.spectra.hop])
            made = self.spectra.mel(sung)
            found.append(float((made - self.spectra.to_mel(wanted.to(made.device))).abs().mean()))
        return sum(found) / len(found)

    def preview(self, network: TrainedGenerator) -> Samples:
        """The first take, sung; (1, samples)."""
        item, row = self.takes.take(0)
        return self._sing(self._opened(network), item, row).cpu().numpy()

    def _opened(self, network: TrainedGenerator) -> Generator:
        tensors = {key: tensor.detach() for key, tensor in network.state_dict().items()}
        kept = {key: tensor for key, tensor in tensors.items() if not key.startswith("enc_q.")}
        return build("the voice in training", self.document, kept)

    def _sing(self, network: Generator, item: Item, row: int) -> torch.Tensor:
        """(1, samples), by a noise that is the same each time."""
        device = network.emb_g.weight.device
        frames = min(item.frames, LONGEST_FRAMES)
        content = units.spread(torch.from_numpy(item.content), item.frames, self.unit_mode)
        f0_hz, voiced, volume = (
            torch.from_numpy(curve[:frames])[None].to(device)
            for curve in (item.f0_hz, item.voiced, item.volume)
        )
        score = Score(content[None, :, :frames].to(device), f0_hz, voiced, volume)
        draw = torch.Generator().manual_seed(1)
        prior = torch.randn(1, network.config.inter, frames, generator=draw).to(device)
        with torch.inference_mode():
            speaker = network.singer(torch.tensor([row], device=device))
            audio: torch.Tensor = network(score, speaker, Noise(prior, NOISE_SCALE)).audio
        return audio
