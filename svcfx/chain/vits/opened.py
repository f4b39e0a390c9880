"""A generator as it was opened, of whatever family."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from svcfx.chain.vits.generator import Generator


@dataclass(frozen=True, eq=False)
class OpenedGenerator:
    """A network that fits its config, with what its voice card needs to say.

    Attributes:
        unit_mode: How its units are spread over frames, as `units.spread` names it.
        said: What the file said of itself beside its sizes: epoch, author and the like.
        notes: What a person should hear about how the file was read; not kept with the voice.
    """

    network: Generator
    family: str
    content_encoder: str
    unit_mode: str
    singers: Mapping[str, int]
    said: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = field(default=(), metadata={"kept": False})

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.network.config.sample_rate

    @property
    def hop(self) -> int:
        """Samples a frame."""
        return self.network.config.hop
