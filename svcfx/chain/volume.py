"""Loudness of a voice frame by frame, as the 4.1 family reads it.

Source: the published facts of so-vits-svc 4.1.
"""

import torch
from torch.nn import functional


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
