"""Small copies of audio for a page, Opus in Ogg, through FFmpeg's encoder."""

import io
from fractions import Fraction

import av
import numpy as np

from svcfx.formats.sound import Samples

RATE = 48_000
"""The one rate that is written; FFmpeg resamples to it what comes at another."""
MIME = "audio/ogg"
_LAYOUTS = {1: "mono", 2: "stereo"}
_BLOCK = RATE


def encoded(samples: Samples, bits_per_second: int, sample_rate: int = RATE) -> bytes:
    """A file of (channels, frames), one or two channels; above full scale it clips."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout=_LAYOUTS[samples.shape[0]])
        stream.bit_rate = bits_per_second
        for start in range(0, samples.shape[1], _BLOCK):
            block = np.clip(samples[:, start : start + _BLOCK], -1.0, 1.0)
            whole = np.ascontiguousarray(block.T, np.float32).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(whole, "flt", _LAYOUTS[samples.shape[0]])
            frame.sample_rate, frame.pts, frame.time_base = sample_rate, start, Fraction(1, sample_rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
