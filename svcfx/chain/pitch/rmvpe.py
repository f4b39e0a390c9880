"""RMVPE: the tracker that RVC's users expect, its weights fetched once (`svcfx voices pull rmvpe`).

Frames are 10 ms at 16 kHz. The network reads fundamentals above about 1040 Hz an octave low, and is sure of
it; so a take is heard a second time at half its speed, where such a note lies within the network's reach.

Source: the published facts of RVC; Applio's pull request 1274 for the octave.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from svcfx.chain import places
from svcfx.chain.checkpoint import stored
from svcfx.chain.nets.torchaudio_import import ensure_torchaudio
from svcfx.chain.pitch.frames import between
from svcfx.chain.pitch.protocol import Pitch, Values
from svcfx.chain.pitch.rmvpe_net import BANDS, PITCHES, Rmvpe, build
from svcfx.dsp.resample import resample

RATE, HOP, FFT = 16_000, 160, 1024
LOWEST_HZ, HIGHEST_HZ = 30.0, 8000.0
FLOOR = 1e-5
FIRST_CENTS, STEP_CENTS = 1997.3794084376191, 20.0
"""Above 10 Hz: pitch of the first bin, and how far apart bins lie."""
REACH = 4
VOICED_FROM = 0.03
OCTAVE_FROM_HZ = 1040.0
NEAR_CENTS = 100.0
FORM = "svcfx-rmvpe-1"


def is_here() -> bool:
    """Whether the weights have been fetched."""
    return places.rmvpe_weights() is not None


def load() -> "Tracker":
    """The tracker, once a process; raises `MissingPartError` where its weights are not."""
    return _loaded(places.require_rmvpe())


@lru_cache(maxsize=2)
def _loaded(path: Path) -> "Tracker":
    return Tracker(build(stored.read(path, FORM)[1], f"pitch tracker '{path.name}'"))


class Tracker:
    """RMVPE on a whole take; 32 to 2000 Hz, hops of 10 ms."""

    def __init__(self, network: Rmvpe) -> None:
        self._network = network

    def hops(self, audio16k: NDArray[np.float32]) -> tuple[Values, Values]:
        """f0 in Hz and salience, (n // 160 + 1,) each, of a take (n,); the octave above its reach is held."""
        hz, peak = self._heard(audio16k)
        slow = resample(np.asarray(audio16k, np.float32)[None], RATE, 2 * RATE)[0]
        half, sure = (values[::2][: len(hz)] for values in self._heard(slow))
        high = (2.0 * half > OCTAVE_FROM_HZ) & (sure > VOICED_FROM) & (peak > VOICED_FROM)
        octave = np.abs(1200.0 * np.log2(np.maximum(half, 1.0) / np.maximum(hz, 1.0)))
        return np.where(high & (octave < NEAR_CENTS), 2.0 * half, hz), peak

    def whole(self, audio16k: NDArray[np.float32], samples: Values) -> Pitch:
        """Pitch (T,) of a whole take (n,) at places (T,), in samples of 16 kHz."""
        hz, peak = self.hops(audio16k)
        return between(np.log(hz), peak, samples / HOP, VOICED_FROM)

    def _heard(self, audio16k: NDArray[np.float32]) -> tuple[Values, Values]:
        with torch.inference_mode():
            frames = log_mel(torch.from_numpy(np.ascontiguousarray(audio16k, np.float32)))
            beyond = -len(frames) % self._network.sizes.step
            salience = self._network(functional.pad(frames, (0, 0, 0, beyond))[None])[0, : len(frames)]
        return decoded(salience.double().numpy())


def log_mel(audio16k: torch.Tensor) -> torch.Tensor:
    """Log of the mel bands of a take (n,), (n // 160 + 1, 128)."""
    pad = FFT // 2
    mode = "reflect" if len(audio16k) > pad else "constant"
    framed = functional.pad(audio16k[None, None], (pad, pad), mode=mode)[0, 0]
    window = torch.hann_window(FFT)
    spectrum = torch.stft(framed, FFT, HOP, FFT, window, center=False, return_complex=True).abs()
    return torch.log(torch.clamp(_filters() @ spectrum, min=FLOOR)).T


def decoded(salience: Values) -> tuple[Values, Values]:
    """f0 in Hz and salience, (T,) each, of saliences (T, 360): the mean of nine bins about the highest."""
    peak, best = salience.max(1), salience.argmax(1)
    near = best[:, None] + np.arange(-REACH, REACH + 1)
    inside = (near >= 0) & (near < PITCHES)
    weight = np.where(inside, np.take_along_axis(salience, near.clip(0, PITCHES - 1), 1), 0.0)
    cents = (weight * (FIRST_CENTS + STEP_CENTS * near)).sum(1) / np.maximum(weight.sum(1), 1e-12)
    return 10.0 * 2.0 ** (cents / 1200.0), peak


@lru_cache(maxsize=1)
def _filters() -> torch.Tensor:
    """Mel filters (128, 513) on HTK's scale, each of area 1."""
    ensure_torchaudio()
    from torchaudio.functional import melscale_fbanks

    made = melscale_fbanks(FFT // 2 + 1, LOWEST_HZ, HIGHEST_HZ, BANDS, RATE, norm="slaney", mel_scale="htk")
    return torch.as_tensor(made).T.contiguous()
