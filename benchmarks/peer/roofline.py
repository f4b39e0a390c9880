"""How near the machine's limit: multiply-adds by shape, over what the same convolutions reach alone."""

import time
from collections.abc import Callable

import torch
from judging import results

from svcfx.chain.nets import precision
from svcfx.chain.nets.conv import Conv1d, settle

RATE, HOP = 44100, 512
SHAPES = ((256, 8), (128, 64), (64, 128), (32, 256), (16, 512))
"""Channels and samples a frame of the decoder's stages."""
KERNELS = (3, 7, 11)
DILATIONS = (1, 3, 5, 1, 1, 1)


def report() -> str:
    """The least time for the residual blocks of 10 s, in float32 and bfloat16, and what they take."""
    torch.set_num_threads(2)
    rows = []
    kinds = [("fp32", torch.float32)]
    if precision.has_bf16(torch.device("cpu")):
        kinds.append(("bf16", torch.bfloat16))
    for name, kind in kinds:
        least = total = 0.0
        for channels, samples in SHAPES:
            for kernel in KERNELS:
                rate = _alone(channels, kernel, kind)
                each = 10 * RATE / HOP * samples * channels**2 * kernel * len(DILATIONS)
                least, total = least + each / rate, total + each
        rows.append(
            (name, f"{total / 1e9:.0f}", f"{total / least / 1e9:.0f}", f"{least:.2f}", f"{_taken(kind):.2f}")
        )
    head = ("decoder, 10 s", "10^9 multiply-adds", "10^9 a second", "least, s", "taken, s")
    return results.table(head, rows)


def _alone(channels: int, kernel: int, kind: torch.dtype) -> float:
    """Multiply-adds a second of one convolution over 2^20 values."""
    frames = 2**20 // channels
    layer = Conv1d(channels, channels, kernel, padding=kernel // 2).to(kind).requires_grad_(False)
    settle(layer)
    x = torch.randn(1, frames, channels, dtype=kind).transpose(1, 2)
    work = float(channels**2 * kernel * frames)
    return work / best(lambda: layer(x))


def _taken(kind: torch.dtype) -> float:
    """Seconds of the decoder for 10 s of sound."""
    from svcfx.chain.vits import VitsConfig
    from svcfx.chain.vits.decoder import SourceFilterDecoder

    with torch.inference_mode():
        decoder = SourceFilterDecoder(VitsConfig()).eval().requires_grad_(False)
        settle(decoder)
        decoder = precision.at(decoder, "fp32" if kind == torch.float32 else "bf16")
        frames = 10 * RATE // HOP
        latent, speaker = torch.randn(1, 192, frames), torch.randn(1, 256, 1)
        source = torch.randn(1, 1, frames * HOP)
        return best(lambda: decoder(latent, speaker, source), 5)


def best(work: Callable[[], object], times: int = 7) -> float:
    """Least seconds of several."""
    found = []
    with torch.inference_mode():
        work()
        for _ in range(times):
            start = time.perf_counter()
            work()
            found.append(time.perf_counter() - start)
    return min(found)
