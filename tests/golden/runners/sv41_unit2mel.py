"""Runs the kind sv41_unit2mel: the conditioning and one pass of the denoiser at several times."""

import torch

from golden.cases import Array, Case
from golden.runners.diffusion_cases import condition, model
from svcfx.chain.diffusion.denoiser import Denoiser


def run(case: Case) -> dict[str, Array]:
    """Conditions, noise estimates and the stages of one time."""
    with torch.inference_mode():
        net = model(case)
        plain = condition(case, net)
        shifted = condition(case, net, float(case.tensor("aug_shift").flatten()[0]))
        x = torch.from_numpy(case.tensor("x_t"))[:, 0]
        conditions = {"cond": plain, "cond_aug": shifted}
        produced = {name: value.numpy() for name, value in conditions.items()}
        chosen = conditions[case.parameters["eps_condition"]].transpose(1, 2)
        hoisted = net.denoiser.hoist(chosen)
        times = [float(time) for time in case.tensor("t")]
        produced["eps"] = torch.stack([net.denoiser(x, time, hoisted) for time in times]).numpy()
        for name, wanted in case.parameters.items():
            if name.startswith("eps_aug"):
                other = net.denoiser.hoist(conditions[wanted["condition"]].transpose(1, 2))
                produced[name] = net.denoiser(x, float(wanted["time"]), other)[:, None].numpy()
        time = float(case.parameters["stage_time"])
        return produced | _stages(case, net.denoiser, x, time, hoisted)


def _stages(
    case: Case, net: Denoiser, x: torch.Tensor, time: float, hoisted: list[torch.Tensor]
) -> dict[str, Array]:
    """What the denoiser computes on its way at one time, cut to the channels that are kept."""
    prefix = f"t{time:g}_"
    step = net.step_embedding(time, x)
    produced = {f"{prefix}sinusoid": net.sinusoid(time).numpy(), f"{prefix}mlp_out": step.numpy()}
    hidden = torch.relu(net.input_projection(x))
    for index, layer in enumerate(net.residual_layers):
        hidden, skip = layer(hidden, step, hoisted[index])
        for part, value in (("x", hidden), ("skip", skip)):
            name = f"{prefix}layer{index}_{part}"
            if name in case.gates:
                produced[name] = value[:, : case.parameters["channels"][name]].numpy()
    return produced
