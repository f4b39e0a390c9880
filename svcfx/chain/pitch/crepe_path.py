"""CREPE as the so-vits-svc families call it: the likeliest path over a whole take, without random dither.

`svcfx.chain.pitch.crepe` is the tracker that streams; this one looks at a take as a whole. The fork calls
nothing unvoiced; 4.1 smooths, and drops what the network hardly believes.

Source: J. W. Kim et al., "CREPE", 2018; the published facts of so-vits-svc.
"""

from functools import cache
from types import ModuleType

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_RATE
from svcfx.chain.nets.torchaudio_import import ensure_torchaudio
from svcfx.chain.pitch import crepe, gaps
from svcfx.dsp.weighting import NEPERS_A_DB, a_weight

Track = NDArray[np.float64]
LOWEST_HZ, HIGHEST_HZ = 50.0, 1100.0
VOICED_FROM = 0.05
SILENT_DB = -60.0
_LEAST_DB, _REFERENCE_DB, _RANGE_DB, _FAINTEST = -100.0, 20.0, 80.0, 1e-5
"""torchcrepe's: floor of a band, what is taken off, range of bands and of weights, least amplitude."""
_BATCH = 1024
_REACH_BINS = 12


def crepe_track(audio: NDArray[np.float32], rate_hz: int, hop: int, capacity: crepe.Capacity) -> Track:
    """The fork: f0 of a mono take (n,), about one value each `hop` samples, every one of them above 0."""
    return _hz(np.concatenate([_path(part) for part in _activations(audio, rate_hz, hop, capacity)]))


def crepe_voiced_track(audio: NDArray[np.float32], rate_hz: int, hop: int, capacity: crepe.Capacity) -> Track:
    """4.1: the same with 0 where nothing is sung, smoothed over three frames."""
    parts = _activations(audio, rate_hz, hop, capacity)
    path = np.concatenate([_path(part) for part in parts])
    sure = gaps.median3(np.concatenate(parts)[np.arange(len(path)), path].astype(np.float64))
    loudness_db = _loudness_db(audio, rate_hz, hop)[: len(sure)]
    heard = np.where(loudness_db < SILENT_DB, 0.0, sure) >= VOICED_FROM
    return np.nan_to_num(gaps.mean3(np.where(heard, _hz(path), np.nan)))


def _activations(
    audio: NDArray[np.float32], rate_hz: int, hop: int, capacity: crepe.Capacity
) -> list[NDArray[np.float32]]:
    """What the network makes of each frame, (up to 1024, 360); a path never leaves its batch."""
    net = crepe.load(capacity).net
    batches = _torchcrepe().preprocess(torch.from_numpy(audio)[None], rate_hz, hop, _BATCH, "cpu", True)
    with torch.inference_mode():
        return [net(frames).numpy() for frames in batches]


def _loudness_db(audio: NDArray[np.float32], rate_hz: int, hop: int) -> Track:
    """Loudness of each frame, a mean over frequencies of A-weighted decibels, as torchcrepe counts it.

    Its own function would load librosa, which compiles for ten seconds where it is new.
    """
    heard = torch.from_numpy(audio)[None]
    if rate_hz != ANALYSIS_RATE:
        heard, hop = _torchcrepe().resample(heard, rate_hz), int(hop * ANALYSIS_RATE / rate_hz)
    window = torch.hann_window(crepe.WINDOW_SIZE)
    spectrum = torch.stft(
        heard[0], crepe.WINDOW_SIZE, hop, window=window, pad_mode="constant", return_complex=True
    )
    level_db = 20.0 * np.log10(np.maximum(np.abs(spectrum.numpy().astype(np.complex128)), _FAINTEST))
    level_db = np.maximum(level_db, level_db.max() - _RANGE_DB)
    hz = np.arange(len(level_db), dtype=np.float64) * ANALYSIS_RATE / crepe.WINDOW_SIZE
    weight_db = np.maximum(a_weight(hz) / NEPERS_A_DB, -_RANGE_DB)
    return np.asarray(np.maximum(level_db + weight_db[:, None] - _REFERENCE_DB, _LEAST_DB).mean(0))


def _torchcrepe() -> ModuleType:
    ensure_torchaudio()
    import torchcrepe

    found: ModuleType = torchcrepe
    return found


def _hz(path: NDArray[np.int64]) -> Track:
    return np.asarray(10.0 * 2.0 ** ((crepe.LOWEST_CENTS + crepe.CENTS_PER_BIN * path) / 1200.0))


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
