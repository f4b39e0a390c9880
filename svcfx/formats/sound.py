"""What reading and writing audio files share: samples, and a file that stands open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


class UnreadableError(Exception):
    """A library knows no such format; its reason is the message."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose length is known.

    Args:
        frames: How many there are, exactly: counted, or promised by a header that reading holds it to.
        sample_rate: In Hz.
        channels: How many.
        pieces: Decodes from a frame on: pieces of shape (channels, any number of frames).
        remarks: What a person should hear of, a sentence each, the file not named.
    """

    frames: int
    sample_rate: int
    channels: int
    pieces: Callable[[int], Iterator[Samples]]
    remarks: tuple[str, ...] = ()


def gathered(pieces: Iterator[Samples], least: int = 65_536) -> Iterator[Samples]:
    """The same samples in pieces of `least` frames or more, the last shorter: decoders give small ones."""
    kept: list[Samples] = []
    count = 0
    for piece in pieces:
        kept.append(piece)
        count += piece.shape[1]
        if count >= least:
            yield np.concatenate(kept, axis=1)
            kept, count = [], 0
    if count:
        yield np.concatenate(kept, axis=1)
