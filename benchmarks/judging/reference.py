"""The singers as themselves: their ground truth at their own register, of texts that nothing else uses."""

from functools import cache

import numpy as np

from judging import singer, speaker
from judging.converter import down
from judging.kept import kept

TEXTS = (
    "The little train climbed slowly through the autumn forest.",
    "Somebody painted every door along our street bright orange.",
    "Put the letters back on the shelf when you have read them.",
    "Winter evenings were spent telling stories around the stove.",
)


@cache
def embedding(name: str) -> speaker.Embedding:
    """GE2E embedding of a singer at its own register."""
    return kept(f"reference {name}", lambda: speaker.pooled([_embed(name, text) for text in TEXTS]))


def _embed(name: str, text: str) -> speaker.Embedding:
    """Of a text with the timing and contour that are the singer's own."""
    said = singer.said(name, text)
    pitch = said.own.f0_hz.astype(np.float64)
    return speaker.embed(down(singer.ground_truth(text, name, said.phones, pitch)))
