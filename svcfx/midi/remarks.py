"""What a reader of MIDI has to say: sentences, and whom each of them matters to."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

MAX_REMARKS = 30

About = Literal["file", "time", "signatures", "track"]
"""What a remark touches: nothing that is heard, the song's time, its key signatures, or one track."""


class Remark(NamedTuple):
    """One sentence; `track` is the name of the track that it is about, "" otherwise."""

    text: str
    about: About = "file"
    track: str = ""


def shortened(remarks: Iterable[Remark], name: str) -> tuple[Remark, ...]:
    """At most 30 of a file's remarks; how many were left out is said, and is nothing to pass over."""
    every = tuple(dict.fromkeys(remarks))
    if len(every) <= MAX_REMARKS:
        return every
    left = len(every) - MAX_REMARKS
    return (*every[:MAX_REMARKS], Remark(f"'{name}' is odd in {left:,} more places", "time"))
