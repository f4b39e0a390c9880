"""The natural-log mel that NSF-HiFiGAN reads and shallow diffusion refines, at the vocoder's own rate.

`svcfx.chain.mel` is another one: 16 kHz, of the parametric voice.

Source: the published facts of the so-vits-svc 4.1 mel; the Slaney scale is that of M. Slaney, Auditory
Toolbox, 1998: linear below 1 kHz, 27 steps to each factor of 6.4 above, triangles of equal area.
"""

import math
from functools import cache

import torch
from torch.nn import functional

from svcfx.chain.vocoder.agreement import MelFormat

FLOOR = 1e-5
"""Mel amplitude that nothing goes below before the logarithm."""
_POWER_FLOOR = 1e-9


def frames_of(samples: int, form: MelFormat) -> int:
    """Frames that `log_mel` makes of a buffer, for any key shift."""
    return samples // form.hop_samples


def log_mel(audio: torch.Tensor, form: MelFormat, keyshift_semitones: float = 0.0) -> torch.Tensor:
    """Log mel, (B, samples) -> (B, bins, samples // hop), float32, natural log unless the format says log10.

    A key shift stretches the transform: the lowest bins of a longer FFT stand where those of the plain
    one stood, so pitch and formants move up by that many semitones on the mel axis and time stays.
    """
    magnitude = _magnitude(audio.to(torch.float32), form, 2.0 ** (keyshift_semitones / 12.0))
    bank = filters(form).to(magnitude.device)
    logs = torch.log((bank @ magnitude).clamp_min(FLOOR))
    return logs / math.log(10.0) if form.log_base == "log10" else logs


def _magnitude(audio: torch.Tensor, form: MelFormat, factor: float) -> torch.Tensor:
    """(B, samples) -> (B, fft / 2 + 1, frames): amplitude spectrum, stretched by `factor` and cut back."""
    size = round(form.fft_samples * factor)
    width = round(form.window_samples * factor)
    spectrum = torch.stft(
        _padded(audio, width, form.hop_samples),
        size,
        hop_length=form.hop_samples,
        win_length=width,
        window=_window(width).to(audio.device),
        center=False,
        return_complex=True,
    )
    magnitude = torch.sqrt(spectrum.real.square() + spectrum.imag.square() + _POWER_FLOOR)
    if factor == 1.0:
        return magnitude
    wanted = form.fft_samples // 2 + 1
    kept = functional.pad(magnitude[:, :wanted], (0, 0, 0, max(0, wanted - magnitude.shape[1])))
    return kept * (form.window_samples / width)


def _padded(audio: torch.Tensor, width: int, hop: int) -> torch.Tensor:
    """Context for the first and last frame: the signal mirrored where it is long enough, else zeros."""
    samples = audio.shape[-1]
    left = (width - hop) // 2
    right = max((width - hop + 1) // 2, width - samples - left)
    mode = "reflect" if right < samples else "constant"
    return functional.pad(audio[:, None], (left, right), mode=mode)[:, 0]


@cache
def _window(width: int) -> torch.Tensor:
    with torch.inference_mode(False):  # it is kept, and a training may be the next to use it
        return torch.hann_window(width, periodic=True, dtype=torch.float32)


@cache
def filters(form: MelFormat) -> torch.Tensor:
    """Slaney filterbank, (bins, fft / 2 + 1), float32."""
    with torch.inference_mode(False):  # as the window
        return _triangles(form)


def _triangles(form: MelFormat) -> torch.Tensor:
    bins = torch.linspace(0, form.sample_rate_hz / 2, form.fft_samples // 2 + 1, dtype=torch.float64)
    low, high = _to_mel(form.low_hz), _to_mel(form.high_hz)
    edges = torch.tensor(
        [_to_hz(low + (high - low) * k / (form.bins + 1)) for k in range(form.bins + 2)], dtype=torch.float64
    )
    start, middle, end = (edges[k : form.bins + k, None] for k in range(3))
    rise = (bins - start) / (middle - start)
    fall = (end - bins) / (end - middle)
    return (torch.minimum(rise, fall).clamp_min(0.0) * (2.0 / (end - start))).to(torch.float32)


_LINEAR_HZ = 200.0 / 3.0
_BREAK_HZ = 1000.0
_LOG_STEP = math.log(6.4) / 27.0


def _to_mel(hz: float) -> float:
    if hz < _BREAK_HZ:
        return hz / _LINEAR_HZ
    return _BREAK_HZ / _LINEAR_HZ + math.log(hz / _BREAK_HZ) / _LOG_STEP


def _to_hz(mel: float) -> float:
    knee = _BREAK_HZ / _LINEAR_HZ
    return mel * _LINEAR_HZ if mel < knee else _BREAK_HZ * math.exp((mel - knee) * _LOG_STEP)
