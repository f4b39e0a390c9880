"""What is to be rendered: one board over one stretch of audio, with its lanes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from svcfx.audio import Samples
from svcfx.lanes import Curve
from svcfx.time_map import Recorded

if TYPE_CHECKING:
    from svcfx.board import Board


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """Samples of a shape (channels, frames) that are only made where somebody hears them."""

    shape: tuple[int, int]
    make: Callable[[], Samples]


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Samples, shape (channels, frames), a board, and lanes in seconds from the first sample.

    Without a board the samples come back as they are. `label` names the job in messages. `source` is the key
    of the samples; "" where nobody knows one. `recorded` is what they were stretched from. `wanted` are the
    frames, the first and the one behind the last, that anybody hears of what is rendered, None for all.
    """

    label: str
    sound: Samples | Later
    sample_rate: int
    board: "Board | None" = None
    automation: Mapping[str, Curve] = field(default_factory=dict)
    source: str = ""
    recorded: Recorded | None = None
    wanted: tuple[int, int] | None = None

    @property
    def samples(self) -> Samples:
        """The samples, made now where they were not."""
        return self.sound.make() if isinstance(self.sound, Later) else self.sound

    @property
    def shape(self) -> tuple[int, int]:
        """Channels and frames."""
        channels, frames = self.sound.shape
        return int(channels), int(frames)
