"""The index of the singers that ship: kinds of content, as their own encoder hears it in spoken material.

It hears the refiner's texts, which the nets were not trained on, through the rooms and channels they have.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.chain.parametric import network
from svcfx.chain.parametric.network import ParametricNet
from svcfx.errors import OutputExistsError, ParamError, VoiceError
from svcfx.training.indexing import MOST_CENTRES, middles
from svcfx.training.parametric.dataset import Material, Targets, draw
from svcfx.training.parametric.identities import SHIPPED
from svcfx.training.parametric.refining import TRUSTED
from svcfx.training.parametric.shipping import WEIGHTS_NAME, equip
from svcfx.training.spoken import material

CENTRES = 4_096
BATCHES, CROPS, FRAMES = 60, 24, 240
EDGE_STEPS = 6
"""Steps at a crop's ends that are left out: the encoder hears silence beyond them."""
OnShare = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Made:
    """Where the index is, its rows, and the steps of content that it was made of."""

    path: Path
    rows: int
    steps: int


def make(
    dataset: Path,
    run: Path,
    *,
    centres: int = CENTRES,
    seed: int = 0,
    replace: bool = False,
    on_share: OnShare = lambda _: None,
) -> Made:
    """Put an index into the voice of a finished run, and say so on its card.

    Raises:
        DatasetError: The material is not whole.
        OutputExistsError: The voice has an index and `replace` is off.
        ParamError: The number of centres cannot be.
        VoiceError: There is no voice in the run's folder.
        MissingPartError: scikit-learn is not installed.
    """
    if not 2 <= centres <= MOST_CENTRES:
        raise ParamError(f"centres is {centres}, outside 2 to {MOST_CENTRES}")
    weights = run / WEIGHTS_NAME
    if not weights.exists():
        raise VoiceError(
            f"there is no voice in '{run}'",
            hint=f"Train one first: svcfx train run {dataset} --family parametric -o {run}",
        )
    net = network.load(weights)
    if net.index is not None and not replace:
        raise OutputExistsError(f"'{weights}' has an index already", hint="Give --replace.")
    rows = heard(net, material.load(dataset, lambda spoken: spoken.refining), seed, on_share)
    found = middles(rows, min(centres, len(rows)), seed)
    equip(weights, dataclasses.replace(net, index=torch.from_numpy(found)), {"index_rows": len(found)})
    return Made(weights, len(found), len(rows))


def heard(net: ParametricNet, spoken: Material, seed: int, on_share: OnShare) -> NDArray[np.float32]:
    """Content (N, C) of crops that are drawn by seed; steps whose phone is not sure are left out."""
    targets = Targets(SHIPPED[:1], spoken)
    random = np.random.default_rng(seed)
    inside, kept = slice(EDGE_STEPS, -EDGE_STEPS), []
    for number in range(BATCHES):
        who = np.zeros(CROPS, np.int64)
        batch = draw(spoken, targets, who, FRAMES, random, net.reference, augment=False)
        with torch.inference_mode():
            content = net.encoder(batch.log_mel)[:, inside]
        kept.append(content[batch.weight[:, ::2][:, inside] > TRUSTED])
        on_share((number + 1) / BATCHES)
    return torch.cat(kept).numpy()
