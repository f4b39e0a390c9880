"""What the two kinds of the diffusion share: the model of a case, and its condition."""

from typing import Any

import numpy as np
import torch
import yaml

from golden.cases import Array, Case
from svcfx.chain.diffusion import NoiseSchedule, Sizes, Unit2Mel, build


def model(case: Case) -> Unit2Mel:
    """The model that a case's config and weights describe."""
    config: dict[str, Any] = yaml.safe_load((case.folder / case.parameters["config"]).read_text())
    wanted = config["model"]
    drawn = case.weights(computed=_stored_tables(wanted["timesteps"]))
    sizes = Sizes(
        units=config["data"]["encoder_out_channels"],
        layers=wanted["n_layers"],
        channels=wanted["n_chans"],
        hidden=wanted["n_hidden"],
        bins=drawn["decoder.denoise_fn.output_projection.bias"].shape[0],
        speakers=wanted.get("n_spk") or 1,
        pitch_shift=bool(wanted.get("use_pitch_aug")),
        timesteps=wanted["timesteps"],
    )
    return build(sizes, {key: torch.from_numpy(value) for key, value in drawn.items()}, case.folder.name)


def condition(case: Case, net: Unit2Mel, shift_semitones: float = 0.0) -> torch.Tensor:
    """The condition of a case's inputs, (1, T, hidden)."""
    units, f0, volume = (torch.from_numpy(case.tensor(name)) for name in ("units", "f0", "volume"))
    mix = None
    if net.sizes.speakers > 1:
        speaker = torch.from_numpy(case.tensor("spk_id")).flatten()
        mix = torch.nn.functional.one_hot(speaker, net.sizes.speakers).to(torch.float32)[:, None]
    made = net.conditioning(units, f0[..., 0], volume[..., 0], mix, shift_semitones)
    return torch.as_tensor(made)


def _stored_tables(timesteps: int) -> Any:
    tables = {f"decoder.{name}": table for name, table in NoiseSchedule(timesteps).tables().items()}
    limits = {"decoder.spec_min": -12.0, "decoder.spec_max": 2.0}

    def computed(key: str, shape: tuple[int, ...]) -> Array:
        return np.full(shape, limits[key]) if key in limits else np.asarray(tables[key])

    return computed
