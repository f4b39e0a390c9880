"""Runs the kind sv41_mel: log mels at several key shifts, and the filterbank."""

from typing import Any

import torch

from golden.cases import Array, Case
from svcfx.chain.vocoder.agreement import MelFormat
from svcfx.chain.vocoder.mel import filters, log_mel


def form(config: dict[str, Any]) -> MelFormat:
    """The mel that a vocoder's config describes."""
    return MelFormat(
        sample_rate_hz=config["sampling_rate"],
        hop_samples=config["hop_size"],
        fft_samples=config["n_fft"],
        window_samples=config["win_size"],
        bins=config["num_mels"],
        low_hz=config["fmin"],
        high_hz=config["fmax"],
    )


def run(case: Case) -> dict[str, Array]:
    """Every gated mel, (1, frames, bins)."""
    wanted = form(case.config())

    def mel(source: str, keyshift: float) -> Array:
        wave = torch.from_numpy(case.tensor(source))[None]
        return log_mel(wave, wanted, keyshift).transpose(1, 2).numpy()

    made = {name: mel("wave", shift) for name, shift in case.parameters["keyshifts"].items()}
    short = case.parameters["mel_short"]
    return made | {"mel_basis": filters(wanted).numpy(), "mel_short": mel(short["input"], short["keyshift"])}
