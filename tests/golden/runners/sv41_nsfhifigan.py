"""Runs the kind sv41_nsfhifigan: the stand-alone vocoder, with its source and first stages."""

import torch

from golden.cases import Array, Case
from svcfx.chain.vocoder import VocoderConfig, build
from svcfx.chain.vocoder.generator import HARMONICS, SourceNoise


def run(case: Case) -> dict[str, Array]:
    """The waveform and its stages, with the random values that the case fixes."""
    config = VocoderConfig.read(case.config())
    drawn = {key: torch.from_numpy(value) for key, value in case.weights().items()}
    net = build(config, drawn, case.folder.name)
    parameters = case.parameters
    mel, f0 = torch.from_numpy(case.tensor("mel")).transpose(1, 2), torch.from_numpy(case.tensor("f0"))
    samples = f0.shape[1] * config.hop_samples
    phase = torch.full((1, HARMONICS), float(parameters["random_values"]["torch.rand"]))
    phase[:, 0] = 0.0
    level = float(parameters["random_values"]["torch.randn_like"])
    noise = SourceNoise(phase, torch.full((1, samples, HARMONICS), level))
    with torch.inference_mode():
        stages = net.stages(mel, f0, noise)
        sines = net.sines(f0, phase)
    picked = [harmonic - 1 for harmonic in parameters["harmonics"]]
    channels = parameters["channels"]
    return {
        "wav": stages.audio[:, None].numpy(),
        "source": stages.source.numpy(),
        "sine_first_harmonics": sines[:, : parameters["sine_samples"], picked].numpy(),
        "conv_pre": stages.conv_pre[:, : channels["conv_pre"]].numpy(),
        "up0": stages.first_up[:, : channels["up0"]].numpy(),
        "pre_tanh": stages.pre_tanh.numpy(),
    }
