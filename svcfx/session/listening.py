"""Whoever looks at a bounce while it is made, such as a report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from svcfx.audio import Samples
from svcfx.session.mixdown import Faded
from svcfx.session.recipe import Recipe

if TYPE_CHECKING:
    from svcfx.session.plan import Plan
    from svcfx.session.strip_render import StripRender
    from svcfx.session.writing import Targets


@dataclass(frozen=True, slots=True, eq=False)
class StripHeard:
    """A strip on its way into the mix.

    Attributes:
        render: How it was made; its `source` can be asked again if it is a clip.
        faded: Behind its fader, from frame `start_frame` of the song.
        work_seconds: What it cost.
        stages: What of that the parts of its voices took that were made now, by kind, such as "pitch".
    """

    render: "StripRender"
    faded: Faded
    start_frame: int
    work_seconds: float
    stages: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class MixHeard:
    """The mix as it is written, shape (2, frames), what mastering it cost, and its recipe."""

    samples: Samples
    work_seconds: float
    recipe: Recipe


class BounceListener(Protocol):
    """Is told of a bounce; it changes nothing of it."""

    def begin(self, plan: "Plan", targets: "Targets", key: str) -> bool:
        """Whether it wants to hear a bounce, whose mix has that key, though all files may be there already.

        Raises:
            SvcfxError: It could not write what it is to write.
        """
        ...

    def strip(self, heard: StripHeard) -> None:
        """Take a strip, each behind those that feed it."""
        ...

    def mix(self, heard: MixHeard) -> None:
        """Take the mix, the last."""
        ...
