"""What a generator's file holds equals upstream's own listing: keys, order, shapes, dtypes."""

import json
from pathlib import Path

import pytest
import torch

from svcfx.chain import vocoder
from svcfx.chain.checkpoint.export import layout, writing
from svcfx.chain.checkpoint.sizes import vits_config

VECTORS = Path(__file__).parents[3] / "golden/vectors"
CASES = ["fork_v1_a", "fork_v1legacy_a", "fork_istft_a", "fork_mbistft_a", "fork_quickvc_a",
         "sv41_synth_a", "sv41_synth_snake_a", "sv41_synth_tflow_a", "sv41_synth_tiny_a"]  # fmt: skip


def listed(case):
    entries = json.loads((VECTORS / case / "manifest.json").read_text())
    assert {entry["dtype"] for entry in entries} == {"float32"}
    return [(entry["key"], tuple(entry["shape"])) for entry in entries]


def config_of(case):
    return vits_config(case, json.loads((VECTORS / case / "config.json").read_text()))


@pytest.mark.parametrize("case", CASES)
def test_keys_order_and_shapes_are_those_of_real_files(case):
    assert list(layout.shapes(config_of(case)).items()) == listed(case)


@pytest.mark.parametrize("case", CASES)
def test_a_fresh_optimizer_counts_what_a_whole_generator_learns(case):
    shapes = layout.shapes(config_of(case))
    listing = json.loads((VECTORS / case / "manifest.json").read_text())
    learnt = [e for e in listing if not e["key"].endswith("filter") and "alias_of" not in e]
    counted = writing._fresh_optimizer(config_of(case), shapes)["param_groups"][0]["params"]
    assert len(counted) == len(learnt)


def test_a_vocoder_is_listed_as_in_real_files():
    document = json.loads((VECTORS / "sv41_nsfhifigan_a/config.json").read_text())
    with torch.device("meta"):
        own = vocoder.NsfHifiGan(vocoder.VocoderConfig.read(document)).state_dict()
    order = layout.ordered_vocoder(own)
    keys = [stored for key in order for stored in layout.stored_keys(key, own, layout.VOCODER_NORMED)]
    assert keys == [key for key, _ in listed("sv41_nsfhifigan_a")]
