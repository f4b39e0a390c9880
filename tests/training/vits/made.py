"""A small prepared dataset, and training made small enough for seconds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from training.vits.small import take

from svcfx.training import index, items
from svcfx.training.index import DatasetEntry, DatasetIndex
from svcfx.training.vits import recipe
from svcfx.training.vits.recipe import VitsRecipe

TINY: dict[str, Any] = {
    "inter_channels": 8, "hidden_channels": 8, "filter_channels": 16, "n_layers": 1,
    "resblock_kernel_sizes": [3], "resblock_dilation_sizes": [[1, 3]], "upsample_initial_channel": 32,
    "upsample_rates": [8, 8, 8], "upsample_kernel_sizes": [16, 16, 16],
}  # fmt: skip
SMALL = VitsRecipe(family="sovits40", size="small", batch=2, segment=8)


def shrink(size: dict[str, Any] = TINY) -> None:
    """Make size "small" a tiny one in this process."""
    recipe._SMALL, recipe._NARROW = size, {"full": 1, "small": 128}


def dataset(folder: Path, lengths=(24, 31, 20, 28, 26), held: int = 1, singers=("mei", "ana")) -> Path:
    """Made-up takes of 256-wide content, the last `held` for validation."""
    entries = []
    for number, frames in enumerate(lengths):
        singer = singers[number % len(singers)]
        file = f"items/{singer}/{number}.npz"
        items.write(replace(take(frames, number, content=256), singer=singer), folder / file)
        entries.append(
            DatasetEntry(file, singer, frames, "train" if number < len(lengths) - held else "validation")
        )
    made = DatasetIndex(sample_rate=44100, hop=512, fft=2048, content_encoder="vec256l9", pitch="swift",
                 singers=singers, entries=tuple(entries), consent="made up")  # fmt: skip
    index.write(made, folder)
    return folder
