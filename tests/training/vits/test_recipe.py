"""Recipes: every family's config opens, and warm starts take what fits."""

from dataclasses import replace

import pytest
import torch
from training.vits.small import generator

from svcfx.chain.checkpoint.sizes import vits_config
from svcfx.errors import DatasetError, ParamError, TrainingError
from svcfx.training.index import DatasetIndex
from svcfx.training.vits import warm_start
from svcfx.training.vits.network import TrainedGenerator
from svcfx.training.vits.recipe import FAMILIES, SIZES, VitsRecipe, document

INDEX = DatasetIndex(sample_rate=44100, hop=512, fft=2048, content_encoder="vec256l9", pitch="swift",
              singers=("mei", "ana"), entries=())  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_config_of_every_family_opens_with_the_datasets_hop(family, size):
    config = vits_config("config.json", document(VitsRecipe(family=family, size=size), INDEX))
    assert (config.hop, config.content, config.sample_rate) == (512, 256, 44100)
    assert config.speakers == (2 if family == "sovits41" else 200)
    assert config.decoder == ("ms-istft" if family == "quickvc" else "nsf-hifigan")
    assert config.pitch_bins == ("wrapped" if family == "sovits41" else "clamped")


def test_options_of_41_reach_its_network():
    config = vits_config("c", document(VitsRecipe(volume=True, auto_f0=False, size="small"), INDEX))
    with torch.device("meta"):
        keys = TrainedGenerator(config).state_dict()
    assert "emb_vol.weight" in keys
    assert not any(key.startswith("f0_decoder.") for key in keys)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"family": "sovits42"}, "did you mean 'sovits4"), ({"rate": float("nan")}, "rate is nan"),
     ({"batch": 0}, "batch is 0"), ({"average": 1.5}, "0 to 1")],
)  # fmt: skip
def test_a_recipe_that_cannot_be_is_refused(wrong, said):
    with pytest.raises(ParamError, match=said):
        VitsRecipe(**wrong).check()


def test_content_of_another_width_is_refused():
    with pytest.raises(DatasetError, match="family sovits40 takes vec256l9"):
        document(VitsRecipe(family="sovits40"), replace(INDEX, content_encoder="vec768l12"))


def test_a_warm_start_from_folded_weights_gives_the_same_network():
    from svcfx.chain.nets import weights

    first, second = generator("fork", seed=1), generator("fork", seed=9)
    stored = {key: tensor.detach() for key, tensor in first.state_dict().items()}
    taken = warm_start.begin(second, {key: t.float() for key, t in weights.folded(stored).items()}, "base")
    assert taken.tensors == taken.of
    again = weights.folded(second.state_dict())
    for key, tensor in weights.folded(stored).items():
        torch.testing.assert_close(again[key], tensor, rtol=1e-5, atol=1e-7, msg=key)


def test_a_base_that_hardly_fits_is_refused():
    with pytest.raises(TrainingError, match="tensors of 'base' fit"):
        warm_start.begin(generator("fork"), {"pre.bias": torch.zeros(8)}, "base")
