"""Runs the kind sv41_infer_utils: the small parts between audio and generator of 4.1."""

import numpy as np
import torch

from golden.cases import Array, Case
from svcfx.chain import loudness
from svcfx.chain.content import contentvec, units
from svcfx.chain.pitch import gaps
from svcfx.chain.svc import slices_sv41
from svcfx.chain.vits import pitch


def run(case: Case) -> dict[str, Array]:
    """Every gated tensor of the kind."""
    return _units(case) | _pitch(case) | _audio(case) | _blends(case)


def _units(case: Case) -> dict[str, Array]:
    source = torch.from_numpy(case.tensor("units"))
    frames = int(np.asarray(case.tensor("target_len")).flatten()[0])
    modes = case.parameters["unit_interpolate_modes"]
    return {name: units.spread(source, frames, mode).numpy() for name, mode in modes.items()}


def _pitch(case: Case) -> dict[str, Array]:
    frames = int(np.asarray(case.tensor("f0_target_len")).flatten()[0])
    filled = gaps.bridged(gaps.picked(case.tensor("f0_10ms"), frames))
    marker = float(case.parameters["nan_marker"])
    f0_nan = np.where(case.tensor("f0_nan") == marker, np.nan, case.tensor("f0_nan"))
    f0_mean = gaps.mean3(f0_nan)
    lf0, voiced = torch.from_numpy(case.tensor("lf0")), torch.from_numpy(case.tensor("lf0_uv"))
    return {
        "f0_coarse": pitch.bins(torch.from_numpy(case.tensor("f0_hz")), "wrapped").numpy(),
        "f0_post": filled.f0_hz,
        "uv_post": filled.voiced,
        "pd_median3": gaps.median3(case.tensor("pd")),
        "f0_mean3": np.where(np.isnan(f0_mean), marker, f0_mean),
        "lf0_norm": pitch.without_mean(lf0, voiced[:, None]).numpy(),
    }


def _audio(case: Case) -> dict[str, Array]:
    sung, rendered = case.tensor("rms_in"), case.tensor("rms_gen")
    rms, slicer = case.parameters["rms"], case.parameters["slicer"]
    produced: dict[str, Array] = {
        name: loudness.follow(sung, rendered, rms["sample_rate"], rate)[:: rms["stride"]]
        for name, rate in rms["rates"].items()
    }
    take = (case.tensor("slice_wave_i16") / slicer["divide_by"]).astype(np.float32)
    for name, threshold in slicer["thresholds_db"].items():
        rules = slices_sv41.Sovits41Rules(
            threshold_db=threshold,
            shortest_ms=slicer["min_length_ms"],
            pause_ms=slicer["min_interval_ms"],
            hop_ms=slicer["hop_ms"],
            kept_ms=slicer["max_sil_kept_ms"],
        )
        produced[name] = np.array(slices_sv41.slices(take, slicer["sample_rate"], rules), np.int64)
    return produced | _resampled(case)


def _resampled(case: Case) -> dict[str, Array]:
    wanted = case.parameters["res16k"]
    name, _, cut = wanted["input"].partition("[:")
    wave = case.tensor(name)[: int(cut.rstrip("]")) if cut else None]
    assert wanted["to"] == contentvec.RATE
    return {"res16k": contentvec.to_encoder_rate(torch.from_numpy(wave), wanted["from"]).numpy()}


def _blends(case: Case) -> dict[str, Array]:
    bank, query = torch.from_numpy(case.tensor("bank")), torch.from_numpy(case.tensor("query"))
    retrieval, cluster = case.parameters["retrieval"], case.parameters["cluster"]
    assert retrieval["k"] == units.NEIGHBOURS
    count = int(cluster["centres"].partition("[:")[2].rstrip("]"))
    return {
        "retrieval_ratio05": units.towards_neighbours(query, bank, retrieval["ratio"]).numpy(),
        "cluster_ratio05": units.towards_centre(query, bank[:count], cluster["ratio"]).numpy(),
    }
