"""A small ContentVec: layouts of its file, layers that are not built, and refusals."""

import subprocess
import sys
from typing import Any

import pytest
import torch

from svcfx.chain.content import contentvec
from svcfx.errors import VoiceError

DOCUMENT: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 12,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "conv_dim": [8, 8],
    "conv_kernel": [40, 8],
    "conv_stride": [40, 8],
    "conv_bias": False,
    "num_conv_pos_embeddings": 4,
    "num_conv_pos_embedding_groups": 2,
}


def hugging_face() -> dict[str, torch.Tensor]:
    """Tensors in the Hugging Face layout, with its weight norm per tap."""
    net = contentvec.ContentVec(DOCUMENT, 12, 6)
    generator = torch.Generator().manual_seed(4)
    tensors = {"masked_spec_embed": torch.zeros(16)}
    for key, value in net.state_dict().items():
        name = key.removeprefix("net.").replace("encoder.feature_projection", "feature_projection")
        tensors[name.replace("encoder.transformer.", "encoder.")] = 0.3 * torch.randn(
            value.shape, generator=generator
        )
    weight = tensors.pop("encoder.pos_conv_embed.conv.weight")
    gain = weight.square().sum((0, 1), keepdim=True).sqrt()
    tensors["encoder.pos_conv_embed.conv.weight_g"] = gain
    return tensors | {"encoder.pos_conv_embed.conv.weight_v": 3.0 * weight}


def fairseq() -> dict[str, torch.Tensor]:
    """The same tensors under fairseq's names."""
    pairs = (
        ("feature_extractor.conv_layers.0.layer_norm.", "feature_extractor.conv_layers.0.2."),
        (".conv.weight", ".0.weight"),
        ("feature_projection.layer_norm.", "layer_norm."),
        ("feature_projection.projection.", "post_extract_proj."),
        ("encoder.pos_conv_embed.conv.", "encoder.pos_conv.0."),
        (".feed_forward.intermediate_dense.", ".fc1."),
        (".feed_forward.output_dense.", ".fc2."),
    )
    named = {}
    for key, value in hugging_face().items():
        if key.startswith("encoder.layers."):
            key = key.replace(".layer_norm.", ".self_attn_layer_norm.").replace(".attention.", ".self_attn.")
        for theirs, ours in pairs:
            if not (theirs == ".conv.weight" and "pos_conv" in key):
                key = key.replace(theirs, ours)
        named["mask_emb" if key == "masked_spec_embed" else key] = value
    return named


@pytest.mark.parametrize("projected", [False, True])
def test_both_layouts_hear_the_same(projected: bool) -> None:
    audio = torch.randn(1, 4000, generator=torch.Generator().manual_seed(1))
    one = contentvec.build(DOCUMENT, hugging_face(), projected=projected)
    other = contentvec.build(DOCUMENT, fairseq(), projected=projected)
    content = one(audio)
    assert content.shape == (1, 6 if projected else 16, 12)
    torch.testing.assert_close(other(audio), content)


def test_layers_that_nobody_reads_are_not_built() -> None:
    net = contentvec.build(DOCUMENT, hugging_face(), projected=True)
    assert len(net.net.encoder.transformer.layers) == contentvec.NARROW_LAYER


def test_what_is_missing_is_said() -> None:
    tensors = hugging_face()
    del tensors["encoder.layers.3.final_layer_norm.bias"]
    with pytest.raises(VoiceError, match=r"layers.3.final_layer_norm.bias \(16,\) is missing"):
        contentvec.build(DOCUMENT, tensors, projected=False)
    without = {key: value for key, value in hugging_face().items() if not key.startswith("final_proj")}
    contentvec.build(DOCUMENT, without, projected=False)
    with pytest.raises(VoiceError, match="has no final_proj"):
        contentvec.build(DOCUMENT, without, projected=True)
    with pytest.raises(VoiceError, match="has 6 layers, this voice reads layer 9"):
        contentvec.build(DOCUMENT | {"num_hidden_layers": 6}, tensors, projected=True)


def test_audio_without_a_frame_is_refused() -> None:
    net = contentvec.build(DOCUMENT, hugging_face(), projected=False)
    with pytest.raises(VoiceError, match="399 samples"):
        net(torch.zeros(1, 399))


def test_a_second_at_44100_is_a_second_at_16000() -> None:
    wave = torch.sin(2 * torch.pi * 440 * torch.arange(44100, dtype=torch.float64) / 44100).float()
    found = contentvec.to_encoder_rate(wave, 44100)
    expected = torch.sin(2 * torch.pi * 440 * torch.arange(16000, dtype=torch.float64) / 16000).float()
    torch.testing.assert_close(found[100:-100], expected[100:-100], atol=1e-3, rtol=0.0)


@pytest.mark.slow
def test_a_network_without_memory_loads_no_compiler() -> None:
    code = (
        "import sys\n"
        "from svcfx.chain.content import contentvec\n"
        f"contentvec.empty({DOCUMENT!r}, 6)\n"
        "sys.exit('sympy' in sys.modules or 'torch._dynamo' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert all(value.is_meta for value in contentvec.empty(DOCUMENT, 6).state_dict().values())
