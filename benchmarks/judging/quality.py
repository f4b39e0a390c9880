"""How good speech sounds, by two predictors trained on people's ratings: DNSMOS P.808 and distillmos.

Sources: C. Reddy et al., "DNSMOS P.835", ICASSP 2022; B. Stahl and H. Gamper, "Distillation and pruning for
scalable self-supervised representation-based speech quality assessment", ICASSP 2025.
"""

from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE = 16000


def dnsmos(audio: Samples) -> float:
    """P.808 of audio at 16 kHz, (frames,)."""
    from speechmos import dnsmos as predictor

    return float(predictor.run(np.clip(audio, -1.0, 1.0), sr=RATE)["p808_mos"])


def distilled(audio: Samples) -> float:
    """distillmos of audio at 16 kHz, (frames,)."""
    with torch.inference_mode():
        return float(_model()(torch.from_numpy(audio.astype(np.float32))[None]).squeeze())


@cache
def _model() -> Any:
    from svcfx.chain.torchaudio_import import ensure_torchaudio

    ensure_torchaudio()
    import distillmos

    return distillmos.ConvTransformerSQAModel().eval()
