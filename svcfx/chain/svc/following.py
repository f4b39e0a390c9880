"""The loudness of what was made, moved towards that of what was heard, as `loudness_follow` stands."""

import numpy as np

from svcfx.audio import Samples
from svcfx.chain import envelope
from svcfx.chain.svc.take import Take, followed_at


def leveled(take: Take, made: Samples, sample_rate: int) -> Samples:
    """`made` (n,) of a take, as long as that; else itself where the knob stands at 0 throughout."""
    made = np.pad(made, (0, len(take.audio) - len(made)))  # a voice may sing a frame or two less
    if not np.any(take.follow):
        return made
    keep = 1.0 - np.interp(np.arange(len(made)), followed_at(len(made), sample_rate), take.follow)
    return envelope.follow(take.audio.numpy(), made, sample_rate, keep)
