"""Content units on the way to the generator: spread over its frames, drawn towards the singer's own.

C channels, S units (50 a second), T frames.

Source: the published facts of so-vits-svc 4.0, its fork, and 4.1, and of RVC.
"""

import numpy as np
import torch
from torch.nn import functional

from svcfx.chain.retrieval import search
from svcfx.chain.retrieval.search import Lists
from svcfx.errors import VoiceError, nearest

NEIGHBOURS = 8
_TORCH_MODES = ("linear", "nearest-exact", "area")
UNIT_MODES = ("left", "nearest", "repeat", "double", *_TORCH_MODES)
"""Ways of `spread`: 4.1's by the names of its configs, the fork's, and RVC's."""
_NOT_ZERO = 1e-12


def nearest_index(units: int, frames: int) -> torch.Tensor:
    """Unit of each frame, (frames,): position k * units / frames rounded down, in single precision."""
    step = np.float32(units) / np.float32(frames)
    position = np.floor(np.arange(frames, dtype=np.float32) * step).astype(np.int64)
    return torch.from_numpy(np.minimum(position, units - 1))


def left_index(units: int, frames: int) -> torch.Tensor:
    """Unit of each frame, (frames,): the next unit begins at the first frame that has reached its time."""
    if frames <= units:
        return torch.arange(frames)
    begins = (np.arange(1, units, dtype=np.float32) * np.float32(frames)) / np.float32(units)
    index = np.searchsorted(begins, np.arange(frames, dtype=np.float32), side="right")
    return torch.from_numpy(index)


def repeat_index(units: int, frames: int) -> torch.Tensor:
    """As `nearest_index`, but frames that are fewer than the units take the first ones (the fork's rule)."""
    return torch.arange(frames) if frames < units else nearest_index(units, frames)


def spread(units: torch.Tensor, frames: int, mode: str) -> torch.Tensor:
    """Spread units over frames, (C, S) -> (C, T), by one of `UNIT_MODES`.

    Raises:
        VoiceError: No such mode.
    """
    if mode == "left":
        return units[:, left_index(units.shape[1], frames)]
    if mode == "nearest":
        return units[:, nearest_index(units.shape[1], frames)]
    if mode == "repeat":
        return units[:, repeat_index(units.shape[1], frames)]
    if mode == "double":
        return units[:, torch.arange(frames).div(2, rounding_mode="floor").clamp_max(units.shape[1] - 1)]
    if mode in _TORCH_MODES:
        return functional.interpolate(units[None], size=frames, mode=mode)[0]
    near = nearest(mode, UNIT_MODES)
    raise VoiceError(f"unit_interpolate_mode is '{mode}'{near}; known are {', '.join(UNIT_MODES)}")


def nearest_centre(units: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    """Index of the k-means centre next to each unit, units (T, C), centres (K, C) -> (T,)."""
    return search.nearest(units, centres, 1)[1][:, 0]


def towards_centre(units: torch.Tensor, centres: torch.Tensor, ratio: float | torch.Tensor) -> torch.Tensor:
    """Draw each unit (T, C) towards its nearest centre (K, C).

    Args:
        ratio: 0 leaves a unit, 1 replaces it; one number, or (T, 1).
    """
    return ratio * centres[nearest_centre(units, centres)] + (1.0 - ratio) * units


def towards_neighbours(
    units: torch.Tensor, bank: torch.Tensor, ratio: float | torch.Tensor, inverted: Lists | None = None
) -> torch.Tensor:
    """Draw each unit (T, C) towards its 8 nearest in the bank (N, C), near ones weighing most.

    The search is exact, or in one list of `inverted`. Weights go with the inverse square of the squared
    distance; a unit that is in the bank is its own neighbour, where plain division would give NaN.

    Args:
        ratio: 0 leaves a unit, 1 replaces it; one number, or (T, 1).
    """
    if inverted is None:
        distances, index = search.nearest(units, bank, NEIGHBOURS)
    else:
        distances, index = search.nearest_of_list(units, bank, inverted, NEIGHBOURS)
    weights = (distances[:, :1].clamp_min(_NOT_ZERO) / distances.clamp_min(_NOT_ZERO)).square()
    weights = (weights / weights.sum(1, keepdim=True)).to(bank.dtype)
    mixed = torch.bmm(weights[:, None], bank[index])[:, 0]
    return ratio * mixed + (1.0 - ratio) * units
