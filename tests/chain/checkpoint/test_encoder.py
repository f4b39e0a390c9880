"""Content encoders opened: both layouts, only the layers that are read, and configs of other networks."""

import json
import math
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from voices import checkpoints

from svcfx.chain.checkpoint import encoder as opening
from svcfx.chain.checkpoint import open_encoder
from svcfx.chain.content import contentvec
from svcfx.errors import VoiceError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return checkpoints.write_encoder(tmp_path / "content-vec-best")


@pytest.fixture
def fairseq(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same network as fairseq stores it. The file says no sizes: small ones stand for HuBERT base."""
    monkeypatch.setattr(opening, "BASE", {key: checkpoints.HUBERT[key] for key in opening.BASE})
    names = (
        ("feature_extractor.conv_layers.0.layer_norm.", "feature_extractor.conv_layers.0.2."),
        ("feature_projection.layer_norm.", "layer_norm."),
        ("feature_projection.projection.", "post_extract_proj."),
        ("encoder.pos_conv_embed.conv.", "encoder.pos_conv.0."),
        (".feed_forward.intermediate_dense.", ".fc1."),
        (".feed_forward.output_dense.", ".fc2."),
        (".attention.", ".self_attn."),
    )
    model = {}
    for key, value in torch.load(folder / "pytorch_model.bin").items():
        if key.startswith("encoder.layers."):
            key = key.replace(".layer_norm.", ".self_attn_layer_norm.")
        if key.startswith("feature_extractor."):
            key = key.replace(".conv.", ".0.")
        for theirs, ours in names:
            key = key.replace(theirs, ours)
        model["mask_emb" if key == "masked_spec_embed" else key] = value
    path = tmp_path / "checkpoint_best_legacy_500.pt"
    torch.save({"args": Namespace(arch="hubert"), "model": model, "extra_state": {}}, path)
    return path


AUDIO = torch.randn(2, 4000, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("wanted", "width"), [("vec768l12", 16), ("vec256l9", 256)])
def test_one_take_or_several_are_heard(folder: Path, wanted: str, width: int) -> None:
    encoder = open_encoder(folder, wanted)
    assert (encoder.name, encoder.width) == (wanted, width)
    several = encoder(AUDIO)
    assert several.shape == (2, width, 12)
    torch.testing.assert_close(encoder(AUDIO[1]), several[1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("wanted", ["vec768l12", "vec256l9"])
def test_every_layout_hears_the_same(folder: Path, fairseq: Path, tmp_path: Path, wanted: str) -> None:
    heard = open_encoder(folder, wanted)(AUDIO)
    assert torch.equal(open_encoder(fairseq, wanted)(AUDIO), heard)
    assert torch.equal(open_encoder(folder / "pytorch_model.bin", wanted)(AUDIO), heard)
    weights = torch.load(folder / "pytorch_model.bin")
    save_file(weights, folder / "model.safetensors")
    (folder / "pytorch_model.bin").unlink()
    assert torch.equal(open_encoder(folder, wanted)(AUDIO), heard)
    save_file({f"hubert.{key}": value for key, value in weights.items()}, folder / "model.safetensors")
    assert torch.equal(open_encoder(folder, wanted)(AUDIO), heard)


def test_layers_that_the_voice_does_not_read_are_not_kept(folder: Path) -> None:
    layers = open_encoder(folder, "vec256l9").network.net.encoder.transformer.layers
    assert len(layers) == contentvec.NARROW_LAYER


def test_half_precision_is_raised(folder: Path) -> None:
    weights = torch.load(folder / "pytorch_model.bin")
    torch.save({key: value.half() for key, value in weights.items()}, folder / "pytorch_model.bin")
    state = open_encoder(folder, "vec768l12").network.state_dict()
    assert {value.dtype for value in state.values()} == {torch.float32}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"hidden_act": "relu"}, "hidden_act is 'relu', a ContentVec has 'gelu'"),
        ({"feat_extract_norm": "layer"}, "feat_extract_norm is 'layer'"),
        ({"do_stable_layer_norm": True}, "do_stable_layer_norm is True"),
        ({"hidden_size": 10**9}, "hidden_size is 1000000000, allowed are whole numbers"),
        ({"hidden_size": math.nan}, "hidden_size is nan"),
        ({"num_attention_heads": 3}, "num_attention_heads does not divide hidden_size"),
        ({"conv_dim": [8]}, "differ in length"),
        ({"conv_kernel": "10"}, "conv_kernel is '10'"),
        ({"num_hidden_layers": 6}, "has 6 layers, this voice reads layer 12"),
        ({"intermediate_size": 32}, "tensors do not fit"),
    ],
)
def test_a_config_of_another_network_is_refused(folder: Path, change: dict[str, Any], says: str) -> None:
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | change))
    with pytest.raises(VoiceError) as caught:
        open_encoder(folder, "vec768l12")
    assert says in str(caught.value)
    assert "\n" not in caught.value.message


def test_what_a_config_leaves_out_is_hubert_base() -> None:
    assert opening.sizes("config.json", {}) == dict(opening.BASE)


class Dictionary:
    """Stands for a class that only fairseq has."""


Dictionary.__module__, Dictionary.__qualname__ = "fairseq.data.dictionary", "Dictionary"


def test_a_file_that_needs_fairseq_points_to_the_other_layout(
    fairseq: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys
    import types

    for name in ("fairseq", "fairseq.data", "fairseq.data.dictionary"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    sys.modules["fairseq.data.dictionary"].Dictionary = Dictionary  # type: ignore[attr-defined]
    torch.save(torch.load(fairseq, weights_only=False) | {"task_state": Dictionary()}, fairseq)
    with pytest.raises(VoiceError, match=r"can be read by fairseq alone: .* asks for code") as caught:
        open_encoder(fairseq, "vec256l9")
    assert "lengyue233/content-vec-best" in caught.value.hint


def test_what_is_no_encoder_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="needs content encoder 'hubertsoft'"):
        open_encoder(folder, "hubertsoft")
    (folder / "pytorch_model.bin").unlink()
    with pytest.raises(VoiceError, match=r"neither model\.safetensors nor pytorch_model\.bin"):
        open_encoder(folder, "vec768l12")
    with pytest.raises(VoiceError, match="cannot be read: No such file"):
        open_encoder(tmp_path / "none.pt", "vec768l12")
    checkpoints.write_sovits40(tmp_path / "voice", step=5)
    with pytest.raises(VoiceError, match=r"is a so-vits-svc 4\.0 voice, not a content encoder"):
        open_encoder(tmp_path / "voice/G_5.pth", "vec256l9")
