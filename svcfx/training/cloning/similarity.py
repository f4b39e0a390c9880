"""How like two recordings' speakers are, by a judge that no voice is made with: the one door to Resemblyzer.

Source: L. Wan et al., "Generalized end-to-end loss for speaker verification", ICASSP 2018.
"""

import contextlib
import io
import warnings
from functools import cache
from typing import Any

import numpy as np

from svcfx.audio import Samples
from svcfx.chain.config import ANALYSIS_RATE
from svcfx.dsp.resample import resample
from svcfx.errors import MissingPartError

PARTIALS_A_SECOND = 4.0
RMS = 10.0 ** (-30.0 / 20.0)


def similarity(left: Samples, right: Samples, sample_rate: int) -> float:
    """Cosine of the GE2E embeddings of two mono recordings (n,).

    Raises:
        MissingPartError: Resemblyzer is not installed.
    """
    one, other = (embedding(audio, sample_rate) for audio in (left, right))
    return float(one @ other)


def embedding(audio: Samples, sample_rate: int) -> Samples:
    """Who is heard in a mono recording (n,): the GE2E embedding, (256,), of unit length.

    Raises:
        MissingPartError: Resemblyzer is not installed.
    """
    heard = resample(audio[None], sample_rate, ANALYSIS_RATE)[0]
    scale = RMS / (float(np.sqrt(np.mean(heard.astype(np.float64) ** 2))) + 1e-9)
    levelled = (heard * scale).astype(np.float32)
    return np.asarray(_encoder().embed_utterance(levelled, rate=PARTIALS_A_SECOND), np.float32)


@cache
def _encoder() -> Any:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            from resemblyzer import VoiceEncoder
        except ImportError as error:
            raise MissingPartError(
                "how like two voices are was not measured: Resemblyzer is not installed",
                hint='pip install "svcfx[clone]"',
            ) from error
        return VoiceEncoder("cpu", verbose=False)
