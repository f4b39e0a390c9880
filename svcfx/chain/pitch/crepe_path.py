"""CREPE as the so-vits-svc families call it: the likeliest path over a whole take, without random dither.

`svcfx.chain.pitch.crepe` is the tracker that streams; this one looks at a take as a whole.

Source: J. W. Kim et al., "CREPE", 2018; the published facts of so-vits-svc.
"""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.chain.pitch import crepe
from svcfx.chain.torchaudio_import import ensure_torchaudio

Track = NDArray[np.float64]
LOWEST_HZ, HIGHEST_HZ = 50.0, 1100.0
_BATCH = 1024
_REACH_BINS = 12


def crepe_track(audio: NDArray[np.float32], rate_hz: int, hop: int, capacity: crepe.Capacity) -> Track:
    """f0 of a mono take (n,), about one value each `hop` samples; this tracker calls nothing unvoiced."""
    ensure_torchaudio()
    import torchcrepe

    net = crepe.load(capacity).net
    batches = torchcrepe.preprocess(torch.from_numpy(audio)[None], rate_hz, hop, _BATCH, "cpu", True)
    with torch.inference_mode():
        parts = [_path(net(frames).numpy()) for frames in batches]
    cents = crepe.LOWEST_CENTS + crepe.CENTS_PER_BIN * np.concatenate(parts)
    return np.asarray(10.0 * 2.0 ** (cents / 1200.0))


def _path(activation: NDArray[np.float32]) -> NDArray[np.int64]:
    """Bin of each frame on the likeliest path through activations (T, 360)."""
    low, high = (1200.0 * np.log2(hz / 10.0) for hz in (LOWEST_HZ, HIGHEST_HZ))
    first = int(np.floor((low - crepe.LOWEST_CENTS) / crepe.CENTS_PER_BIN))
    last = int(np.ceil((high - crepe.LOWEST_CENTS) / crepe.CENTS_PER_BIN))
    weight = np.zeros(activation.shape, np.float64)
    weight[:, first:last] = np.exp(activation[:, first:last])
    scores = np.log(weight / weight.sum(1, keepdims=True) + _TINY)
    back = np.zeros(scores.shape, np.int64)
    best = scores[0] - np.log(crepe.BINS)
    for t in range(1, len(scores)):
        arriving = best[:, None] + _moves()
        back[t] = arriving.argmax(0)
        best = arriving[back[t], np.arange(crepe.BINS)] + scores[t]
    path = np.empty(len(scores), np.int64)
    path[-1] = best.argmax()
    for t in range(len(scores) - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path


_TINY = float(np.finfo(np.float32).tiny)


@cache
def _moves() -> Track:
    """Log likelihood of moving from a bin to another, (360, 360): a triangle 12 bins to each side."""
    bins = np.arange(crepe.BINS)
    near = np.maximum(_REACH_BINS - np.abs(bins[:, None] - bins), 0).astype(np.float64)
    return np.asarray(np.log(near / near.sum(1, keepdims=True) + _TINY))
