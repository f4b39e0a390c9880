"""What a vocoder's fine-tuning depends on, apart from the data and the vocoder that it begins with."""

from dataclasses import dataclass

from svcfx.chain.vocoder import Vocoder
from svcfx.errors import DatasetError
from svcfx.training import ranges
from svcfx.training.index import DatasetIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class VocoderRecipe:
    """Everything that the weights after a number of steps depend on, apart from data and base.

    Attributes:
        frames: Length of a crop.
        rate: Learning rate at the start, a twentieth of what the releases were trained with; decay: its
            factor each time all takes were heard.
        clip: Largest norm of a step's gradient.
        average: Share of the running average that stays after a step.
        narrow: What the discriminators' channels are divided by.
    """

    batch: int = 8
    frames: int = 32
    rate: float = 1e-5
    decay: float = 0.999
    clip: float = 1000.0
    average: float = 0.999
    seed: int = 1234
    narrow: int = 1

    def check(self) -> None:
        """Raise `ParamError` when something is out of range."""
        lowest = {"batch": 1, "frames": 4, "rate": 1e-9, "clip": 1e-6, "seed": 0, "narrow": 1}
        ranges.require_least(self, lowest)
        ranges.require_shares(self, ("decay", "average"))


def require_fit(vocoder: Vocoder, index: DatasetIndex) -> None:
    """Raise `DatasetError` when the dataset's rate or hop is not the vocoder's."""
    pairs = {
        "rate": (index.sample_rate, vocoder.mel.sample_rate_hz, "Hz"),
        "hop": (index.hop, vocoder.mel.hop_samples, "samples"),
    }
    for what, (ours, theirs, unit) in pairs.items():
        if ours != theirs:
            raise DatasetError(
                f"the dataset's {what} is {ours} {unit}, that of vocoder '{vocoder.name}' {theirs} {unit}",
                hint="Take a vocoder for this rate and hop; so-vits-svc's is 44100 Hz and 512 samples.",
            )
