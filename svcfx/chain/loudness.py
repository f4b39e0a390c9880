"""How loud a voice is: frame by frame as the 4.1 family reads it, and brought to that of what was sung.

Source: the published facts of so-vits-svc 4.1.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

Wave = NDArray[np.float32]
Values = NDArray[np.float64]
_QUIETEST = 1e-6


def frame_volume(audio: torch.Tensor, hop_samples: int, *, centred: bool = True) -> torch.Tensor:
    """RMS of each hop, (B, samples) -> (B, samples // hop).

    `centred` puts frame k about sample k * hop, as 4.1-Stable does; without it the frame begins there, as in
    4.1-Latest. A voice does not say which it was trained with.
    """
    power = audio.to(torch.float32).square()
    frames = audio.shape[-1] // hop_samples
    if centred:
        sides = (hop_samples // 2, (hop_samples + 1) // 2)
        mode = "reflect" if audio.shape[-1] > max(sides) else "constant"
        power = functional.pad(power[:, None], sides, mode=mode)[:, 0]
    return power[:, : frames * hop_samples].reshape(len(power), frames, hop_samples).mean(2).sqrt()


def follow(sung: Wave, rendered: Wave, rate_hz: int, keep: float | Values) -> Wave:
    """Scale `rendered` so that its loudness moves towards that of `sung`.

    Args:
        sung: The input, (n,); rendered: (m,), both at `rate_hz`. Loudness is the RMS of a second, every half.
        keep: 1 leaves the rendered loudness, 0 takes the sung one; one number or (m,).

    Returns:
        (m,) float32.
    """
    target = np.maximum(_stretched(_rms(sung, rate_hz), len(rendered)), 0.0)
    own = np.maximum(_stretched(_rms(rendered, rate_hz), len(rendered)), _QUIETEST)
    return np.asarray(rendered * target ** (1.0 - keep) * own ** (keep - 1.0), np.float32)


def _rms(audio: Wave, rate_hz: int) -> NDArray[np.float64]:
    """RMS of windows of a second about every half second, silence beyond the ends."""
    hop = rate_hz // 2
    window = 2 * hop
    power = np.pad(np.asarray(audio, np.float64) ** 2, (hop, hop))
    total = np.concatenate([[0.0], np.cumsum(power)])
    starts = np.arange(0, len(power) - window + 1, hop)
    return np.asarray(np.sqrt(np.maximum(total[starts + window] - total[starts], 0.0) / window))


def _stretched(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Linear interpolation over cells, not points: value k stands in the middle of its share of `length`."""
    position = (np.arange(length) + 0.5) * len(values) / max(length, 1) - 0.5
    return np.asarray(np.interp(position, np.arange(len(values)), values))
