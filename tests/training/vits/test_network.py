"""The trained network: upstream's keys, and terms that do not know what an item was batched with."""

import json
from pathlib import Path

import pytest
import torch
from training.vits.small import CONFIGS, discriminators, generator, one, three_takes

from svcfx.chain.checkpoint.sizes import vits_config
from svcfx.training.vits import losses
from svcfx.training.vits.network import TrainedGenerator, segments
from svcfx.training.vits.spectra import Spectra

VECTORS = Path(__file__).parents[2] / "golden/vectors"
CASES = sorted(path.parent for path in VECTORS.glob("*/config.json") if "train" not in path.parent.name)
CASES = [folder for folder in CASES if "model" in json.loads((folder / "config.json").read_text())]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_keys_shapes_and_their_order_are_upstreams(folder):
    document = json.loads((folder / "config.json").read_text())
    entries = json.loads((folder / "manifest.json").read_text())
    with torch.device("meta"):
        network = TrainedGenerator(vits_config("config.json", document))
    found = [(key, tuple(value.shape)) for key, value in network.state_dict().items()]
    assert found == [(entry["key"], tuple(entry["shape"])) for entry in entries]


@pytest.mark.parametrize("family", CONFIGS)
def test_each_item_of_a_masked_batch_has_the_terms_of_its_own_run(family):
    network, judge = generator(family).eval(), discriminators().eval()
    batch, noise = three_takes(network.config)
    together = _terms(network, judge, batch, noise)
    for index in range(3):
        alone = _terms(network, judge, *one(batch, noise, index))
        for name, value in alone.items():
            torch.testing.assert_close(together[name][index], value[0], rtol=1e-4, atol=1e-5, msg=name)


@pytest.mark.parametrize("family", CONFIGS)
def test_every_parameter_learns_from_a_step(family):
    network, judge = generator(family), discriminators()
    batch, noise = three_takes(network.config)
    terms = _terms(network, judge, batch, noise)
    telling = terms.pop("disc")
    torch.stack([value.sum() for value in terms.values()]).sum().backward(retain_graph=True)
    assert [name for name, p in network.named_parameters() if p.grad is None] == []
    judge.zero_grad()
    telling.sum().backward()
    assert [name for name, p in judge.named_parameters() if p.grad is None] == []


def test_a_fresh_flow_only_turns_the_channels_round():
    network = generator("fork").eval()
    batch, noise = three_takes(network.config)
    passed = network(batch, noise)
    turns = len(network.flow.flows)
    torch.testing.assert_close(passed.flowed, passed.latent.flip(1) if turns % 2 else passed.latent)


def test_a_segment_is_a_stretch_of_its_row():
    x = torch.arange(24.0).reshape(2, 1, 12)
    cut = segments(x, torch.tensor([0, 5]), 4)
    assert cut[:, 0].tolist() == [[0, 1, 2, 3], [17, 18, 19, 20]]


def _terms(network, judge, batch, noise):
    spectra = Spectra(hop=network.config.hop)
    passed = network(batch, noise)
    real = losses.reference(batch, passed, spectra, network.segment)
    terms = losses.own_terms(batch, passed, real, spectra, network)
    terms |= losses.fooling_terms(judge(passed.audio), judge(real))
    return terms | losses.telling_terms(judge(passed.audio.detach()), judge(real))
