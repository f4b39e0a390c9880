"""The loudness of what was made, moved towards that of what was heard, as `loudness_follow` stands."""

import numpy as np

from svcfx.audio import Samples
from svcfx.chain import envelope
from svcfx.chain.svc.take import Take
from svcfx.chain.voice import Curves

STEPS_PER_SECOND = 100


def leveled(take: Take, made: Samples, sample_rate: int, curves: Curves) -> Samples:
    """`made` (n,) of a take, as long as that; else itself where the knob stands at 0 throughout."""
    made = np.pad(made, (0, len(take.audio) - len(made)))  # a voice may sing a frame or two less
    step = sample_rate // STEPS_PER_SECOND
    places = np.arange(0, len(made) + step, step)
    follow = curves["loudness_follow"].at(np.maximum(take.first + places, 0) / sample_rate)
    if not np.any(follow):
        return made
    keep = 1.0 - np.interp(np.arange(len(made)), places, follow)
    return envelope.follow(take.audio.numpy(), made, sample_rate, keep)
