"""FCPE through torchfcpe's network and weights (one door to torchfcpe).

Source: Y. Luo et al., "FCPE: a fast context-based pitch estimation model", 2025; torchfcpe's wheel (MIT).
"""

import contextlib
import io
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.chain.nets.torchaudio_import import ensure_torchaudio
from svcfx.chain.pitch.frames import between
from svcfx.chain.pitch.protocol import Pitch, Values

HOP = 160
VOICED_FROM = 0.05
"""Peak from which on 4.1 calls a frame voiced."""
REACH = 4
LOG_10_HZ = float(np.log(10.0))


class Fcpe:
    """FCPE on a whole take; 32.7 to 1976 Hz, hops of 10 ms."""

    def __init__(self) -> None:
        ensure_torchaudio()
        with contextlib.redirect_stdout(io.StringIO()):  # it prints about librosa and devices
            import torchfcpe
            from torchfcpe.models_infer import InferCFNaiveMelPE

            stored = torch.load(
                Path(torchfcpe.__file__).parent / "assets" / "fcpe_c_v001.pt",
                map_location="cpu",
                weights_only=True,
            )
            sizes = stored["config_dict"]
            sizes["model"] |= {"conv_dropout": 0.0, "atten_dropout": 0.0}
            net = InferCFNaiveMelPE(torchfcpe.tools.DotDict(sizes), stored["model"])
        self._net = net.eval().requires_grad_(False)

    def hops(self, audio16k: NDArray[np.float32]) -> tuple[Values, Values]:
        """Natural log of Hz and peak, (n // 160 + 1,) each, of a take (n,) that is not empty."""
        wave = torch.from_numpy(np.clip(audio16k, -1.0, 1.0))[None, :, None]
        with torch.inference_mode():
            likely = self._net.model(self._net.wav2mel(wave, 16000))[0].double()
        peak, best = likely.max(1)
        near = (best[:, None] + torch.arange(-REACH, REACH + 1)).clamp(0, likely.shape[1] - 1)
        weight = likely.gather(1, near)
        cents = (weight * self._net.model.cent_table.double()[near]).sum(1) / weight.sum(1)
        return LOG_10_HZ + cents.numpy() / 1200.0 * np.log(2.0), peak.numpy()

    def whole(self, audio16k: NDArray[np.float32], samples: Values) -> Pitch:
        """Pitch (T,) of a whole take (n,) at places (T,), in samples of 16 kHz."""
        log_hz, peak = self.hops(audio16k)
        return between(log_hz, peak, samples / HOP, VOICED_FROM)


@cache
def load() -> Fcpe:
    """The tracker, once a process."""
    return Fcpe()
