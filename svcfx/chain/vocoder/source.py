"""The sine source of the vocoder: harmonics of f0 at the sample rate, with the noise it was trained on.

Source: X. Wang et al., "Neural source-filter-based waveform model", 2019; constants of so-vits-svc.
"""

from typing import NamedTuple

import torch

SINE_AMPLITUDE = 0.1
VOICED_NOISE = 0.003
UNVOICED_NOISE = SINE_AMPLITUDE / 3.0


class SourceNoise(NamedTuple):
    """What is random in a source, given from outside.

    phase_cycles: (B, harmonics) start phases in 0..1, the fundamental's 0; gaussian: (B, samples, harmonics)
    """

    phase_cycles: torch.Tensor
    gaussian: torch.Tensor


def harmonic_sines(
    f0_hz: torch.Tensor, harmonics: int, hop: int, rate_hz: int, start_cycles: torch.Tensor | None = None
) -> torch.Tensor:
    """Sines at 1 .. `harmonics` times f0, each frame's f0 held for its hop, silent where f0 is 0.

    The phase is summed in double precision and taken modulo one cycle, so that ten minutes of a
    constant tone end as well in tune as they began.

    Args:
        f0_hz: (B, T), 0 where unvoiced.
        start_cycles: (B, harmonics), added to the first frame's step, hence once for each of its samples;
            zeros when left out.

    Returns:
        (B, T * hop, harmonics) float32, amplitude 0.1.
    """
    multiples = torch.arange(1, harmonics + 1, dtype=torch.float32, device=f0_hz.device)
    step = torch.remainder(f0_hz.to(torch.float32)[..., None] * multiples / rate_hz, 1.0).to(torch.float64)
    if start_cycles is not None:
        step[:, 0] += start_cycles.to(torch.float64)
    before = torch.cumsum(step * hop, dim=1) - step * hop
    inside = torch.arange(1, hop + 1, dtype=torch.float64, device=f0_hz.device)
    cycles = torch.remainder(before, 1.0)[:, :, None] + step[:, :, None] * inside[:, None]
    sines = torch.sin(2.0 * torch.pi * torch.remainder(cycles, 1.0)).to(torch.float32)
    gate = SINE_AMPLITUDE * (f0_hz > 0).to(torch.float32)
    return (sines * gate[:, :, None, None]).flatten(1, 2)


def with_noise(sines: torch.Tensor, f0_hz: torch.Tensor, hop: int, gaussian: torch.Tensor) -> torch.Tensor:
    """Add breath to each harmonic: faint under a voice, as loud as a third of it where there is none."""
    level = torch.where(f0_hz > 0, VOICED_NOISE, UNVOICED_NOISE).repeat_interleave(hop, dim=1)
    return sines + level[..., None] * gaussian
