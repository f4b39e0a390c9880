"""A small voice is trained in a process of its own: `learner.py DATASET OUT SEED STEPS RATE`.

The real command twice: one step, after which nothing is known yet, and then to the end. On the shelf of this
process they are "start-SEED" and "end-SEED".
"""

import sys
from pathlib import Path

import torch

from svcfx.cli.main import main
from svcfx.training.vits import recipe

SIZES = {
    "inter_channels": 32, "hidden_channels": 32, "filter_channels": 64, "n_layers": 1,
    "resblock_kernel_sizes": [3], "resblock_dilation_sizes": [[1, 3]], "upsample_initial_channel": 128,
}  # fmt: skip


def learn(dataset: str, out: Path, seed: str, steps: str, rate: str) -> None:
    """Train, and put both voices on the shelf."""
    recipe._SMALL, recipe._NARROW = SIZES, {"full": 1, "small": 128}
    for name, count in (("start", "1"), ("end", steps)):
        options = ("--family", "quickvc", "--size", "small", "--batch", "2", "--check-every", "50", "--quiet")
        named = ("--name", f"{name}-{seed}", "--seed", seed, "--steps", count, "--rate", rate)
        main(["train", "run", dataset, "-o", str(out / name), *options, *named], standalone_mode=False)


if __name__ == "__main__":
    torch.set_num_threads(1)
    place, where, *rest = sys.argv[1:]
    learn(place, Path(where), *rest)
