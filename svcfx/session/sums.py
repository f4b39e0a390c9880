"""What a bus or the master hears: the sum of what strips give."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from svcfx import scratch
from svcfx.session import keyed, mixdown
from svcfx.session.clip import Clip
from svcfx.session.mixdown import CHANNELS, Faded, Mix
from svcfx.session.plan import Plan

if TYPE_CHECKING:
    from svcfx.session.strip_render import StripRender


@dataclass(slots=True)
class StripSum:
    """The sum that the strip called `name` hears; `samples`, shape (2, `frames`), grow as strips are added.

    `key` says what they will be, before any is added; "" where a file changed while it was read, or a node
    upstream does not say what it depends on.
    """

    plan: Plan
    name: str
    fed_by: Sequence["StripRender"]
    start_frame: int = 0
    stretcher: str = ""
    clips: tuple[Clip, ...] = field(init=False)
    _key: str | None = None
    _samples: Mix | None = None
    _adding: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        upstream = {id(clip): clip for render in self.fed_by for clip in render.clips}
        self.clips = tuple(upstream.values())

    @property
    def frames(self) -> int:
        """As many as the mix."""
        return self.plan.frames

    @property
    def key(self) -> str:
        """What its samples are."""
        if any(clip.changed for clip in self.clips):
            return ""
        if self._key is None:
            self._key = keyed.of_sum(self.plan, self.name, self.fed_by)
        return self._key

    @property
    def samples(self) -> Mix:
        """What was added up."""
        if self._samples is None:
            self._samples = scratch.zeros((CHANNELS, self.frames), np.float64)
        return self._samples

    def add(self, given: Faded, start_frame: int) -> None:
        """Add what a strip gives, from `start_frame` on; in any order, by any thread."""
        with self._adding:
            mixdown.add(self.samples, given, start_frame)

    def forget(self) -> None:
        """Let the samples go."""
        self._samples = None
