"""Formants moved by singing slower or faster, and playing it back at its own pace.

A decoder that sings a phrase r times as slow, with its pitch r times as low, has after playing it r times as
fast its pitch again and formants r times as high. r may move. T frames of `hop` samples, T' of the slowed
phrase.

Source: the published facts of RVC (its realtime formant shift).
"""

import math

import torch
from torch.nn import functional

_HALF_WIDTH = 16
_AT_ONCE = 1 << 15


class Slowed:
    """The pace of one phrase; `semitones` (T,) is how far formants move up."""

    def __init__(self, semitones: torch.Tensor) -> None:
        ratio = torch.pow(2.0, semitones.double().cpu() / 12.0)
        begins = torch.cat([torch.zeros(1, dtype=torch.float64), torch.cumsum(ratio, 0)])
        self.frames = max(math.ceil(float(begins[-1]) - 1e-9), 1)
        stretch = self.frames / float(begins[-1])
        self._ratio, self._begins = ratio * stretch, begins * stretch

    def latent(self, latent: torch.Tensor) -> torch.Tensor:
        """A latent (1, Z, T) on the slowed frames, (1, Z, T')."""
        place = self._places() - 0.5
        left = place.floor().clamp(0, latent.shape[-1] - 1)
        part = (place - left).clamp(0.0, 1.0).to(latent)
        low = left.long().to(latent.device)
        high = (low + 1).clamp_max(latent.shape[-1] - 1)
        return latent[..., low] * (1.0 - part) + latent[..., high] * part

    def speaker(self, embedding: torch.Tensor) -> torch.Tensor:
        """A singer (1, G, 1), or a mix that moves (1, G, T), on the slowed frames."""
        return embedding if embedding.shape[-1] == 1 else self.latent(embedding)

    def f0(self, f0_hz: torch.Tensor) -> torch.Tensor:
        """f0 (1, T) as it is sung slowly, (1, T'): as much lower as it is slower."""
        frame = self._places().long().clamp(0, f0_hz.shape[-1] - 1)
        return f0_hz[:, frame.to(f0_hz.device)] / self._ratio[frame].to(f0_hz)

    def restored(self, audio: torch.Tensor, hop: int) -> torch.Tensor:
        """Audio (1, T' hop) at its own pace again, (1, T hop), by a sinc under Hann's window."""
        time = (torch.arange(len(self._ratio) * hop, dtype=torch.float64) + 0.5) / hop
        frame = time.long().clamp_max(len(self._ratio) - 1)
        place = (self._begins[frame] + (time - frame) * self._ratio[frame]) * hop - 0.5
        width = math.ceil(_HALF_WIDTH * max(float(self._ratio.max()), 1.0))
        padded = functional.pad(audio[0].float().cpu(), (width, width))
        pieces = [
            _read(
                padded, place[first : first + _AT_ONCE], self._ratio[frame[first : first + _AT_ONCE]], width
            )
            for first in range(0, len(place), _AT_ONCE)
        ]
        return torch.cat(pieces)[None].to(audio)

    def _places(self) -> torch.Tensor:
        """Middles of the slowed frames in frames of the phrase, (T',)."""
        middle = torch.arange(self.frames, dtype=torch.float64) + 0.5
        frame = (torch.searchsorted(self._begins, middle, right=True) - 1).clamp(0, len(self._ratio) - 1)
        inside: torch.Tensor = (middle - self._begins[frame]) / self._ratio[frame]
        return frame + inside


def _read(padded: torch.Tensor, place: torch.Tensor, ratio: torch.Tensor, width: int) -> torch.Tensor:
    """Samples (n,) at places between those of a signal that has `width` zeros in front."""
    base = place.floor().long()
    taps = torch.arange(1 - width, width + 1)
    away = (place - base)[:, None] - taps
    cutoff = (1.0 / ratio.clamp_min(1.0))[:, None]
    window = 0.5 + 0.5 * torch.cos(math.pi * (away / width).clamp(-1.0, 1.0))
    kernel = cutoff * torch.sinc(cutoff * away) * window
    index = (base[:, None] + taps + width).clamp(0, len(padded) - 1)
    return (padded[index].double() * kernel).sum(1).float()
