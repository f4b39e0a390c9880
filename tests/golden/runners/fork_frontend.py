"""Runs the kind fork_frontend: everything of the fork that is no network of a voice."""

from typing import Any

import numpy as np
import torch

from golden.cases import Array, Case
from svcfx.chain.config import PITCH
from svcfx.chain.content import units
from svcfx.chain.content.contentvec import to_encoder_rate
from svcfx.chain.pitch import gaps
from svcfx.chain.pitch.families import family_track
from svcfx.chain.svc import slices
from svcfx.chain.vits import pitch
from svcfx.dsp import blocks, sola

HOP = 512


def run(case: Case) -> dict[str, Array | list[Array]]:
    """Every gated tensor and table of the kind."""
    return _tables(case) | _slices(case) | _joins(case) | _blend(case) | _pitch(case)


def _tables(case: Case) -> dict[str, Array | list[Array]]:
    def entries(name: str) -> list[Array]:
        found = case.tensor(name)
        assert isinstance(found, list)
        return found

    def torched(name: str) -> list[torch.Tensor]:
        return [torch.from_numpy(np.asarray(entry, np.float32)) for entry in entries(name)]

    f0_hz = torch.tensor(np.asarray(case.tensor("f0_coarse.json:f0_float32")), dtype=torch.float32)
    counts = zip(entries("repeat_expand.json:src"), entries("repeat_expand.json:target"), strict=True)
    filled = [gaps.reached_early(track) for track in entries("interpolate_f0.json:in")]
    resized = zip(entries("resize_f0.json:in"), entries("resize_f0.json:target_len"), strict=True)
    lf0 = [pitch.log_f0(f0) for f0 in torched("normalize_lf0.json:f0")]
    voiced = torched("normalize_lf0.json:uv")
    return {
        "f0_coarse.json:coarse": pitch.bins(f0_hz, "clamped").numpy(),
        "repeat_expand.json:index": [units.repeat_index(int(a), int(b)).numpy() for a, b in counts],
        "interpolate_f0.json:f0": [track.f0_hz for track in filled],
        "interpolate_f0.json:uv": [track.voiced for track in filled],
        "resize_f0.json:out": [gaps.stretched(track, int(frames)) for track, frames in resized],
        "normalize_lf0.json:lf0": [value.numpy() for value in lf0],
        "normalize_lf0.json:norm_lf0": [
            pitch.without_mean(value, weight).numpy() for value, weight in zip(lf0, voiced, strict=True)
        ],
    }


def _slices(case: Case) -> dict[str, Array | list[Array]]:
    names = ("db_thresh", "chunk_seconds", "absolute_thresh", "max_chunk_seconds")
    columns: list[Any] = [case.tensor(f"split_silence.json:{name}") for name in names]
    audio = np.asarray(case.tensor(case.parameters["split_silence_audio"]))
    found: list[Array] = []
    for threshold, window, absolute, longest in zip(*columns, strict=True):
        rules = slices.ForkRules(
            threshold_db=float(threshold),
            window_seconds=float(window),
            absolute=bool(absolute),
            longest_seconds=float(longest),
        )
        parts = slices.slices(audio, case.parameters["sample_rate"], rules)
        found.append(np.array([[not part.silent, part.start, part.end] for part in parts]))
    return {"split_silence.json:chunks": found}


def _joins(case: Case) -> dict[str, Array | list[Array]]:
    fade, search = (int(value) for value in case.tensor("sola_params"))
    first = np.asarray(case.tensor("sola_first"))
    kept, tail = first[:-fade], first[-fade:]
    joined = sola.splice(tail, np.asarray(case.tensor("sola_second")), search)
    before, after, fade, search, block = (int(value) for value in case.tensor("stream_params"))
    shifts = iter(np.asarray(case.tensor("stream_shifts")))
    sizes = blocks.BlockSizes(before=before, after=after, fade=fade, search=search)
    splicer = blocks.BlockSplicer(sizes, lambda wave: np.roll(wave, next(shifts)))
    pushed = np.asarray(case.tensor("stream_in")).reshape(-1, block)
    wave = torch.from_numpy(np.asarray(case.tensor("resample_in")))
    return {
        "sola_out": np.concatenate([kept, joined]),
        "stream_out": np.concatenate([splicer.push(part) for part in pushed]),
        "resample_out": to_encoder_rate(wave, case.parameters["resample"][0]).numpy(),
    }


def _blend(case: Case) -> dict[str, Array | list[Array]]:
    centres, content = (torch.from_numpy(case.tensor(name)) for name in ("km_centers", "km_x"))
    ratio = float(case.tensor("km_ratio"))
    return {
        "km_pred": units.nearest_centre(content, centres).numpy(),
        "km_mix": units.towards_centre(content, centres, ratio).numpy(),
    }


def _pitch(case: Case) -> dict[str, Array | list[Array]]:
    file = case.parameters["f0_methods_file"]
    audio = (np.asarray(case.tensor(f"{file}:audio_int16")) / 32768).astype(np.float32)
    produced: dict[str, Array | list[Array]] = {}
    for name in case.parameters["f0_methods"]:
        track = family_track(audio, case.parameters["sample_rate"], HOP, PITCH.check(name))
        filled = gaps.reached_early(track)
        produced |= {f"{file}:{name}": track, f"{file}:{name}_interp": filled.f0_hz}
        produced[f"{file}:{name}_uv"] = filled.voiced
    return produced
