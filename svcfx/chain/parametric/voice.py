"""A shipped voice: parametric nets and their singers, rendered slice by slice on one absolute grid."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from svcfx.audio import Samples
from svcfx.chain import knobs
from svcfx.chain.analysis import LOUDEST, measure
from svcfx.chain.config import (
    ANALYSIS_HOP,
    ANALYSIS_RATE,
    LONG_SLICE,
    VOICE_RATE,
    ChainSettings,
    LookaheadName,
)
from svcfx.chain.families import PARAMETRIC
from svcfx.chain.knobs import Part, Stage, Value
from svcfx.chain.parametric import limits
from svcfx.chain.parametric.ear import Ear
from svcfx.chain.parametric.level import Level
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.parametric.retimed import TimedRecording
from svcfx.chain.parametric.stream import SliceEngine
from svcfx.chain.pitch import melody
from svcfx.chain.voice import AT_REST, Curves, Stem, VoiceIdentity
from svcfx.dsp.prompt import PromptResampler, lag_seconds
from svcfx.dsp.resample import StreamResampler
from svcfx.keeping import Keeper, afresh

RESAMPLERS_SECONDS, RESAMPLERS_SLOW_SECONDS = 0.13, 0.22
"""What both resamplers hold back at most, from 16 kHz on and below: 0.11 s and 0.20 s were measured."""
BLOCK_SECONDS = 8

STAGES: tuple[tuple[Stage, int], ...] = (("sing", 2),)
"""Versions: this voice has no cuts, and is sung in one stage."""


@dataclass(frozen=True, eq=False)
class ParametricVoice:
    """One shipped voice; several conversions may share it, its weights are never written."""

    name: str
    net: ParametricNet
    stream_loudness_db: float = -20.0
    sha256: str = ""

    matched_to_source = PARAMETRIC.level == "source"
    device = "cpu"

    @property
    def identity(self) -> VoiceIdentity:
        """What its sound depends on."""
        return VoiceIdentity(PARAMETRIC.name, (("weights", self.sha256),), self.device, STAGES)

    @property
    def _header(self) -> limits.PartsHad:
        net = self.net
        return limits.PartsHad(net.refiner is not None, net.index is not None, isinstance(net.encoder, Ear))

    @property
    def defaults(self) -> Mapping[str, float]:
        """Knobs that stand elsewhere for this voice than for others."""
        return limits.defaults(self._header)

    @property
    def card_level(self) -> Level:
        """The level that a stream starts from: the card's loudness, the training material's colour."""
        return Level(self.stream_loudness_db, self.net.reference)

    @property
    def singers(self) -> tuple[str, ...]:
        """Names of the singers in this voice."""
        return tuple(self.net.singers)

    @property
    def have(self) -> frozenset[Part]:
        """Parts that it has, of those that knobs may need."""
        return limits.have(self._header)

    def lacks(self, knob: str, value: Value) -> str:
        """Why `knob` cannot stand at `value`: "has no ..., so ... must be ..."; "" when it can."""
        return knobs.lacks(self.have, knob, value)

    def cost(self, *, refined: bool) -> float:
        """Rough seconds of work for a second of sound on two cores, with or without the refiner."""
        return limits.cost(refined=refined)

    def latency_seconds(self, sample_rate: float, lookahead: LookaheadName = "full") -> float:
        """How far a stream's output may lag behind its input at that rate, below one second."""
        settings = ChainSettings(next(iter(self.net.singers)), lookahead=lookahead)
        lag = SliceEngine(self.net, settings, self.card_level).lag_seconds
        if lookahead == "short":
            return lag + lag_seconds(sample_rate, ANALYSIS_RATE) + lag_seconds(VOICE_RATE, sample_rate)
        return lag + (RESAMPLERS_SECONDS if sample_rate >= 16000 else RESAMPLERS_SLOW_SECONDS)

    def stream(
        self,
        sample_rate: float,
        settings: ChainSettings,
        stem_level: Level | None = None,
        *,
        slice_frames: int = 0,
        keep: Keeper = afresh,
        retuned: bool = False,
        recording: TimedRecording | None = None,
    ) -> "VoiceStream":
        """Begin a conversion of mono audio; without a level it starts from the voice's own."""
        level = stem_level or self.card_level
        engine = SliceEngine(
            self.net, settings, level, slice_frames, self.sha256, keep, retuned=retuned, recording=recording
        )
        kind = PromptResampler if settings.lookahead == "short" else StreamResampler
        return VoiceStream(engine, sample_rate, kind)

    def render(
        self, stem: Stem, settings: ChainSettings, curves: Curves, keep: Keeper = afresh
    ) -> Iterator[Samples]:
        """Convert a whole stem: blocks (n,) in order, `stem.frames` samples together."""
        heard = stem.recording or stem
        if stem.recording is not None:  # is heard whole before anything is sung
            settings = replace(settings, lookahead="full")
        level = measure(heard.blocks(), heard.sample_rate) if settings.level == "measured" else None
        stream = self.stream(
            stem.sample_rate,
            settings,
            level,
            slice_frames=LONG_SLICE if settings.lookahead == "full" else 0,
            keep=keep,
            retuned=bool(melody.at_work(curves)),
            recording=TimedRecording(_at16k(heard), stem.time) if stem.recording else None,
        )
        for block in stem.blocks():
            yield stream.push(block, curves)
        yield stream.flush(curves)

    def convert(
        self, audio: Samples, sample_rate: float, settings: ChainSettings, curves: Curves = AT_REST
    ) -> Samples:
        """Convert a whole mono stem (frames,), same length and rate."""
        block = int(BLOCK_SECONDS * sample_rate)
        stem = Stem(
            len(audio), sample_rate, lambda: (audio[i : i + block] for i in range(0, len(audio), block))
        )
        return np.concatenate(list(self.render(stem, settings, curves)))


def _at16k(stem: Stem) -> Samples:
    """A whole stem as a voice hears it, (n,) at 16 kHz."""
    inward = StreamResampler(stem.sample_rate, ANALYSIS_RATE)
    pieces = [inward.push(np.clip(block, -LOUDEST, LOUDEST)[None])[0] for block in stem.blocks()]
    return np.concatenate([*pieces, inward.push(np.zeros((1, 0), np.float32), last=True)[0]])


class VoiceStream:
    """One mono conversion in progress at the caller's rate."""

    def __init__(
        self,
        engine: SliceEngine,
        sample_rate: float,
        resampler: type[StreamResampler] | type[PromptResampler] = StreamResampler,
    ) -> None:
        self._rate = sample_rate
        self._inward = resampler(sample_rate, ANALYSIS_RATE)
        self._outward = resampler(VOICE_RATE, sample_rate)
        self._engine = engine
        self._pad = np.zeros(engine.slice_frames * ANALYSIS_HOP, np.float32)
        self._taken = self._given = 0

    def push(self, samples: Samples, curves: Curves) -> Samples:
        """Take (n,) samples, return those that are settled, never more than were taken."""
        self._taken += len(samples)
        sane = np.clip(samples, -LOUDEST, LOUDEST)
        settled = self._engine.push(self._inward.push(sane[None])[0], curves)
        return self._give(self._outward.push(settled[None])[0])

    def flush(self, curves: Curves) -> Samples:
        """The rest: as many samples as are still owed. The stream ends."""
        rest = self._inward.push(np.zeros((1, 0), np.float32), last=True)[0]
        pieces = [self._give(self._outward.push(self._engine.push(rest, curves)[None])[0])]
        owed = math.ceil((self._taken - self._given) * VOICE_RATE / self._rate) + VOICE_RATE // 4
        while owed > 0:
            settled = self._engine.push(self._pad, curves)[:owed]
            owed -= len(settled)
            pieces.append(self._give(self._outward.push(settled[None], last=owed <= 0)[0]))
        return np.concatenate([*pieces, np.zeros(self._taken - self._given, np.float32)])

    def _give(self, samples: Samples) -> Samples:
        ready = samples[: self._taken - self._given]
        self._given += len(ready)
        return ready
