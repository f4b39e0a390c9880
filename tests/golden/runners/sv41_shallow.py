"""Runs the kind sv41_shallow: every sampler from a shallow start, the times it asks for, and the paths."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from golden.cases import Array, Case
from golden.runners.diffusion_cases import condition, model
from svcfx.chain.diffusion import Pace, Unit2Mel
from svcfx.chain.diffusion.schedule import NoiseSchedule, Path
from svcfx.chain.diffusion.shallow import Method, check_method, denormalise, sample, shallow_start
from svcfx.chain.diffusion.stepwise import strided_levels


def run(case: Case) -> dict[str, Array]:
    """Mels, model times, the noisy start and the tables of the paths."""
    produced: dict[str, Array] = {}
    net = model(case)
    with torch.inference_mode():
        for name, wanted in case.parameters["runs"].items():
            produced[name], times = _mel(case, net, wanted)
            assert len(times) == wanted["evaluations"], f"{name} asked {len(times)} times"
            if wanted["model_times"]:
                produced[wanted["model_times"]] = np.array(times, np.float32)
            if name in case.parameters["model_times_without_tensor"]:
                listed = case.parameters["model_times_without_tensor"][name]
                np.testing.assert_allclose(times, listed, atol=1e-3)
        mel, noise = (torch.from_numpy(case.tensor(name)) for name in ("mel_in", "start_noise"))
        level = int(case.parameters["x_start"]["t"])
        start = shallow_start(mel, noise[:, 0], net.schedule, level + 1)
    produced["x_start"] = start[:, None].numpy()
    return produced | _paths(case, net.schedule)


def _mel(case: Case, net: Unit2Mel, wanted: Mapping[str, Any]) -> tuple[Array, list[float]]:
    """One run: its mel (1, T, bins), and the times of a 4.1 run in order."""
    speedup = int(wanted["speedup"])
    method: Method = "naive" if wanted["method"] is None or speedup <= 1 else check_method(wanted["method"])
    schedule = NoiseSchedule(int(wanted["timesteps"]))
    pace = Pace.of_speedup(int(wanted["k_step"] or schedule.timesteps), speedup)
    hoisted = net.denoiser.hoist(condition(case, net).transpose(1, 2))
    asked: list[float] = []

    def eps(x: torch.Tensor, time: float) -> torch.Tensor:
        asked.append(time)
        return torch.as_tensor(net.denoiser(x, time, hoisted))

    if wanted["gt_spec"]:
        noise = torch.from_numpy(case.tensor(wanted["start_noise"]))[:, 0]
        start = shallow_start(torch.from_numpy(case.tensor(wanted["gt_spec"])), noise, schedule, pace.levels)
    else:
        start = torch.from_numpy(case.tensor(wanted["x_T"]))[:, 0]
    fresh = torch.from_numpy(case.tensor(wanted["step_noise"]))[:, :, 0] if "step_noise" in wanted else None

    def step_noise(level: int) -> torch.Tensor:
        assert fresh is not None
        return fresh[pace.levels - 1 - level]

    made = sample(method, eps, start, schedule, pace, step_noise)
    if method in ("ddim", "pndm"):
        # Upstream asks once more, at level 0, for a step from 0 to 0 that changes nothing; ours does not.
        asked.append(float(strided_levels(pace.levels, pace.stride)[-1]))
    return denormalise(made).numpy(), asked


def _paths(case: Case, schedule: NoiseSchedule) -> dict[str, Array]:
    produced: dict[str, Array] = {}
    for name, wanted in case.parameters["schedules"].items():
        path = Path.of(schedule, int(wanted["betas"]), int(wanted["steps"]))
        for part, table in (("t", path.time), ("log_alpha", path.log_alpha), ("lambda", path.half_snr)):
            produced[f"{name}_{part}"] = table
    return produced
