"""What can be said of a whole mono stem before anybody sings it: its level and its pitch."""

from collections.abc import Iterable

import numpy as np
import torch

from svcfx.audio import Samples
from svcfx.chain import mel
from svcfx.chain.config import (
    ANALYSIS_HOP,
    ANALYSIS_RATE,
    DEFAULT_TRACKER,
    FRAMES_PER_SECOND,
    LONG_SLICE,
    SLICE,
    PitchName,
)
from svcfx.chain.parametric import level
from svcfx.chain.parametric.level import Level
from svcfx.chain.pitch import Pitch, identity, tracker
from svcfx.chain.pitch.contour import Contour
from svcfx.chain.track import RowBuffer
from svcfx.dsp.resample import StreamResampler, frames_after
from svcfx.keeping import Keeper, afresh

BLOCK_SECONDS = 8
LOUDEST = np.float32(1e4)
"""Nothing above +80 dBFS is heard; squares of a broken plugin's output would leave float32."""
WINDOWS = LONG_SLICE // SLICE
"""Windows whose pitch is kept together."""
MEASURED_FRAMES = 30_000
"""Frames that a level is measured on; a longer stem is read at every second, third, ... frame."""


def measure(blocks: Iterable[Samples], sample_rate: float) -> Level:
    """Level of a mono stem that comes in blocks (n,), in memory that does not grow past ten minutes."""
    resampler = StreamResampler(sample_rate, ANALYSIS_RATE)
    heard = _Thinned()
    for block in blocks:
        heard.push(resampler.push(np.clip(block, -LOUDEST, LOUDEST)[None])[0])
    heard.push(resampler.push(np.zeros((1, 0), np.float32), last=True)[0])
    return level.measure(heard.frames())


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


def analyse(
    audio: Samples,
    sample_rate: float,
    pitch: PitchName = DEFAULT_TRACKER,
    *,
    octave_repair: bool = True,
    keep: Keeper = afresh,
) -> Pitch:
    """Pitch of a mono stem (frames,) at 10 ms frames, from one centred on sample 0 on; `keep` may know that
    of some windows already."""
    resampler = StreamResampler(sample_rate, ANALYSIS_RATE)
    chosen = tracker(pitch, octave_repair=octave_repair)
    block = int(BLOCK_SECONDS * sample_rate)
    starts = range(0, len(audio), block)
    loudness_db = measure((audio[start : start + block] for start in starts), sample_rate).loudness_db
    contour, heard = Contour(chosen, octave_repair, loudness_db, identity(pitch)), RowBuffer()
    for start in starts:
        last = start == starts[-1]
        heard.append(resampler.push(audio[None, start : start + block], last=last)[0])
        if last:
            heard.append(np.zeros(chosen.after + 2 * SLICE * ANALYSIS_HOP, np.float32))
        while heard.end >= contour.needs(contour.windows + 1):
            many = heard.end >= contour.needs(contour.windows + WINDOWS)
            contour.advance(heard, WINDOWS if many else 1, keep if many else afresh)
            heard.forget(contour.windows * SLICE * ANALYSIS_HOP - ANALYSIS_RATE)
    frames = frames_after(len(audio), sample_rate, FRAMES_PER_SECOND)
    return contour.pitch(min(frames, contour.f0.end))
