"""A so-vits-svc or RVC voice as nodes see it: whole stems phrase by phrase, streams window by window."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.chain import device
from svcfx.chain.analysis import LOUDEST, measure
from svcfx.chain.config import ANALYSIS_RATE, ChainSettings, LookaheadName
from svcfx.chain.content.builtin import BuiltinEncoder
from svcfx.chain.knobs import Part, Stage, Value
from svcfx.chain.svc import limits, rvc, singing
from svcfx.chain.svc.heard import Heard, Hearing
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.svc.played import RetimedStem
from svcfx.chain.svc.stream import SvcStream
from svcfx.chain.svc.take import Scorer, Take
from svcfx.chain.svc.whole import StemCut, StemSong
from svcfx.chain.voice import Curves, Phrase, Stem, VoiceIdentity
from svcfx.dsp.resample import StreamResampler, frames_after
from svcfx.keeping import Keeper, afresh

_RESAMPLED_SECONDS = 0.25
"""More than a sample at another rate depends on to each side of it."""
STAGES: tuple[tuple[Stage, int], ...] = (("hear", 1), ("score", 1), ("sing", 1))
"""Versions: a change to the code of a stage that changes its results counts one up."""


@dataclass(frozen=True, eq=False)
class SvcVoice:
    """One voice of so-vits-svc 4.0, its fork, 4.1 or RVC; several conversions may share it."""

    parts: VoiceParts

    @property
    def name(self) -> str:
        """What it is called on the shelf."""
        return self.parts.name

    @property
    def singers(self) -> tuple[str, ...]:
        """Names of the singers in this voice."""
        return tuple(self.parts.singers)

    @property
    def device(self) -> str:
        """Where its networks run."""
        return str(self.parts.device)

    @property
    def defaults(self) -> Mapping[str, float]:
        """Knobs that stand elsewhere for its family than for others."""
        return limits.defaults(self._reach)

    @property
    def matched_to_source(self) -> bool:
        """Whether a whole stem is brought to its source's loudness, as its family says."""
        return self.parts.family.level == "source"

    @property
    def _reach(self) -> limits.VoiceFacts:
        return limits.reach(self.parts)

    @property
    def have(self) -> frozenset[Part]:
        """Parts that it has, of those that knobs may need."""
        return limits.have(self._reach)

    def lacks(self, knob: str, value: Value) -> str:
        """Why `knob` cannot stand at `value`; "" when it can."""
        return limits.lacks(self._reach, knob, value)

    def cost(self, *, refined: bool) -> float:
        """Rough seconds of work for a second of sound on two cores, with or without the refiner."""
        return limits.cost(self._reach, refined=refined)

    def latency_seconds(self, sample_rate: float, lookahead: LookaheadName = "full") -> float:
        """How far a stream's output may lag behind its input at that rate."""
        return SvcStream(self.parts, sample_rate, ChainSettings(self.singers[0])).latency_seconds

    def stream(self, sample_rate: float, settings: ChainSettings) -> SvcStream:
        """Begin a conversion of mono audio."""
        return SvcStream(self.parts.at(settings.precision), sample_rate, settings)

    @property
    def identity(self) -> VoiceIdentity:
        """What its sound depends on."""
        hashes = tuple(sorted(self.parts.hashes.items()))
        return VoiceIdentity(self.parts.family.name, hashes, self.parts.device.type, STAGES)

    def phrases(self, stem: Stem) -> tuple[Phrase, ...]:
        """Where a stem is sung, at the voice's rate; a function of the stem alone."""
        cut = self._cut(stem)
        return tuple(cut.phrase(span) for span in cut.spans)

    def hear(self, phrase: Phrase, settings: ChainSettings) -> Heard:
        """Content, pitch and loudness of a phrase; no lane is read."""
        parts = self.parts.at(settings.precision).about(lambda _encoder: phrase.level)
        with device.inference(threads=None):
            return Hearing(parts, settings).hear(phrase)

    def score(
        self, heard: Sequence[Heard], curves: Curves, settings: ChainSettings, after: Take | None = None
    ) -> tuple[Take, ...]:
        """What is to be sung of phrases in order; where one was cut from the last, its phase goes on."""
        with device.inference(threads=None):
            return Scorer(self.parts, settings, curves).scores(heard, after)

    def sing(self, scores: Sequence[Take], settings: ChainSettings) -> tuple[Samples, ...]:
        """Audio (n,) of each score, as long as its phrase was heard."""
        return singing.sing(self.parts.at(settings.precision), settings, scores)

    def _cut(self, stem: Stem) -> StemCut:
        """The stem at the voice's rate, and at 16 kHz for a family that hears it so."""
        parts = self.parts
        around = parts.family.around == "stem"
        audio16k = rvc.high_passed(self._at(stem, ANALYSIS_RATE)) if around else None
        by_level = isinstance(parts.encoder, BuiltinEncoder)
        level = measure(stem.blocks(), stem.sample_rate) if by_level else None
        return StemCut(self._at(stem, parts.sample_rate), parts.sample_rate, parts.hop, audio16k, level)

    def _played(self, stem: Stem) -> StemCut:
        """As `_cut`; where the stem is played at another tempo, its recording, and where that is sung."""
        if stem.recording is None:
            return self._cut(stem)
        rate, hop = self.parts.sample_rate, self.parts.hop
        return replace(
            self._cut(stem.recording), played=RetimedStem(self._at(stem, rate), rate, hop, stem.time)
        )

    def render(
        self, stem: Stem, settings: ChainSettings, curves: Curves, keep: Keeper = afresh
    ) -> Iterator[Samples]:
        """Convert a whole stem: blocks (n,) in order, `stem.frames` samples together."""
        if settings.level == "card":
            return self._streamed(stem, settings, curves)
        return self._sung(stem, settings, curves, keep)

    def _streamed(self, stem: Stem, settings: ChainSettings, curves: Curves) -> Iterator[Samples]:
        stream = self.stream(stem.sample_rate, settings)
        for block in stem.blocks():
            yield stream.push(block, curves)
        yield stream.flush(curves)

    def _sung(self, stem: Stem, settings: ChainSettings, curves: Curves, keep: Keeper) -> Iterator[Samples]:
        cut = self._played(stem)
        parts = self.parts.at(settings.precision).about(lambda _encoder: cut.level)
        song = StemSong(parts, settings, curves, cut, keep, self._wanted(stem))
        outward = StreamResampler(self.parts.sample_rate, stem.sample_rate)
        owed = stem.frames
        for block in song.sung():
            ready = outward.push(block[None])[0][:owed]
            owed -= len(ready)
            yield ready
        rest = outward.push(np.zeros((1, 0), np.float32), last=True)[0][:owed]
        yield np.concatenate([rest, np.zeros(owed - len(rest), np.float32)])

    def _wanted(self, stem: Stem) -> tuple[int, int] | None:
        """What is wanted of a stem at the voice's rate, with what resampling hears around it."""
        if stem.wanted is None:
            return None
        rate = self.parts.sample_rate
        reach = round(_RESAMPLED_SECONDS * rate) if rate != stem.sample_rate else 0
        first, last = (frames_after(at, stem.sample_rate, rate) for at in stem.wanted)
        return first - reach, last + reach

    def _at(self, stem: Stem, rate_hz: int) -> Samples:
        """The stem at that rate."""
        out = scratch.zeros((frames_after(stem.frames, stem.sample_rate, rate_hz),))
        done = 0
        for piece in self._resampled(stem, rate_hz):
            room = min(len(piece), len(out) - done)
            out[done : done + room] = piece[:room]
            done += room
        return out

    def _resampled(self, stem: Stem, rate_hz: int) -> Iterator[Samples]:
        inward = StreamResampler(stem.sample_rate, rate_hz)
        for block in stem.blocks():
            yield inward.push(np.clip(block, -LOUDEST, LOUDEST)[None])[0]
        yield inward.push(np.zeros((1, 0), np.float32), last=True)[0]
