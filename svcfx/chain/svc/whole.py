"""A whole stem, phrase by phrase: phrases of one length are sung together, and joined where they were cut."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from svcfx.audio import Samples
from svcfx.chain import device
from svcfx.chain.config import ChainSettings
from svcfx.chain.rvc import hearing, pieces
from svcfx.chain.svc import batches, following, memory, phrases
from svcfx.chain.svc.parts import Parts
from svcfx.chain.svc.performer import Performer
from svcfx.chain.svc.phrases import Phrase
from svcfx.chain.svc.take import Ear, Take
from svcfx.chain.voice import Curves

AT_ONCE_SECONDS = 60.0
"""Phrases that are heard before any of them is sung, so that those of one length meet."""
BLOCK_SECONDS = 8


class Song:
    """One mono stem (n,) at the voice's rate, and how it is to be sung."""

    def __init__(
        self,
        parts: Parts,
        settings: ChainSettings,
        curves: Curves,
        audio: Samples,
        audio16k: Samples | None = None,
    ) -> None:
        """`audio16k` is the same stem at 16 kHz, for a family that hears what lies around a phrase."""
        self._parts, self._curves, self._audio = parts, curves, audio
        self._heard = None if audio16k is None else hearing.high_passed(audio16k)
        self._ear = Ear(parts, settings, curves)
        self._performer = Performer(parts, settings, self._ear.own_content)
        pad_seconds = phrases.PAD_SECONDS if audio16k is None else pieces.PAD_SECONDS
        self._pad = int(pad_seconds * parts.sample_rate)
        self._cycles = 0.0
        self._cut_at = -1

    def sung(self) -> Iterator[Samples]:
        """The stem as it is sung, in blocks that are as long together as it is."""
        out = np.zeros(len(self._audio), np.float32)
        done = 0
        for group, settled in self._groups():
            for phrase, made in zip(group, self._sing(group), strict=True):
                self._join(out, phrase, made)
            yield from _blocks(out[done:settled], BLOCK_SECONDS * self._parts.sample_rate)
            done = settled
        yield from _blocks(out[done:], BLOCK_SECONDS * self._parts.sample_rate)

    def _groups(self) -> Iterator[tuple[list[Phrase], int]]:
        """Phrases in order, some seconds of them at a time, and where the stem is settled behind them."""
        rate = self._parts.sample_rate
        heard = self._heard
        cut = phrases.cut(self._audio, rate) if heard is None else pieces.cut(self._audio, rate, heard)
        fade = int(phrases.FADE_SECONDS * rate)
        group: list[Phrase] = []
        for index, phrase in enumerate(cut):
            group.append(phrase)
            following = cut[index + 1].start - fade if index + 1 < len(cut) else len(self._audio)
            if sum(p.stop - p.start for p in group) >= AT_ONCE_SECONDS * rate:
                yield group, max(following, 0)
                group = []
        if group:
            yield group, len(self._audio)

    def _sing(self, group: Sequence[Phrase]) -> list[Samples]:
        memory.give_back()
        with device.inference(threads=None):
            takes = [self._take(phrase) for phrase in group]
            alike: dict[tuple[int, float], list[int]] = defaultdict(list)
            for index, take in enumerate(takes):
                alike[len(take.audio), take.depth].append(index)
            made: dict[int, Samples] = {}
            for members in alike.values():
                if len(takes[members[0]].audio) > memory.LARGE_SECONDS * self._parts.sample_rate:
                    memory.give_back()
                audio = batches.sing(self._performer.sing, [takes[index] for index in members], self._most)
                made |= {index: row.numpy() for index, row in zip(members, audio, strict=True)}
        rate = self._parts.sample_rate
        return [following.leveled(take, made[i], rate, self._curves) for i, take in enumerate(takes)]

    @property
    def _most(self) -> int:
        """Samples that are sung at once."""
        seconds = batches.CPU_SECONDS if self._parts.device.type == "cpu" else batches.GPU_SECONDS
        return int(seconds * self._parts.sample_rate)

    def _take(self, phrase: Phrase) -> Take:
        """A phrase as it is heard; after a cut the phase goes on where it was."""
        first = phrase.start - self._pad
        audio, heard = self._around(phrase)
        cycles = self._cycles if phrase.start == self._cut_at else 0.0
        take = self._ear.take(first, audio, self._ear.pitch(audio, heard), start_cycles=cycles, heard=heard)
        self._cut_at = phrase.stop
        self._cycles = self._cycles_at(take, phrase.stop - self._pad)
        return take

    def _around(self, phrase: Phrase) -> tuple[Samples, Samples | None]:
        """What the voice hears of a phrase at its own rate, and at 16 kHz where it hears the stem around it.

        There a piece that is not the last hears one frame more, as RVC's do.
        """
        if self._heard is None:
            return phrase.heard(self._audio, self._pad), None
        first, hop = phrase.start - self._pad, self._parts.hop
        if phrase.stop < len(self._audio):
            stop = (phrase.stop + self._pad) // hop * hearing.HOP + hearing.HOP
        else:
            stop = len(self._heard) + self._pad // hop * hearing.HOP
        heard = hearing.around(self._heard, first // hop * hearing.HOP, stop)
        return hearing.around(self._audio, first, phrase.stop + self._pad), heard

    def _cycles_at(self, take: Take, sample: int) -> float:
        """Phase of the fundamental at a sample of the stem."""
        frames, inside = divmod(sample - take.first, self._parts.hop)
        f0 = take.f0_hz.double()
        samples = float(f0[:frames].sum()) * self._parts.hop + float(f0[frames]) * inside
        return (take.start_cycles + samples / self._parts.sample_rate) % 1.0

    def _join(self, out: Samples, phrase: Phrase, made: Samples) -> None:
        first, gains = phrases.gains(phrase, len(out), self._parts.sample_rate)
        begin = first - (phrase.start - self._pad)
        out[first : first + len(gains)] += gains * made[begin : begin + len(gains)]


def _blocks(samples: Samples, frames: int) -> Iterator[Samples]:
    return (samples[first : first + frames] for first in range(0, len(samples), frames))
