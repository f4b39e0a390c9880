"""Phrases heard in a recording's time, as they are sung at another tempo.

Content, pitch and volume are read between frames, so that a consonant is sung anew as it is in the recording,
only longer or shorter; nothing is heard through a stretcher. What lies around a phrase keeps its pace.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain.between import between, line
from svcfx.chain.svc.heard import Heard
from svcfx.chain.svc.phrases import PhraseSpan
from svcfx.time_map import TimeMap

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RetimedStem:
    """A stem at another tempo.

    Attributes:
        audio: It, stretched, (n,) at the voice's rate: loudness is followed by it.
        time: Seconds of the recording against its own.
    """

    audio: Samples
    sample_rate: int
    hop: int
    time: TimeMap

    def span(self, span: PhraseSpan) -> PhraseSpan:
        """Where a phrase of the recording is sung."""
        start, stop, low, high = self._places(np.array([span.start, span.stop, span.low, span.high], float))
        return PhraseSpan(start, stop, low, high)

    def heard(self, heard: Heard, pad: int) -> Heard:
        """What was heard of a phrase with `pad` samples around it, as it is to be sung."""
        start, stop = self._places(np.array([heard.start, heard.stop], float))
        first, samples = start - pad, stop - start + 2 * pad
        frames = heard.frames + samples // self.hop - len(heard.audio) // self.hop
        at = first + np.arange(frames) * float(self.hop)
        inside = np.clip(at, start, stop)
        recorded = np.clip(self._recorded(inside), heard.start, heard.stop) + at - inside
        low, share = between((recorded - heard.first) / self.hop, heard.frames)
        after = np.minimum(low + 1, heard.frames - 1)
        nearer = np.where(share < 0.5, low, after)
        weight = torch.from_numpy(share.astype(np.float32))
        wave = torch.from_numpy(self._around(first, samples))
        return replace(
            heard,
            first=first,
            start=start,
            stop=stop,
            audio=wave.to(heard.audio.dtype),
            content=torch.lerp(heard.content[:, low], heard.content[:, after], weight),
            f0_hz=line(heard.f0_hz, low, share),
            voiced=heard.voiced[nearer],
            volume=torch.lerp(heard.volume[low], heard.volume[after], weight),
        )

    def _places(self, recorded: Values) -> list[int]:
        """Samples of the stem at those of the recording."""
        return [
            round(at) for at in (self.time.played_at(recorded / self.sample_rate) * self.sample_rate).tolist()
        ]

    def _recorded(self, samples: Values) -> Values:
        return self.time.recorded_at(samples / self.sample_rate) * self.sample_rate

    def _around(self, first: int, samples: int) -> Samples:
        """The stem from sample `first` on, silence around it."""
        out = np.zeros(samples, np.float32)
        low, high = max(first, 0), min(first + samples, len(self.audio))
        out[low - first : max(high, low) - first] = self.audio[low : max(high, low)]
        return out
