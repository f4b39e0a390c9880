"""Runs the kind sv41_volume: loudness frame by frame, in both variants of 4.1."""

import torch

from golden.cases import Array, Case
from svcfx.chain.loudness import frame_volume


def run(case: Case) -> dict[str, Array]:
    """Loudness of the wave, (frames,); a variant that says "no padding" begins its frames at the hop."""
    wave = torch.from_numpy(case.tensor("wave"))[None]
    hop = int(case.parameters["hop_size"])
    return {
        name: frame_volume(wave, hop, centred="no padding" not in words)[0].numpy()
        for name, words in case.parameters["variants"].items()
    }
