"""Run a so-vits-svc generator over a case: what the runners of the generator kinds share."""

from typing import Any

import numpy as np
import torch

from golden.cases import Array, Case
from svcfx.chain.checkpoint.generator import build
from svcfx.chain.vits import Generator, Performance
from svcfx.chain.vits.config import PARTIALS
from svcfx.chain.vits.generator import Noise, Score
from svcfx.chain.vits.snake import lowpass_filter


def opened(case: Case) -> Generator:
    """The case's generator, through the same checks as a user's file."""
    drawn = case.weights(computed=_computed)
    return build(case.folder.name, case.config(), {key: torch.from_numpy(w) for key, w in drawn.items()})


def _computed(key: str, shape: tuple[int, ...]) -> Array:
    assert key.endswith(".filter"), f"nothing says how {key} is computed"
    return lowpass_filter().numpy().reshape(shape)


def given(case: Case, name: str) -> torch.Tensor:
    """An input of the case as a tensor."""
    return torch.from_numpy(np.array(case.tensor(name)))


def noise(case: Case, prior: str, scale: float, normal: float, uniform: float) -> Noise:
    """The case's randomness: stored for the prior, two constants for the excitation."""
    frames = given(case, "f0").shape[-1]
    samples = frames * case.parameters["samples_per_frame"]
    phases = torch.full((1, PARTIALS), uniform)
    phases[:, 0] = 0.0
    return Noise(given(case, prior), scale, phases, torch.full((1, PARTIALS, samples), normal))


def sing(
    network: Generator, score: Score, speaker: torch.Tensor, random: Noise, **options: Any
) -> Performance:
    with torch.inference_mode():
        performance: Performance = network(score, speaker, random, **options)
    return performance


def fork(case: Case) -> dict[str, Array]:
    """Every stage of a fork case, with the given f0 and, where it is gated, with the predicted one."""
    network, values = opened(case), case.parameters["random_values"]
    scale = float(np.asarray(case.tensor("noise_scale")))
    random = noise(
        case, case.parameters["prior_noise"], scale, values["other torch.randn_like"], values["torch.rand"]
    )
    score = Score(given(case, "c"), given(case, "f0"), given(case, "uv"))
    speaker = network.singer(given(case, "sid")[:, 0])
    done = sing(network, score, speaker, random)
    found = {
        "f0_coarse": done.rows,
        "x_in": done.inward,
        "m_p": done.mean,
        "logs_p": done.log_std,
        "z_p": done.prior,
        "z": done.latent,
        "audio": done.audio[0],
    }
    if done.source is not None:
        found["har_source"] = done.source.flatten()
    if done.streams is not None:
        found["y_mb"] = _as_stored(case, done.streams[0])
    if "audio_auto" in case.gates:
        auto = sing(network, score, speaker, random, predict_f0=True)
        assert auto.predicted is not None
        found |= {
            "pred_lf0": auto.predicted.flatten(),
            "f0_auto": auto.f0_hz.flatten(),
            "m_p_auto": auto.mean,
            "audio_auto": auto.audio[0],
        }
    return {name: tensor.numpy() for name, tensor in found.items()}


def _as_stored(case: Case, streams: torch.Tensor) -> torch.Tensor:
    """Streams (S, L); ms-istft cases store them zero-stuffed at the full rate, which we never make."""
    if case.parameters["decoder"] != "ms-istft":
        return streams
    bands = streams.shape[0]
    stuffed = torch.zeros(bands, bands * streams.shape[1])
    stuffed[:, ::bands] = bands * streams
    return stuffed


def sv41(case: Case) -> dict[str, Array]:
    """Every run of a 4.1 case; the stages are those of the run called "audio"."""
    network, values = opened(case), case.parameters["random_values"]
    random = noise(
        case,
        case.parameters["noise"],
        float(case.parameters["noise_scale"]),
        values["torch.randn_like"],
        values["torch.rand"],
    )
    found: dict[str, torch.Tensor] = {}
    for name, run in case.parameters["runs"].items():
        volume = given(case, run["vol"]) if run["vol"] else None
        score = Score(given(case, "c"), given(case, "f0"), given(case, "uv"), volume)
        done = sing(network, score, _speaker(case, network, run), random, predict_f0=run["predict_f0"])
        found[name] = done.audio[:, None]
        if run["predict_f0"]:
            assert done.predicted is not None
            assert done.contour is not None
            found |= {"f0_auto": done.f0_hz, "pred_lf0": done.predicted, "norm_lf0": done.contour}
        elif name == "audio":
            found |= {
                "coarse": done.rows,
                "enc_in": done.embedded,
                "m_p": done.mean,
                "logs_p": done.log_std,
                "z_p": done.prior,
                "z": done.latent,
            }
            if done.source is not None:
                found["dec_source"] = done.source[:, 0]
    return {name: tensor.numpy() for name, tensor in found.items()}


def _speaker(case: Case, network: Generator, run: dict[str, Any]) -> torch.Tensor:
    if run["speaker"] == "sid":
        return network.singer(given(case, "sid")[:, 0])
    return network.mixed_singers(given(case, run["speaker"])[None])
