"""A voice: nets and singers, and what can be asked of them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from svcfx.audio import Samples
from svcfx.chain import mel
from svcfx.chain.config import (
    ANALYSIS_HOP,
    ANALYSIS_RATE,
    FRAMES_PER_SECOND,
    LONG_SLICE,
    SLICE,
    VOICE_RATE,
    ChainSettings,
    PitchName,
)
from svcfx.chain.contour import Contour
from svcfx.chain.parametric import level
from svcfx.chain.parametric.level import Level
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.pitch import Pitch, tracker
from svcfx.chain.stream import Curves, SliceEngine
from svcfx.chain.track import Track
from svcfx.dsp.resample import StreamResampler, frames_after
from svcfx.lanes import Lane

LevelName = Literal["measured", "card"]
RESAMPLERS_SECONDS, RESAMPLERS_SLOW_SECONDS = 0.13, 0.22
"""What both resamplers hold back at most, from 16 kHz on and below: 0.11 s and 0.20 s were measured."""
BLOCK_SECONDS = 8
LOUDEST = np.float32(1e4)
"""Nothing above +80 dBFS is heard; squares of a broken plugin's output would leave float32."""
MEASURED_FRAMES = 30_000
"""Frames that a level is measured on; a longer stem is read at every second, third, ... frame."""
NEUTRAL: Curves = {
    "transpose_semitones": Lane.constant(0.0),
    "formant_semitones": Lane.constant(0.0),
    "loudness_follow": Lane.constant(0.7),
}


@dataclass(frozen=True, eq=False)
class Voice:
    """One shipped voice; several conversions may share it, its weights are never written."""

    name: str
    net: ParametricNet
    stream_loudness_db: float = -20.0

    @property
    def card_level(self) -> Level:
        """The level that a stream starts from: the card's loudness, the training material's colour."""
        return Level(self.stream_loudness_db, self.net.reference)

    @property
    def singers(self) -> tuple[str, ...]:
        """Names of the singers in this voice."""
        return tuple(self.net.singers)

    def latency_seconds(self, sample_rate: float) -> float:
        """How far a stream's output may lag behind its input at that rate, below one second."""
        settings = ChainSettings(next(iter(self.net.singers)))
        engine = SliceEngine(self.net, settings, self.card_level, SLICE)
        return engine.lag_seconds + (RESAMPLERS_SECONDS if sample_rate >= 16000 else RESAMPLERS_SLOW_SECONDS)

    def stream(
        self,
        sample_rate: float,
        settings: ChainSettings,
        stem_level: Level | None = None,
        *,
        slice_frames: int = SLICE,
    ) -> "VoiceStream":
        """Begin a conversion of mono audio; without a level it starts from the voice's own."""
        return VoiceStream(self, sample_rate, settings, stem_level or self.card_level, slice_frames)

    def convert(
        self,
        audio: Samples,
        sample_rate: float,
        settings: ChainSettings,
        curves: Curves = NEUTRAL,
        level_from: LevelName = "measured",
    ) -> Samples:
        """Convert a whole mono stem (frames,), same length and rate."""
        stem_level = measure([audio], sample_rate) if level_from == "measured" else None
        stream = self.stream(sample_rate, settings, stem_level, slice_frames=LONG_SLICE)
        block = int(BLOCK_SECONDS * sample_rate)
        pieces = [stream.push(audio[i : i + block], curves) for i in range(0, len(audio), block)]
        return np.concatenate([*pieces, stream.flush(curves)])

    def analyse(
        self, audio: Samples, sample_rate: float, pitch: PitchName = "swift", *, octave_repair: bool = True
    ) -> Pitch:
        """Pitch of a mono stem (frames,) as a conversion at 0 semitones would follow it, 10 ms frames."""
        return analyse(audio, sample_rate, pitch, octave_repair=octave_repair)


def measure(blocks: Iterable[Samples], sample_rate: float) -> Level:
    """Level of a mono stem that comes in blocks (n,), in memory that does not grow past ten minutes."""
    resampler = StreamResampler(sample_rate, ANALYSIS_RATE)
    heard = _Thinned()
    for block in blocks:
        heard.push(resampler.push(np.clip(block, -LOUDEST, LOUDEST)[None])[0])
    heard.push(resampler.push(np.zeros((1, 0), np.float32), last=True)[0])
    return level.measure(heard.frames())


class VoiceStream:
    """One mono conversion in progress at the caller's rate."""

    def __init__(
        self, voice: Voice, sample_rate: float, settings: ChainSettings, stem_level: Level, slice_frames: int
    ) -> None:
        self._rate = sample_rate
        self._inward = StreamResampler(sample_rate, ANALYSIS_RATE)
        self._outward = StreamResampler(VOICE_RATE, sample_rate)
        self._engine = SliceEngine(voice.net, settings, stem_level, slice_frames)
        self._pad = np.zeros(slice_frames * ANALYSIS_HOP, np.float32)
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


class _Thinned:
    """Log-mel frames of a stem, every n-th only once there are many."""

    def __init__(self) -> None:
        self._rest = np.zeros(mel.WINDOW // 2, np.float32)
        self._kept: list[torch.Tensor] = []
        self._every, self._seen = 1, 0

    def push(self, audio16k: Samples) -> None:
        samples = np.concatenate([self._rest, audio16k])
        count = mel.frames_in(len(samples))
        self._rest = samples[count * ANALYSIS_HOP :]
        if count:
            frames = mel.log_mel(torch.from_numpy(samples)[None])[0].transpose(0, 1)
            first = -self._seen % self._every
            self._kept.append(frames[first :: self._every].clone())
            self._seen += count
        if sum(map(len, self._kept)) > 2 * MEASURED_FRAMES:
            self._kept = [torch.cat(self._kept)[::2].clone()]
            self._every *= 2

    def frames(self) -> torch.Tensor:
        return torch.cat(self._kept) if self._kept else torch.zeros((0, mel.BANDS))


def analyse(audio: Samples, sample_rate: float, pitch: PitchName, *, octave_repair: bool) -> Pitch:
    """Pitch of a mono stem (frames,) at 10 ms frames, from one centred on sample 0 on."""
    resampler, chosen = StreamResampler(sample_rate, ANALYSIS_RATE), tracker(pitch)
    loudness_db = measure([audio], sample_rate).loudness_db
    contour, heard = Contour(chosen, octave_repair, loudness_db), Track()
    block = int(BLOCK_SECONDS * sample_rate)
    starts = range(0, len(audio), block)
    for start in starts:
        last = start == starts[-1]
        heard.append(resampler.push(audio[None, start : start + block], last=last)[0])
        if last:
            heard.append(np.zeros(chosen.after + 2 * SLICE * ANALYSIS_HOP, np.float32))
        while heard.end >= contour.needs(contour.windows + 1):
            contour.advance(heard)
            heard.forget(contour.windows * SLICE * ANALYSIS_HOP - ANALYSIS_RATE)
    frames = frames_after(len(audio), sample_rate, FRAMES_PER_SECOND)
    return contour.pitch(min(frames, contour.f0.end))
