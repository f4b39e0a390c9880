"""Takes become sound: generator, then refiner and vocoder, or the enhancer, where they are asked for.

Takes of one length are sung together. B takes, T frames, N = T * hop samples.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import torch

from svcfx.chain.config import ChainSettings
from svcfx.chain.loudness import frame_volume
from svcfx.chain.svc.noise import NoiseSource, Use
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.svc.refining import Refining, enhance
from svcfx.chain.svc.shares import shares
from svcfx.chain.svc.take import Take
from svcfx.chain.vits import Generator
from svcfx.chain.vits.generator import Noise, Score
from svcfx.chain.vits.pitch import bins
from svcfx.chain.vits.slowed import Slowed

Content = Callable[[torch.Tensor, int], torch.Tensor]


class Synthesiser:
    """Sings with one voice and one set of settings; `content` encodes audio (n,) on T frames."""

    def __init__(self, parts: VoiceParts, settings: ChainSettings, content: Content) -> None:
        self._parts, self._settings, self._content = parts, settings, content
        self._others = shares(settings.blend_with, parts.singers)
        refiner, vocoder = parts.refiner, parts.vocoder
        self._refining = Refining(refiner, vocoder, settings) if refiner and vocoder else None

    def sing(self, takes: Sequence[Take]) -> torch.Tensor:
        """Audio (B, N), on the CPU, of takes of one length and one depth."""
        return self._sing(takes).float().cpu()

    def _sing(self, takes: Sequence[Take]) -> torch.Tensor:
        drawn = NoiseSource(takes, self._parts.hop, self._settings.seed, self._parts.device)
        generator, refining = self._parts.generator, self._refining
        if generator is None or self._settings.diffusion_only:
            assert refining is not None
            f0 = self._stack(takes, "f0_hz")
            return refining.alone(self._condition(refining, takes, None, f0), f0, drawn)
        if any(take.formant is not None for take in takes):
            return torch.cat([self._reshaped(generator.network, take) for take in takes])
        pace = refining.pace(takes[0].depth) if refining and takes[0].depth > 0.0 else None
        alone = pace is None and self._settings.enhancer_key is None
        audio, f0 = self._generated(generator.network, takes, drawn, _kept(takes) if alone else None)
        if refining and pace:
            condition = self._condition(refining, takes, audio, f0)
            return refining.refined(audio, condition, f0, drawn, pace)
        key, vocoder = self._settings.enhancer_key, self._parts.vocoder
        return audio if key is None or vocoder is None else enhance(vocoder, audio, f0, key)

    def _generated(
        self, generator: Generator, takes: Sequence[Take], drawn: NoiseSource, kept: tuple[int, int] | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Audio (B, N) and the f0 (B, T) that is sung in it; `kept` as in `Generator`."""
        score = self._score(generator, takes)
        prior = drawn.frames(generator.config.inter, Use.PRIOR) * self._stack(takes, "noise")[:, None]
        partials = generator.config.partials
        source = drawn.samples(Use.SOURCE, partials).transpose(1, 2)
        played = generator(
            score,
            self._speaker(generator, takes),
            Noise(prior, 1.0, drawn.phases(partials), source),
            predict_f0=self._settings.predict_f0,
            kept=kept,
        )
        return played.audio, played.f0_hz

    def _reshaped(self, generator: Generator, take: Take) -> torch.Tensor:
        """Audio (1, N) of one take whose formants move."""
        formant = torch.zeros(take.frames) if take.formant is None else take.formant
        slowed = Slowed(formant)
        drawn = NoiseSource([take], self._parts.hop, self._settings.seed, self._parts.device)
        lower = take.f0_hz * torch.pow(2.0, -formant.float() / 12.0)
        rows = bins(lower, generator.config.pitch_bins)
        score = replace(self._score(generator, [take]), rows=rows.to(self._parts.device)[None])
        prior = drawn.frames(generator.config.inter, Use.PRIOR) * self._stack([take], "noise")[:, None]
        partials = generator.config.partials
        source = drawn.samples(Use.SOURCE, partials, slowed.frames).transpose(1, 2)
        noise = Noise(prior, 1.0, drawn.phases(partials), source)
        audio: torch.Tensor = generator(score, self._speaker(generator, [take]), noise, slowed=slowed).audio
        return audio

    def _score(self, generator: Generator, takes: Sequence[Take]) -> Score:
        return Score(
            self._stack(takes, "content"),
            self._stack(takes, "f0_hz"),
            self._stack(takes, "voiced"),
            self._stack(takes, "volume") if generator.config.volume else None,
        )

    def _speaker(self, generator: Generator, takes: Sequence[Take]) -> torch.Tensor:
        """(B, G, 1), or (B, G, T) where a mix moves."""
        if not any(bool(take.blend.any()) for take in takes):
            row = torch.tensor([self._parts.singers[self._settings.singer]], device=self._parts.device)
            return generator.singer(row).expand(len(takes), -1, -1)
        return generator.mixed_singers(self._mix(takes, self._parts.singers, generator.config.speakers))

    def _mix(self, takes: Sequence[Take], rows: Mapping[str, int], count: int) -> torch.Tensor:
        """Weights (B, T, count) of a speaker table's rows."""
        singer, others = self._settings.singer, self._others
        mixes = [speaker_weights(singer, others, take.blend, rows, count) for take in takes]
        return torch.stack(mixes).to(self._parts.device)

    def _condition(
        self, refining: Refining, takes: Sequence[Take], sung: torch.Tensor | None, f0: torch.Tensor
    ) -> torch.Tensor:
        """What the refiner is told; `sung` is the generator's audio (B, N), where there is one."""
        content, volume = self._stack(takes, "content"), self._stack(takes, "volume")
        refiner, generator = self._parts.refiner, self._parts.generator
        assert refiner is not None
        if sung is not None and not (generator and generator.network.config.volume):
            volume = frame_volume(sung, self._parts.hop)
        if sung is not None and self._settings.second_encoding:
            content = torch.stack([self._content(audio, takes[0].frames) for audio in sung])
            content = content.to(self._parts.device)
        singers = refiner.singers or self._parts.singers
        speakers = refiner.network.sizes.speakers
        mix = self._mix(takes, singers, speakers) if speakers > 1 else None
        return refining.condition(content, f0, volume, mix)

    def _stack(self, takes: Sequence[Take], field: str) -> torch.Tensor:
        """A field of all takes, one row each, where the networks are."""
        return torch.stack([getattr(take, field) for take in takes]).to(self._parts.device)


def _kept(takes: Sequence[Take]) -> tuple[int, int] | None:
    """Frames that reach the stem; all of them where the loudness of what was sung is measured."""
    if any(take.follow.any() for take in takes):
        return None
    return min(take.kept[0] for take in takes), max(take.kept[1] for take in takes)


def speaker_weights(
    singer: str, others: Mapping[str, float], blend: torch.Tensor, rows: Mapping[str, int], count: int
) -> torch.Tensor:
    """Weights (T, count) of a speaker table's rows; `blend` (T,) is 0 for the singer, 1 for the others."""
    own, mix = torch.zeros(count), torch.zeros(count)
    own[rows[singer]] = 1.0
    for name, share in others.items():
        mix[rows[name]] += share
    return (1.0 - blend)[:, None] * own + blend[:, None] * mix
