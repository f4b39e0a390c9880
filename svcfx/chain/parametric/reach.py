"""How far ahead a conversion looks, and on what grid it goes: all in frames of 10 ms."""

from dataclasses import dataclass

from svcfx.chain import phrases
from svcfx.chain.config import SLICE, ChainSettings
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.pitch import PitchTracker, identity, tracker
from svcfx.chain.pitch.swift import short

SHORT_SLICE, SHORT_AHEAD = 8, 6
"""Of a short lookahead. Half the grid would lag 40 ms less, and cost twice the work."""


@dataclass(frozen=True, slots=True)
class Lookahead:
    """What is waited for.

    Attributes:
        grid: Frames between two points of the grid, a window of the tracker.
        tracker: Who follows the pitch, and what its pitch is kept by (called); at_once, nothing is mended.
        decoder: Frames that the decoder looks ahead.
        guessed: How many of those are heard without what follows them, and again once it is known.
        ear: Frames that the ear looks ahead beyond them.
        release: Frames within which a sound's release is looked for.
    """

    grid: int
    tracker: PitchTracker
    called: str
    at_once: bool
    decoder: int
    guessed: int
    ear: int
    release: int

    @property
    def settled(self) -> int:
        """Frames of the decoder's look-ahead that are heard once for all."""
        return self.decoder - self.guessed


def of(net: ParametricNet, settings: ChainSettings) -> Lookahead:
    """As far as the nets look, or as a short lookahead lets them: then both hear up to the same frame."""
    called = identity(settings.pitch)
    if settings.lookahead == "short":
        return Lookahead(
            SHORT_SLICE, short(SHORT_SLICE), f"{called} short", True, SHORT_AHEAD, SHORT_AHEAD, 0, 0
        )
    ear, decoder = even(net.encoder.lookahead_frames), even(net.decoder.lookahead_frames)
    heard_by = tracker(settings.pitch, octave_repair=settings.octave_repair)
    return Lookahead(SLICE, heard_by, called, False, decoder, 0, ear, phrases.RELEASE)


def even(frames: int) -> int:
    """At least so many frames, in whole steps of content, which are two long."""
    return frames + frames % 2
