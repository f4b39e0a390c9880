"""The first stage: a phrase as the voice hears it, content, pitch and loudness on the generator's frames.

Nothing that a lane moves is read here, so that where a lane moves nothing is heard again. T frames of `hop`
samples; frame k lies `k * hop` samples after the first one heard.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain import device
from svcfx.chain.config import ChainSettings
from svcfx.chain.content import contentvec, units
from svcfx.chain.loudness import frame_volume
from svcfx.chain.pitch import identity
from svcfx.chain.pitch.gaps import bridged
from svcfx.chain.pitch.phrase import phrase_f0
from svcfx.chain.svc import rvc
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.voice import Phrase
from svcfx.keeping import Arrays, Keeper, afresh

VERSION = 2
"""Of this stage: a change to the code that changes its results counts one up."""
Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Heard:
    """What was sung.

    Attributes:
        first: Sample of the stem that `audio` (n,) begins at; negative when a phrase begins early.
        start, stop: Where the phrase itself lies, without what is heard around it; -1 in a stream.
        content: (C, T), as the encoder gives it.
        f0_hz: (T,), its gaps as the family has them; voiced: (T,), 1 where a pitch was heard.
        volume: (T,), root mean square.
    """

    first: int
    start: int
    stop: int
    audio: torch.Tensor
    content: torch.Tensor
    f0_hz: Values
    voiced: Values
    volume: torch.Tensor

    @property
    def frames(self) -> int:
        """T."""
        return len(self.f0_hz)


class Hearing:
    """Hears phrases for one voice with one set of settings."""

    def __init__(self, parts: VoiceParts, settings: ChainSettings) -> None:
        self._parts, self._settings = parts, settings

    def hear(self, phrase: Phrase, keep: Keeper = afresh) -> Heard:
        """A phrase at the voice's rate; `keep` may know what is heard in it, wherever it lies."""
        facts = self._facts(phrase)
        known = (keep if facts else afresh)("heard", VERSION, facts, lambda: self._arrays(phrase))
        wave = torch.from_numpy(np.ascontiguousarray(phrase.audio, np.float32))
        return Heard(
            phrase.first,
            phrase.start,
            phrase.stop,
            wave,
            torch.tensor(known["content"]),
            np.array(known["f0_hz"]),
            np.array(known["voiced"]),
            torch.tensor(known["volume"]),
        )

    def _arrays(self, phrase: Phrase) -> Arrays:
        """What is heard in a phrase, as arrays."""
        heard = self.heard(0, phrase.audio, self.pitch(phrase.audio, phrase.audio16k), phrase.audio16k)
        return {
            "content": heard.content.numpy(),
            "f0_hz": heard.f0_hz,
            "voiced": heard.voiced,
            "volume": heard.volume.numpy(),
        }

    def _facts(self, phrase: Phrase) -> tuple[Any, ...]:
        """All that this depends on; () of a voice whose encoder nobody can name."""
        parts, settings = self._parts, self._settings
        encoder = parts.hashes.get("content", parts.hashes.get("encoder", ""))
        if not encoder:
            return ()
        pitched = parts.generator is None or parts.generator.network.config.pitch
        rules = (parts.family.gaps, parts.sample_rate, parts.hop, parts.unit_mode, pitched)
        asked = (identity(settings.pitch), settings.octave_repair, settings.unvoiced_f0, settings.precision)
        level = None if phrase.level is None else (phrase.level.loudness_db, phrase.level.mean_mel)
        return (encoder, rules, asked, device.facts(str(parts.device)), level, phrase.audio, phrase.audio16k)

    def heard(
        self,
        first: int,
        audio: Samples,
        pitch: tuple[Values, Values],
        audio16k: Samples | None = None,
        span: tuple[int, int] = (-1, -1),
    ) -> Heard:
        """Audio (n,) that begins at sample `first`, its pitch already known; `audio16k` as in `pitch`."""
        count = len(pitch[0])
        frames = count if audio16k is None else min(rvc.frames_in(len(audio16k)), count)
        wave = torch.from_numpy(np.ascontiguousarray(audio, np.float32))
        content = self.content(wave, frames) if audio16k is None else self._content16k(audio16k, frames)
        volume = frame_volume(wave[None], self._parts.hop)[0][:frames]
        return Heard(first, *span, wave, content, pitch[0][:frames], pitch[1][:frames], volume)

    def pitch(self, audio: Samples, heard: Samples | None = None) -> tuple[Values, Values]:
        """f0 and voicing (T,) of what was sung, gaps filled by the rules of the voice's family.

        Args:
            heard: The same at 16 kHz, for a family that hears at that rate.
        """
        parts, settings = self._parts, self._settings
        if heard is None:
            wave, rate, hop = audio, parts.sample_rate, parts.hop
        else:
            wave, rate, hop = heard, rvc.RATE, rvc.HOP
        if parts.generator is not None and not parts.generator.network.config.pitch:
            return np.zeros(len(wave) // hop), np.ones(len(wave) // hop)
        found = phrase_f0(
            wave, rate, hop, settings.pitch, gaps=parts.family.gaps, octave_repair=settings.octave_repair
        )
        if parts.family.gaps == "open" and settings.unvoiced_f0 == "filled":
            return bridged(found.f0_hz)
        return found.f0_hz, found.voiced

    def content(self, audio: torch.Tensor, frames: int) -> torch.Tensor:
        """Content (C, T) of audio (n,) at the voice's rate."""
        return self._encoded(contentvec.to_encoder_rate(audio.cpu(), self._parts.sample_rate), frames)

    def own_content(self, audio: torch.Tensor, frames: int) -> torch.Tensor:
        """Content (C, T) of what this voice sang, whose level is not the stem's."""
        own = self._parts.about(lambda _encoder: None)
        return Hearing(own, self._settings).content(audio, frames)

    def _content16k(self, heard: Samples, frames: int) -> torch.Tensor:
        """Content (C, T) of audio (n,) that is at the encoder's rate already."""
        return self._encoded(torch.from_numpy(np.ascontiguousarray(heard, np.float32)), frames)

    def _encoded(self, audio16k: torch.Tensor, frames: int) -> torch.Tensor:
        found = self._parts.encoder(audio16k.to(self._parts.device)).float().cpu()
        return units.spread(found, frames, self._parts.unit_mode)
