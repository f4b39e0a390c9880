"""One phrase as the voice hears it: content, pitch and loudness on the generator's frames.

T frames of `hop` samples; frame k lies `k * hop` samples after the first one heard.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain import contentvec, units
from svcfx.chain.config import ChainSettings
from svcfx.chain.f0.gaps import bridged
from svcfx.chain.pitch.phrase import phrase_f0
from svcfx.chain.rvc import hearing
from svcfx.chain.svc.parts import Parts
from svcfx.chain.voice import Curves
from svcfx.chain.volume import frame_volume

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Take:
    """What is sung, and how.

    Attributes:
        first: Sample of the stem that `audio` (n,) begins at; negative when a phrase begins early.
        content: (C, T), drawn towards the singer's own.
        f0_hz: (T,), transposed, gaps filled; voiced: (T,), 1 where a pitch was heard.
        volume: (T,), root mean square.
        noise, blend: (T,), as the knobs stand.
        depth: Of the refiner, 0 to 1.
        start_cycles: Phase of the fundamental at the first frame.
        formant: (T,), semitones; None where they stay, or the voice cannot move them.
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

    @property
    def frames(self) -> int:
        """T."""
        return int(self.f0_hz.shape[0])


class Ear:
    """Hears phrases for one voice with one set of settings and curves."""

    def __init__(self, parts: Parts, settings: ChainSettings, curves: Curves) -> None:
        self._parts, self._settings, self._curves = parts, settings, curves

    def pitch(self, audio: Samples, heard: Samples | None = None) -> tuple[Values, Values]:
        """f0 and voicing (T,) of what was sung, gaps filled by the rules of the voice's family.

        Args:
            heard: The same at 16 kHz, for a family that hears at that rate.
        """
        parts, settings = self._parts, self._settings
        if heard is None:
            wave, rate, hop = audio, parts.sample_rate, parts.hop
        else:
            wave, rate, hop = heard, hearing.RATE, hearing.HOP
        if parts.generator is not None and not parts.generator.config.pitch:
            return np.zeros(len(wave) // hop), np.ones(len(wave) // hop)
        found = phrase_f0(
            wave, rate, hop, settings.pitch, gaps=parts.family.gaps, octave_repair=settings.octave_repair
        )
        if parts.family.gaps == "open" and settings.unvoiced_f0 == "filled":
            return bridged(found.f0_hz)
        return found.f0_hz, found.voiced

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
        frames = len(pitch[0]) if heard is None else min(hearing.frames_in(len(heard)), len(pitch[0]))
        f0, voiced = pitch[0][:frames], pitch[1][:frames]
        seconds = self._seconds(first, len(f0))
        wave = torch.from_numpy(np.ascontiguousarray(audio, np.float32))
        sung = torch.from_numpy(voiced)
        content = self.content(wave, frames) if heard is None else self._content16k(heard, frames)
        formant = self._values("formant_semitones", seconds) if self._parts.family.formants else np.zeros(1)
        return Take(
            first,
            wave,
            self._drawn(content, sung, seconds),
            torch.from_numpy(self.transposed(first, f0)).float(),
            sung.float(),
            frame_volume(wave[None], self._parts.hop)[0][:frames],
            torch.from_numpy(self._values("noise", seconds)).float(),
            torch.from_numpy(self._values("blend", seconds)).float(),
            float(self._values("diffusion_depth", seconds[len(seconds) // 2 :][:1])[0]),
            start_cycles,
            torch.from_numpy(formant) if formant.any() else None,
        )

    def transposed(self, first: int, f0_hz: Values) -> Values:
        """f0 (T,) of the frames from sample `first` on, as it is to be sung."""
        semitones = self._values("transpose_semitones", self._seconds(first, len(f0_hz)))
        return np.asarray(f0_hz * 2.0 ** (semitones / 12.0))

    def content(self, audio: torch.Tensor, frames: int) -> torch.Tensor:
        """Content (C, T) of audio (n,) at the voice's rate."""
        return self._encoded(contentvec.to_encoder_rate(audio.cpu(), self._parts.sample_rate), frames)

    def own_content(self, audio: torch.Tensor, frames: int) -> torch.Tensor:
        """Content (C, T) of what this voice sang, whose level is not the stem's."""
        own = self._parts.about(lambda _encoder: None)
        return Ear(own, self._settings, self._curves).content(audio, frames)

    def _content16k(self, heard: Samples, frames: int) -> torch.Tensor:
        """Content (C, T) of audio (n,) that is at the encoder's rate already."""
        return self._encoded(torch.from_numpy(np.ascontiguousarray(heard, np.float32)), frames)

    def _encoded(self, audio16k: torch.Tensor, frames: int) -> torch.Tensor:
        found = self._parts.encoder(audio16k.to(self._parts.device)).float().cpu()
        return units.spread(found, frames, self._parts.unit_mode)

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
