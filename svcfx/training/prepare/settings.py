"""How a dataset is made."""

from dataclasses import dataclass

from svcfx.chain.checkpoint import family
from svcfx.chain.config import PITCH, PitchName
from svcfx.errors import ParamError, nearest
from svcfx.training.prepare.alteration import Choices
from svcfx.training.prepare.judging import LEAST_SNR_DB
from svcfx.training.prepare.noise import HIGHEST_DB

KINDS = tuple(family.ENCODERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person may choose.

    Attributes:
        content_encoder: Kind of content, "vec768l12", "vec256l9" or "builtin", which its voices need.
        pitch: Tracker of the features.
        least_snr_db: Pieces with more noise are set aside.
        altered: Altered copies; None for none.
        consent: Who sang and agreed, for the cards of voices that are made from it.
    """

    content_encoder: str = "vec768l12"
    pitch: PitchName = "swift"
    least_snr_db: float = LEAST_SNR_DB
    altered: Choices | None = None
    consent: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "pitch", PITCH.check(self.pitch))
        if not 0.0 <= self.least_snr_db <= HIGHEST_DB:
            raise ParamError(f"min_snr is {self.least_snr_db:g} dB, outside 0 to {HIGHEST_DB:g} dB")
        if self.content_encoder not in KINDS:
            near = nearest(self.content_encoder, KINDS)
            raise ParamError(
                f"content encoder is '{self.content_encoder}'{near}, allowed are {', '.join(KINDS)}"
            )
