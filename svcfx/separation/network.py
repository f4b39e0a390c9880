"""The one door to ONNX Runtime: a network that gives one part of a spectrum.

Sound is a table of complex numbers over time and frequency there, and back; source: the short-time Fourier
transform and its least-squares inverse, Griffin & Lim, 1984.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.errors import MissingPartError, SeparationError
from svcfx.separation.models import Reading

Spectrum = NDArray[np.complex64]
_TINY = 1e-8
_PLANES = 4
"""Real and imaginary part of the left channel, then of the right."""


def _window(fft: int) -> Samples:
    """Periodic Hann."""
    return np.asarray(0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(fft) / fft), np.float32)


def forward(samples: Samples, fft: int, hop: int) -> Spectrum:
    """(channels, hop (T - 1)) -> (channels, fft / 2 + 1, T); frames are centred, the ends mirrored."""
    padded = np.pad(samples, ((0, 0), (fft // 2, fft // 2)), mode="reflect")
    frames = sliding_window_view(padded, fft, axis=1)[:, ::hop] * _window(fft)
    return np.asarray(np.fft.rfft(frames, axis=-1), np.complex64).transpose(0, 2, 1)


def backward(spectrum: Spectrum, fft: int, hop: int) -> Samples:
    """The inverse of `forward`; bins above those that are given count as 0."""
    window = _window(fft)
    frames = np.fft.irfft(spectrum.transpose(0, 2, 1), fft, axis=-1) * window
    channels, count = frames.shape[:2]
    total = np.zeros((channels, fft + hop * (count - 1)))
    weight = np.zeros(total.shape[1])
    for index in range(count):
        place = slice(index * hop, index * hop + fft)
        total[:, place] += frames[:, index]
        weight[place] += window**2
    inside = slice(fft // 2, total.shape[1] - fft // 2)
    return np.asarray(total[:, inside] / np.maximum(weight[inside], _TINY), np.float32)


class Network:
    """An MDX-Net: stereo sound of a fixed length in, of the same length out.

    Attributes:
        frames: Samples that go in and come out.
        margin: Samples at each end that the mirrored edge reaches, which are best not used.
    """

    def __init__(self, path: Path, reading: Reading) -> None:
        """Open the file; raises `SeparationError` when it is damaged or no such network."""
        self._session = _session(path)
        self._reading = reading
        self._name = self._session.get_inputs()[0].name
        self._bins, times = _geometry(path, self._session)
        if self._bins > reading.fft // 2 + 1:
            raise SeparationError(
                f"'{path.name}' reads {self._bins} bins, a transform of {reading.fft} samples has"
                f" {reading.fft // 2 + 1}",
                hint="The length of its transforms is another one.",
            )
        self.frames = reading.hop * (times - 1)
        self.margin = reading.fft // 2
        if self.frames < 4 * self.margin:
            raise SeparationError(
                f"'{path.name}' hears {self.frames} samples at a time, too few for transforms of"
                f" {reading.fft}"
            )

    def __call__(self, samples: Samples) -> Samples:
        """The part that the network gives of (2, frames)."""
        reading = self._reading
        heard = forward(samples, reading.fft, reading.hop)[:, : self._bins]
        planes = np.stack([heard.real, heard.imag], 1).reshape(1, _PLANES, *heard.shape[1:])
        given = self._session.run(None, {self._name: np.ascontiguousarray(planes, np.float32)})[0]
        parts = np.asarray(given, np.float32).reshape(2, 2, *heard.shape[1:])
        part = backward(parts[:, 0] + 1j * parts[:, 1], reading.fft, reading.hop)
        return np.asarray(part * reading.compensate, np.float32)


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingPartError(
            "separating a song needs ONNX Runtime, which is not installed",
            hint="pip install 'svcfx[separate]'",
        ) from error
    onnxruntime.set_default_logger_severity(3)
    try:
        return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # the library has a class of its own for each way to be damaged
        reason = " ".join(str(error).split())[:160]
        raise SeparationError(
            f"'{path.name}' cannot be opened as an ONNX network: {reason}",
            hint="It is damaged or only part of a download; fetch it again.",
        ) from error


def _geometry(path: Path, session: Any) -> tuple[int, int]:
    """Bins and transforms that a network reads at a time."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    shape = inputs[0].shape if inputs else []
    whole = len(shape) == 4 and shape[1] == _PLANES and all(type(size) is int for size in shape[2:])
    if len(inputs) != 1 or not outputs or not whole:
        shapes = ", ".join(str(one.shape) for one in inputs)
        raise SeparationError(
            f"'{path.name}' is no MDX-Net: it takes {shapes}, an MDX-Net takes one (batch, 4, bins, times)"
        )
    return shape[2], shape[3]
