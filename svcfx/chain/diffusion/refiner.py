"""A diffusion model as it was opened: its network, and what its diffusion.yaml says of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from svcfx.chain.diffusion.shallow import Method
from svcfx.chain.diffusion.unit2mel import Unit2Mel
from svcfx.chain.vocoder.agreement import LogBase, MelFormat
from svcfx.errors import VoiceError

FFT = WINDOW = 2048
LOW_HZ, HIGH_HZ = 40.0, 16000.0
"""The mel of the NSF-HiFiGAN releases, behind which such models are trained; no yaml says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VocoderBehind:
    """The vocoder that a diffusion model was trained behind, as its yaml names it."""

    kind: str = "nsf-hifigan"
    bins: int = 128
    checkpoint: str = ""

    @property
    def log_base(self) -> LogBase:
        """The logarithm that this vocoder reads; the diffusion model itself always draws natural ones."""
        return "log10" if self.kind.endswith("log10") else "natural"


@dataclass(frozen=True, kw_only=True, eq=False)
class Refiner:
    """A Unit2Mel and the facts that a render needs.

    Attributes:
        sample_rate: Hz. hop: samples a frame.
        encoder: "vec768l12" or "vec256l9".
        unit_mode: How units are spread when the model sings alone; behind a generator, its own counts.
        timesteps: Noise levels of the schedule. k_step_max: levels it was trained on, 1 to `timesteps`.
        method: The sampler its yaml asks for, "naive" where it asks for none.
        speedup: Noise levels a step, at least 1.
        singers: Row of each name; empty when the yaml names none.
    """

    network: Unit2Mel
    sample_rate: int
    hop: int
    encoder: str
    unit_mode: str
    timesteps: int
    k_step_max: int
    method: Method
    speedup: int
    singers: Mapping[str, int]
    vocoder: VocoderBehind

    @property
    def mel(self) -> MelFormat:
        """The mel that it draws, in the logarithm that its vocoder reads."""
        return MelFormat(
            sample_rate_hz=self.sample_rate,
            hop_samples=self.hop,
            fft_samples=FFT,
            window_samples=WINDOW,
            bins=self.network.sizes.bins,
            low_hz=LOW_HZ,
            high_hz=HIGH_HZ,
            log_base=self.vocoder.log_base,
        )

    @property
    def sings_alone(self) -> bool:
        """Whether it can start from pure noise, without a generator."""
        return self.k_step_max == self.timesteps

    def require_generator(self, *, sample_rate: int, hop: int, encoder: str) -> None:
        """Refuse a generator whose frames or units are others than this model's.

        Raises:
            VoiceError: Naming each field that differs with both values, the generator's first.
        """
        pairs = {
            "sample rate in Hz": (sample_rate, self.sample_rate),
            "hop in samples": (hop, self.hop),
            "content encoder": (encoder, self.encoder),
        }
        found = [f"{name} is {ours} and {theirs}" for name, (ours, theirs) in pairs.items() if ours != theirs]
        if found:
            raise VoiceError(
                f"the generator and the diffusion model do not fit: {'; '.join(found)}",
                hint="Use the diffusion model that was trained for this voice.",
            )
