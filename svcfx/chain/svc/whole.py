"""A whole stem, some seconds of phrases at a time: heard, scored, sung, and joined where they were cut."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.chain import device
from svcfx.chain.config import ChainSettings
from svcfx.chain.parametric.level import Level
from svcfx.chain.svc import memory, phrases, rvc, singing
from svcfx.chain.svc.heard import Heard
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.svc.phrases import PhraseSpan as Span
from svcfx.chain.svc.played import RetimedStem
from svcfx.chain.svc.take import Scorer, Take
from svcfx.chain.voice import Curves, Phrase
from svcfx.keeping import Keeper, afresh

AT_ONCE_SECONDS = 60.0
"""Phrases that are heard before any of them is sung, so that those of one length meet."""
BLOCK_SECONDS = 8


@dataclass(frozen=True, eq=False)
class StemCut:
    """A mono stem (n,) at the voice's rate, and where it is sung: a function of the stem alone.

    Attributes:
        audio16k: The same stem at 16 kHz, high-passed, for a family that hears what lies around a phrase.
        level: Of the whole stem, for an encoder that hears by it.
        played: Where the stem is sung at another tempo, what it is then.
    """

    audio: Samples
    sample_rate: int
    hop: int
    audio16k: Samples | None = None
    level: Level | None = None
    played: RetimedStem | None = None

    @cached_property
    def spans(self) -> list[Span]:
        """Where it is sung, in order."""
        if self.audio16k is None:
            return phrases.cut(self.audio, self.sample_rate)
        return rvc.cut(self.audio, self.sample_rate, self.audio16k)

    @property
    def places(self) -> list[Span]:
        """Where each is sung."""
        return [self.played.span(span) for span in self.spans] if self.played else self.spans

    @property
    def frames(self) -> int:
        """Samples of all that is sung."""
        return len(self.played.audio if self.played else self.audio)

    def sung(self, heard: Heard) -> Heard:
        """What was heard of a phrase, as it is to be sung."""
        return self.played.heard(heard, self.pad) if self.played else heard

    @property
    def pad(self) -> int:
        """Samples that are heard on each side of a phrase."""
        seconds = phrases.PAD_SECONDS if self.audio16k is None else rvc.PAD_SECONDS
        return int(seconds * self.sample_rate)

    def phrase(self, span: Span) -> Phrase:
        """What the voice hears of a span; one that is not the last hears one frame more, as RVC's do."""
        first, last = span.start - self.pad, span.stop + self.pad
        if self.audio16k is None:
            return Phrase(first, span.start, span.stop, span.heard(self.audio, self.pad), None, self.level)
        if span.stop < len(self.audio):
            stop = last // self.hop * rvc.HOP + rvc.HOP
        else:
            stop = len(self.audio16k) + self.pad // self.hop * rvc.HOP
        heard = rvc.around(self.audio16k, first // self.hop * rvc.HOP, stop)
        return Phrase(first, span.start, span.stop, rvc.around(self.audio, first, last), heard, self.level)


class StemSong:
    """One mono stem as it is to be sung; of the samples `wanted` alone where that is said."""

    def __init__(
        self,
        parts: VoiceParts,
        settings: ChainSettings,
        curves: Curves,
        cut: StemCut,
        keep: Keeper = afresh,
        wanted: tuple[int, int] | None = None,
    ) -> None:
        self._parts, self._settings, self._cut, self._keep = parts, settings, cut, keep
        self._wanted = (0, cut.frames) if wanted is None else wanted
        self._ear = Scorer(parts, settings, curves)
        self._before: Take | None = None

    def sung(self) -> Iterator[Samples]:
        """The stem as it is sung, in blocks that are as long together as it is."""
        out = scratch.zeros((self._cut.frames,))
        done = 0
        for group, settled in self._groups():
            places = [place for _, place in group if self._sounds(place)]
            for place, made in zip(places, self._sing(group), strict=True):
                self._join(out, place, made)
            yield from _blocks(out[done:settled], BLOCK_SECONDS * self._parts.sample_rate)
            done = settled
        yield from _blocks(out[done:], BLOCK_SECONDS * self._parts.sample_rate)

    def _groups(self) -> Iterator[tuple[list[tuple[Span, Span]], int]]:
        """Phrases in order, each where it is heard and where it is sung, some seconds of them at a time, and
        where the stem is settled behind them."""
        rate, places, heard = self._parts.sample_rate, self._cut.places, self._heard()
        fade = int(phrases.FADE_SECONDS * rate)
        group: list[tuple[Span, Span]] = []
        for index, phrase in enumerate(zip(self._cut.spans, places, strict=True)):
            if not heard[index]:
                continue
            group.append(phrase)
            following = places[index + 1].start - fade if index + 1 < len(places) else self._cut.frames
            if sum(span.stop - span.start for span, _ in group) >= AT_ONCE_SECONDS * rate:
                yield group, max(following, 0)
                group = []
        if group:
            yield group, self._cut.frames

    def _sounds(self, place: Span) -> bool:
        """Whether what is sung there reaches what is wanted."""
        fade = int(phrases.FADE_SECONDS * self._parts.sample_rate)
        return place.start - fade < self._wanted[1] and place.stop + fade > self._wanted[0]

    def _heard(self) -> list[bool]:
        """Which phrases are heard: those that sound, and before one that was cut those whose phase it goes
        on with."""
        spans, heard = self._cut.spans, [self._sounds(place) for place in self._cut.places]
        for index in range(len(spans) - 1, 0, -1):
            goes_on = spans[index].start == spans[index - 1].stop
            heard[index - 1] = heard[index - 1] or (heard[index] and goes_on)
        return heard

    def _sing(self, group: Sequence[tuple[Span, Span]]) -> Sequence[Samples]:
        """What is sung of those phrases of a group that sound."""
        memory.give_back()
        with device.inference(threads=None):
            heard = [self._cut.sung(self._ear.hear(self._cut.phrase(span), self._keep)) for span, _ in group]
            takes = self._ear.scores(heard, self._before)
        self._before = takes[-1]
        sounding = [take for take, (_, place) in zip(takes, group, strict=True) if self._sounds(place)]
        return singing.sing(self._parts, self._settings, sounding, self._keep)

    def _join(self, out: Samples, phrase: Span, made: Samples) -> None:
        first, gains = phrases.gains(phrase, len(out), self._parts.sample_rate)
        begin = first - (phrase.start - self._cut.pad)
        out[first : first + len(gains)] += gains * made[begin : begin + len(gains)]


def _blocks(samples: Samples, frames: int) -> Iterator[Samples]:
    return (samples[first : first + frames] for first in range(0, len(samples), frames))
