"""The singers as themselves: their ground truth at their own register, of texts that nothing else uses."""

from functools import cache

import numpy as np

from factory.engines import identities
from factory.engines.groundtruth import ground_truth
from factory.engines.speech import EngineVoice, speak
from judging import speaker
from judging.converter import down
from judging.kept import kept
from svcfx.training import world

TEXTS = (
    "The little train climbed slowly through the autumn forest.",
    "Somebody painted every door along our street bright orange.",
    "Put the letters back on the shelf when you have read them.",
    "Winter evenings were spent telling stories around the stove.",
)
REGISTER_HZ = {"vela": 220.0, "corin": 115.0}
SPEAKERS = {"vela": "slt", "corin": "rms"}
"""The base voice whose timing and contour, moved to the register, a reference has."""


def identity(singer: str) -> identities.Identity:
    """The shipped singer of that name."""
    return next(one for one in identities.SHIPPED if one.name == singer)


@cache
def embedding(singer: str) -> speaker.Embedding:
    """GE2E embedding of the singer at its own register."""
    return kept(f"reference {singer}", lambda: speaker.pooled([_embed(singer, text) for text in TEXTS]))


def _embed(singer: str, text: str) -> speaker.Embedding:
    said = speak(text, EngineVoice("flite", SPEAKERS[singer]))
    pitch = world.analyse(said.audio).f0_hz[::2]
    pitch = pitch * (REGISTER_HZ[singer] / np.median(pitch[pitch > 0]))
    return speaker.embed(down(ground_truth(text, identity(singer), said.phones, pitch)))
