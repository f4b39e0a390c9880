"""HuBERT's front end in pieces gives what torchaudio's gives at once."""

import pytest
import torch

from svcfx.chain.content import extractor
from svcfx.chain.content.extractor import FeatureExtractor
from svcfx.chain.nets import precision
from svcfx.chain.nets.conv import adopt
from svcfx.chain.nets.torchaudio_import import ensure_torchaudio


@pytest.fixture(scope="module")
def theirs():
    torch.manual_seed(6)
    components = ensure_torchaudio().models.wav2vec2.components
    made = components._get_feature_extractor("group_norm", [(8, 10, 5), (8, 3, 2), (8, 2, 2)], bias=False)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter += 0.3 * torch.randn_like(parameter)
    return made.eval().requires_grad_(False)


@pytest.mark.parametrize("values", [1, 100, 10_000_000])
@pytest.mark.parametrize("samples", [30, 49, 50, 1000, 1013])
@pytest.mark.parametrize("offset", [0.0, 3.0])
def test_pieces_of_any_size_give_the_features_of_the_whole(theirs, monkeypatch, values, samples, offset):
    monkeypatch.setattr(extractor, "VALUES", values)
    audio = torch.randn(2, samples) + offset
    with torch.inference_mode():
        wanted, _ = theirs(audio, None)
        found, _ = FeatureExtractor(theirs.conv_layers)(audio)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def test_in_half_the_bits_features_keep_their_type(theirs, monkeypatch):
    monkeypatch.setattr(precision, "has_bf16", lambda device: True)
    ours = FeatureExtractor(theirs.conv_layers)
    adopt(ours)
    audio = torch.randn(1, 1000)
    with torch.inference_mode():
        full, half = ours(audio)[0], precision.at(ours, "bf16")(audio)[0]
    assert half.dtype == torch.float32
    assert 0.0 < float((half - full).abs().max()) < 0.1 * float(full.abs().max())
