"""The second stage: what was heard becomes what is to be sung, as the curves stand; milliseconds of work.

Phrases are sung independently of each other, because the phase that goes on over a cut is carried here.

T frames of `hop` samples; frame k lies `k * hop` samples after the first one heard.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain.config import ChainSettings
from svcfx.chain.pitch import melody, vibrato
from svcfx.chain.scales import scale
from svcfx.chain.svc.heard import Heard, Hearing, Values
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.svc.phrases import FADE_SECONDS
from svcfx.chain.voice import Curves

FOLLOWED_PER_SECOND = 100
"""Places at which `loudness_follow` is read."""


@dataclass(frozen=True, eq=False)
class Take:
    """What is sung, and how.

    Attributes:
        first: Sample of the stem that `audio` (n,) begins at; negative when a phrase begins early.
        content: (C, T), drawn towards the singer's own.
        f0_hz: (T,), drawn to its notes, transposed, gaps filled; voiced: (T,), 1 where a pitch was heard.
        volume: (T,), root mean square.
        noise, blend: (T,), as the knobs stand.
        depth: Of the refiner, 0 to 1.
        start_cycles: Phase of the fundamental at the first frame.
        formant: (T,), semitones; None where they stay, or the voice cannot move them.
        stop: Sample of the stem where the phrase ends and another may go on; -1 in a stream.
        follow: `loudness_follow` at the places of `followed_at`.
        kept: First frame of which something reaches the stem, and the one behind the last; what lies around
            them is heard with the phrase.
    """

    first: int
    audio: torch.Tensor
    content: torch.Tensor
    f0_hz: torch.Tensor
    voiced: torch.Tensor
    volume: torch.Tensor
    noise: torch.Tensor
    blend: torch.Tensor
    depth: float
    start_cycles: float = 0.0
    formant: torch.Tensor | None = None
    stop: int = -1
    follow: Values = field(default_factory=lambda: np.zeros(1))
    kept: tuple[int, int] = (0, sys.maxsize)

    @property
    def frames(self) -> int:
        """T."""
        return int(self.f0_hz.shape[0])


def followed_at(samples: int, sample_rate: int) -> NDArray[np.int64]:
    """Samples, from the first one heard, at which `loudness_follow` is read."""
    step = sample_rate // FOLLOWED_PER_SECOND
    return np.arange(0, samples + step, step)


class Scorer(Hearing):
    """Hears phrases, and says what is to be sung of them as the curves stand."""

    def __init__(self, parts: VoiceParts, settings: ChainSettings, curves: Curves) -> None:
        super().__init__(parts, settings)
        self._curves = curves

    def take(
        self,
        first: int,
        audio: Samples,
        pitch: tuple[Values, Values],
        *,
        start_cycles: float = 0.0,
        heard: Samples | None = None,
    ) -> Take:
        """The phrase that begins at sample `first`, its pitch already known; `heard` as in `pitch`."""
        return self.score(self.heard(first, audio, pitch, heard), start_cycles)

    def score(self, heard: Heard, start_cycles: float = 0.0) -> Take:
        """What is to be sung of a phrase, whose fundamental begins at that phase."""
        seconds = self._seconds(heard.first, heard.frames)
        voiced = torch.from_numpy(heard.voiced)
        formant = self._values("formant_semitones", seconds) if self._parts.family.formants else np.zeros(1)
        return Take(
            heard.first,
            heard.audio,
            self._drawn(heard.content, voiced, seconds),
            torch.from_numpy(self.transposed(heard.first, self._drawn_to_notes(heard))).float(),
            voiced.float(),
            heard.volume,
            torch.from_numpy(self._values("noise", seconds)).float(),
            torch.from_numpy(self._values("blend", seconds)).float(),
            float(self._values("diffusion_depth", seconds[len(seconds) // 2 :][:1])[0]),
            start_cycles,
            torch.from_numpy(formant) if formant.any() else None,
            heard.stop,
            self._followed(heard),
            self._kept(heard),
        )

    def scores(self, phrases: Sequence[Heard], after: Take | None = None) -> tuple[Take, ...]:
        """Phrases in order, `after` being the one before the first; where one was cut, its phase goes on."""
        made: list[Take] = []
        for phrase in phrases:
            goes_on = after is not None and phrase.start == after.stop >= 0
            cycles = self._cycles_at(after, phrase.first) if goes_on and after is not None else 0.0
            after = self.score(phrase, cycles)
            made.append(after)
        return tuple(made)

    def _cycles_at(self, take: Take, sample: int) -> float:
        """Phase of a take's fundamental at a sample of the stem: what it began with, and f0 added up."""
        frames, inside = divmod(sample - take.first, self._parts.hop)
        f0 = take.f0_hz.double()
        samples = float(f0[:frames].sum()) * self._parts.hop + float(f0[frames]) * inside
        return (take.start_cycles + samples / self._parts.sample_rate) % 1.0

    def _kept(self, heard: Heard) -> tuple[int, int]:
        """Frames of a phrase and of its fades; all that was heard in a stream."""
        if heard.start < 0:
            return 0, heard.frames
        hop, fade = self._parts.hop, int(FADE_SECONDS * self._parts.sample_rate)
        first = max(heard.start - fade - heard.first, 0) // hop
        return first, min(-(-(heard.stop + fade - heard.first) // hop), heard.frames)

    def _followed(self, heard: Heard) -> Values:
        places = heard.first + followed_at(len(heard.audio), self._parts.sample_rate)
        return self._values("loudness_follow", np.maximum(places, 0) / self._parts.sample_rate)

    def transposed(self, first: int, f0_hz: Values) -> Values:
        """f0 (T,) of the frames from sample `first` on, as it is to be sung."""
        seconds = self._seconds(first, len(f0_hz))
        semitones = self._values("transpose_semitones", seconds) + vibrato.semitones(self._curves, seconds)
        return np.asarray(f0_hz * 2.0 ** (semitones / 12.0))

    def _drawn_to_notes(self, heard: Heard) -> Values:
        """f0 (T,) of a phrase as `retune` stands, in the key that it was sung in."""
        if not melody.at_work(self._curves):
            return heard.f0_hz
        rate, hop = self._parts.sample_rate, self._parts.hop
        origin = (heard.first + 0.5 * hop) / rate
        line = melody.Melody(scale(self._settings.scale), hop / rate, origin)
        return melody.drawn(heard.f0_hz, heard.voiced, line, self._curves)

    def _drawn(self, content: torch.Tensor, voiced: torch.Tensor, seconds: Values) -> torch.Tensor:
        """Content drawn towards the singer's own, less so where nobody sings a pitch and `protect` is up."""
        rate = torch.from_numpy(self._values("index_rate", seconds))
        bank = self._parts.bank
        if bank is None or not bool(rate.any()):
            return content
        protect = torch.from_numpy(self._values("protect", seconds))
        ratio = (rate * (1.0 - protect * (1.0 - voiced))).float()
        stored = self._settings.index_search == "stored"
        return bank.draw(content.T, self._settings.singer, ratio[:, None], stored=stored).T

    def _seconds(self, first: int, frames: int) -> Values:
        """Middles of the frames, from the start of the stem."""
        samples = first + (np.arange(frames) + 0.5) * self._parts.hop
        return np.asarray(np.maximum(samples, 0.0) / self._parts.sample_rate, np.float64)

    def _values(self, knob: str, seconds: Values) -> Values:
        return np.asarray(self._curves[knob].at(seconds), np.float64)
