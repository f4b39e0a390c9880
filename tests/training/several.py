"""Gradients of a first step of diffusion and vocoder: `several.py DATASET VOCODER OUT`, on two devices."""

import sys
from dataclasses import replace
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from training.diffusion import small

from svcfx.chain.checkpoint import open_vocoder
from svcfx.training.diffusion import recipe
from svcfx.training.diffusion.trainer import DiffusionTrainer as Diffusion
from svcfx.training.engine import engine
from svcfx.training.vocoder.recipe import VocoderRecipe
from svcfx.training.vocoder.trainer import VocoderTrainer as Vocoder

VOCODER = VocoderRecipe(batch=4, frames=8, narrow=128)


def found(dataset, base, out, on):
    """Gradients of every network of both, flat, and the terms; 4 crops shared by the devices of an engine."""
    torch.set_num_threads(1)
    recipe._NETS["small"] = small.TINY
    batch = 4 // on.world_size
    runs = {
        "diffusion": Diffusion(dataset, out / "d", replace(small.SMALL, batch=batch, clip=1e9), on),
        "vocoder": Vocoder(
            dataset, out / "v", open_vocoder(base), replace(VOCODER, batch=batch, clip=1e9), on
        ),
    }
    return {kind: _of(run) for kind, run in runs.items()}


def _of(run):
    gradients = {}
    for name, one in run.optimisers.items():

        def keep(network=run.networks[name], name=name):
            flat = [parameter.grad.flatten() for parameter in network.parameters()]
            gradients[name] = torch.cat(flat).double()

        one.step = keep  # nothing moves
    terms = run.advance(0, run.given(0))
    return {"gradients": gradients, "terms": {name: float(term.detach()) for name, term in terms.items()}}


if __name__ == "__main__":
    dataset, base, out = map(Path, sys.argv[1:])
    on = engine(accelerator="cpu", devices=2)
    both = found(dataset, base, out, on)
    if on.is_global_zero:
        assert on.world_size == 2
        torch.save(both, out / "two.pt")
