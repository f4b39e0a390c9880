"""CREPE through torchcrepe's network and weights, without its random dither (one door to torchcrepe)."""

from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.chain.config import ANALYSIS_HOP, SLICE, PitchName
from svcfx.chain.nets.torchaudio_import import ensure_torchaudio
from svcfx.chain.pitch.protocol import SILENT_PEAK, VOICED_FROM, WINDOW, Pitch, unvoiced

Capacity = Literal["full", "tiny"]
WINDOW_SIZE = 1024
BINS = 360
CENTS_PER_BIN = 20.0
LOWEST_CENTS = 1997.3794084376191
"""Cents of bin 0 above 10 Hz, CREPE's own constant (Kim et al., 2018): about 31.7 Hz."""
REACH = 4
BOUNDS_HZ = (46.0, 2006.0)


def capacity_of(name: PitchName) -> Capacity:
    """The size of network that a tracker's name asks for."""
    return "tiny" if name == "crepe-tiny" else "full"


class Crepe:
    """CREPE on windows of 32 frames; pitch is the weighted mean of nine bins about the strongest."""

    window, early = WINDOW, 1
    before = WINDOW_SIZE // 2 + ANALYSIS_HOP
    after = WINDOW_SIZE // 2

    def __init__(self, capacity: Capacity) -> None:
        ensure_torchaudio()
        import torchcrepe  # after torchaudio imports; takes a second, so only when asked for

        self.net = torchcrepe.Crepe(capacity)
        weights = Path(torchcrepe.__file__).parent / "assets" / f"{capacity}.pth"
        self.net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        self.net.eval().requires_grad_(False)

    def track(self, audio: NDArray[np.float32]) -> Pitch:
        """Pitch (32,) of one window of 6,304 samples."""
        if float(np.abs(audio).max(initial=0.0)) < SILENT_PEAK:
            return unvoiced(SLICE)
        frames = torch.from_numpy(np.array(audio)).unfold(0, WINDOW_SIZE, ANALYSIS_HOP)[:SLICE]
        frames = frames - frames.mean(1, keepdim=True)
        spread = frames.std(1, keepdim=True)
        silent = (spread[:, 0] < SILENT_PEAK).numpy()
        with torch.inference_mode():
            activation = self.net(frames / spread.clamp_min(1e-10)).numpy().astype(np.float64)
        return _decode(activation, silent)


def _decode(activation: NDArray[np.float64], silent: NDArray[np.bool_]) -> Pitch:
    cents = LOWEST_CENTS + CENTS_PER_BIN * np.arange(BINS)
    hz = 10.0 * 2.0 ** (cents / 1200.0)
    allowed = np.where((hz >= BOUNDS_HZ[0]) & (hz <= BOUNDS_HZ[1]), activation, 0.0)
    best = allowed.argmax(1)
    near = np.clip(best[:, None] + np.arange(-REACH, REACH + 1), 0, BINS - 1)
    weight = np.take_along_axis(allowed, near, axis=1)
    mean = (weight * cents[near]).sum(1) / np.maximum(weight.sum(1), 1e-12)
    confidence = np.where(silent, 0.0, allowed.max(1))
    voiced = confidence >= VOICED_FROM
    return Pitch(np.where(voiced, 10.0 * 2.0 ** (mean / 1200.0), 0.0), confidence, voiced)


@cache
def load(capacity: Capacity) -> Crepe:
    """The tracker, once a process and capacity."""
    return Crepe(capacity)
