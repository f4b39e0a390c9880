"""How good speech sounds, by two predictors trained on people's ratings: DNSMOS P.808 and distillmos.

Sources: C. Reddy et al., "DNSMOS P.835", ICASSP 2022; B. Stahl and H. Gamper, "Distillation and pruning for
scalable self-supervised representation-based speech quality assessment", ICASSP 2025.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE = 16000


def dnsmos(audio: Samples) -> float:
    """P.808 of audio at 16 kHz, (frames,)."""
    return float(_p808()(np.clip(audio, -1.0, 1.0), RATE, False)["p808_mos"])


def distilled(audio: Samples) -> float:
    """distillmos of audio at 16 kHz, (frames,)."""
    with torch.inference_mode():
        return float(_model()(torch.from_numpy(audio.astype(np.float32))[None]).squeeze())


class _Unasked:
    """In the place of the network for the other three scores, which is most of the work."""

    def run(self, *_: object) -> NDArray[np.float32]:
        return np.zeros((1, 1, 3), np.float32)


@cache
def _p808() -> Any:
    from speechmos import dnsmos

    network = str(Path(dnsmos.__file__).parent / "dnsmos_models/model_v8.onnx")
    predictor = dnsmos.DNSMOS(network, network)
    predictor.onnx_sess = _Unasked()
    return predictor


@cache
def _model() -> Any:
    from svcfx.chain.nets.torchaudio_import import ensure_torchaudio

    ensure_torchaudio()
    import distillmos

    return distillmos.ConvTransformerSQAModel().eval()
