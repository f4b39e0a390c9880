"""Files of so-vits-svc opened: what fits sings, what does not is refused in one sentence."""

import json
import math
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from svcfx.chain.checkpoint import open_generator
from svcfx.chain.checkpoint.sizes import vits_config
from svcfx.chain.vits import Generator
from svcfx.errors import VoiceError

Tensors = dict[str, torch.Tensor]
OLD: dict[str, Any] = {
    "inter_channels": 8, "hidden_channels": 8, "filter_channels": 16, "n_heads": 2, "n_layers": 2,
    "upsample_rates": [4, 2], "upsample_kernel_sizes": [8, 4], "upsample_initial_channel": 32,
    "resblock_kernel_sizes": [3], "resblock_dilation_sizes": [[1, 3]], "resblock": "1",
    "gin_channels": 256, "ssl_dim": 256, "n_speakers": 3,
}  # fmt: skip
NEW = OLD | {
    "gin_channels": 768, "ssl_dim": 768, "speech_encoder": "vec768l12", "vocoder_name": "nsf-hifigan",
}  # fmt: skip
NORMED = ("flow.flows.0.enc.in_layers.0", "dec.ups.0", "dec.conv_pre")


def document(model: dict[str, Any]) -> dict[str, Any]:
    return {"model": model, "data": {"sampling_rate": 44100}, "spk": {"mei": 0, "jo": 2}}


def tensors(model: dict[str, Any]) -> Tensors:
    """Weights as training stores them: some with weight norm, and a part that singing does not use."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        state = Generator(vits_config("config.json", document(model))).state_dict()
    for name in NORMED:
        whole = state.pop(f"{name}.weight")
        state[f"{name}.weight_g"] = torch.linalg.vector_norm(whole, dim=(1, 2), keepdim=True)
        state[f"{name}.weight_v"] = 3.0 * whole
    state["enc_q.pre.weight"] = torch.zeros(8, 1025, 1)
    return state


def written(folder: Path, model: dict[str, Any], state: Tensors, **extra: Any) -> tuple[Path, Path]:
    weights, config = folder / "mei.pth", folder / "config.json"
    torch.save({"model": state, "iteration": 12, "optimizer": {}, "learning_rate": 1e-4} | extra, weights)
    config.write_text(json.dumps(document(model)))
    return weights, config


def refusal(weights: Path, config: Path) -> str:
    with pytest.raises(VoiceError) as caught:
        open_generator(weights, config)
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("model", "family", "encoder"),
    [
        (OLD, "so-vits-svc 4.0", "vec256l9"),
        (OLD | {"ssl_dim": 768}, "so-vits-svc-fork 4.0v1", "vec768l12"),
        (OLD | {"ssl_dim": 768, "type_": "ms-istft"}, "so-vits-svc-fork QuickVC", "vec768l12"),
        (NEW, "so-vits-svc 4.1", "vec768l12"),
        (NEW | {"ssl_dim": 256, "speech_encoder": "vec256l9"}, "so-vits-svc 4.1", "vec256l9"),
    ],
)
def test_a_voice_that_fits_is_named(tmp_path: Path, model: dict[str, Any], family: str, encoder: str) -> None:
    opened = open_generator(*written(tmp_path, model, tensors(model)))
    assert (opened.family, opened.content_encoder) == (family, encoder)
    assert opened.singers == {"mei": 0, "jo": 2}
    assert not any(parameter.requires_grad for parameter in opened.network.parameters())


def test_weight_norm_is_folded_and_half_precision_raised(tmp_path: Path) -> None:
    state = tensors(OLD)
    halved = {key: tensor.half() for key, tensor in state.items()}
    opened = open_generator(*written(tmp_path, OLD, halved))
    folded = opened.network.state_dict()["dec.ups.0.weight"]
    torch.testing.assert_close(folded, state["dec.ups.0.weight_v"] / 3.0, atol=1e-3, rtol=1e-3)
    dtypes = {key: tensor.dtype for key, tensor in opened.network.state_dict().items()}
    assert {dtype for key, dtype in dtypes.items() if "f0_decoder" not in key} == {torch.float32}


def test_the_prefix_of_distributed_training_is_taken_off(tmp_path: Path) -> None:
    state = {f"module.{key}": tensor for key, tensor in tensors(OLD).items()}
    assert open_generator(*written(tmp_path, OLD, state)).family == "so-vits-svc 4.0"


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_every_kind_of_float_becomes_single_precision(tmp_path: Path, kind: torch.dtype) -> None:
    state = {key: tensor.to(kind) for key, tensor in tensors(NEW).items()}
    network = open_generator(*written(tmp_path, NEW, state)).network
    kinds = {key: tensor.dtype for key, tensor in network.state_dict().items()}
    assert {kind for key, kind in kinds.items() if "f0_decoder" not in key} == {torch.float32}


def test_what_tools_that_compress_leave_out_is_not_missed(tmp_path: Path) -> None:
    state = {key: tensor for key, tensor in tensors(OLD).items() if not key.startswith("enc_q.")}
    weights, config = written(tmp_path, OLD, state)
    torch.save({"model": state}, weights)
    assert open_generator(weights, config).family == "so-vits-svc 4.0"
    for other in (state, {"weight": state, "info": "merged"}):
        torch.save(other, weights)
        assert open_generator(weights, config).family == "so-vits-svc 4.0"


@pytest.mark.parametrize("absent", ["ssl_dim", "gin_channels", "n_speakers"])
@pytest.mark.parametrize("model", [OLD, NEW], ids=["4.0", "4.1"])
def test_a_size_that_a_config_leaves_out_is_what_the_tensors_say(
    tmp_path: Path, model: dict[str, Any], absent: str
) -> None:
    whole = open_generator(*written(tmp_path, model, tensors(model)))
    weights, config = written(tmp_path, model | {absent: None}, tensors(model))
    assert open_generator(weights, config).network.config == whole.network.config


@pytest.mark.parametrize(
    ("model", "data", "mode"),
    [
        (OLD, {}, "left"),
        (OLD, {"unit_interpolate_mode": "nearest"}, "left"),
        (OLD | {"ssl_dim": 768}, {}, "repeat"),
        (OLD | {"type_": "ms-istft"}, {}, "repeat"),
        (NEW, {}, "left"),
        (NEW, {"unit_interpolate_mode": "nearest"}, "nearest"),
        (NEW, {"unit_interpolate_mode": "linear"}, "linear"),
    ],
)
def test_units_are_spread_as_the_family_does(
    tmp_path: Path, model: dict[str, Any], data: dict[str, Any], mode: str
) -> None:
    weights, config = written(tmp_path, model, tensors(model))
    config.write_text(json.dumps(document(model) | {"data": {"sampling_rate": 44100} | data}))
    assert open_generator(weights, config).unit_mode == mode


def test_a_config_with_the_mark_that_windows_editors_leave_is_read(tmp_path: Path) -> None:
    weights, config = written(tmp_path, OLD, tensors(OLD))
    config.write_text(json.dumps(document(OLD)), encoding="utf-8-sig")
    assert open_generator(weights, config).singers == {"mei": 0, "jo": 2}


def test_inert_extras_are_read(tmp_path: Path) -> None:
    extra = {"learning_rate": np.float64(1e-4), "args": Namespace(a=1), "centres": np.ones(3, np.float32)}
    assert open_generator(*written(tmp_path, OLD, tensors(OLD), **extra)).family == "so-vits-svc 4.0"


def test_a_4_0_voice_under_a_4_1_config_names_three_differences_and_the_family(tmp_path: Path) -> None:
    sentence = refusal(*written(tmp_path, NEW, tensors(OLD)))
    assert "voice 'mei.pth': " in sentence
    assert "tensors do not fit (emb_g.weight is (3, 256), config says (3, 768); " in sentence
    assert sentence.count("config says (") == 3
    assert "looks like a so-vits-svc 4.0 voice; its config says so-vits-svc 4.1" in sentence


def test_a_4_1_voice_under_a_4_0_config_is_refused(tmp_path: Path) -> None:
    sentence = refusal(*written(tmp_path, OLD, tensors(NEW)))
    assert "looks like a so-vits-svc 4.1 voice; its config says so-vits-svc 4.0" in sentence


def test_a_missing_and_an_unknown_tensor_are_named(tmp_path: Path) -> None:
    state = tensors(OLD)
    del state["enc_p.proj.bias"]
    state["emb_vol.bias"] = torch.zeros(8)
    sentence = refusal(*written(tmp_path, OLD, state))
    assert "enc_p.proj.bias (16,) is missing; emb_vol.bias (8,) is not part of it" in sentence


def test_a_length_without_its_direction_does_not_pass(tmp_path: Path) -> None:
    state = tensors(OLD)
    del state["dec.ups.0.weight_v"]
    assert "dec.ups.0.weight (32, 16, 8) is missing" in refusal(*written(tmp_path, OLD, state))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_weights_that_are_no_numbers_are_refused(tmp_path: Path, bad: float) -> None:
    state = tensors(OLD)
    state["pre.weight"][0, 0, 0] = bad
    sentence = refusal(*written(tmp_path, OLD, state))
    assert "1 of " in sentence
    assert "hold NaN or infinite numbers (pre.weight)" in sentence


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("text_encoder.pre.weight", "a so-vits-svc 4.0-v2 voice"),
        ("discriminators.0.convs.0.bias", "a discriminator"),
        ("denoise_fn.mlp.0.weight", "a diffusion model"),
        ("dec_harm.0.weight", "a so-vits-svc 4.0-v2 voice"),
        ("enc_p.emb_phone.weight", "an RVC voice"),
        ("enc_p.text_embedding.weight", "a GPT-SoVITS voice"),
        ("unit2ctrl.stack.0.weight", "a DDSP-SVC model"),
        ("m_source.l_linear.weight", "an NSF-HiFiGAN vocoder, not a voice"),
        ("something.else", "no family that svcfx knows"),
    ],
)
def test_other_networks_are_refused_by_name(tmp_path: Path, key: str, what: str) -> None:
    assert what in refusal(*written(tmp_path, OLD, {key: torch.zeros(1)}))


@pytest.mark.parametrize("key", ["weight", "generator"])
def test_other_programs_keep_their_tensors_elsewhere(tmp_path: Path, key: str) -> None:
    weights, config = written(tmp_path, OLD, {})
    name = {"weight": "enc_p.emb_phone.weight", "generator": "m_source.l_linear.weight"}[key]
    torch.save({key: {name: torch.zeros(1)}, "sr": "40k", "f0": 1}, weights)
    assert "voice 'mei.pth' is a" in refusal(weights, config)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"model": {"spk_embed_dim": 109}, "data": {}}, "an RVC voice"),
        ({"model": {"semantic_frame_rate": "25hz"}, "data": {}}, "a GPT-SoVITS voice"),
        ({"model": {}, "data": {"text_cleaners": ["a"]}}, "a text-to-speech voice (VITS)"),
        ({"upsample_rates": [8, 8], "num_mels": 128}, "a vocoder"),
        ({"conv_dim": [512], "model_type": "hubert"}, "a content encoder"),
    ],
)
def test_a_config_of_another_program_is_named(tmp_path: Path, other: dict[str, Any], what: str) -> None:
    weights, config = written(tmp_path, OLD, tensors(OLD))
    config.write_text(json.dumps(other))
    assert f"config.json is the config of {what}, which svcfx does not play" in refusal(weights, config)


@pytest.mark.parametrize("encoder", ["hubertsoft", "whisper-ppg", "cnhubertlarge", "wavlmbase+", "mine"])
def test_an_encoder_that_is_not_here_is_refused_by_name(tmp_path: Path, encoder: str) -> None:
    model = NEW | {"speech_encoder": encoder}
    sentence = refusal(*written(tmp_path, model, tensors(NEW)))
    assert f"needs speech_encoder '{encoder}'" in sentence
    assert "vec256l9, vec768l12" in sentence


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"n_heads": 3}, "n_heads does not divide hidden_channels"),
        ({"upsample_rates": [8]}, "differ in length"),
        ({"ssl_dim": "many"}, "ssl_dim is 'many', allowed are whole numbers"),
        ({"upsample_initial_channel": 10**9}, "allowed are whole numbers from 1 to"),
        ({"n_layers": 10**6}, "n_layers is 1000000"),
        (
            {"type_": "hifigan"},
            "'hifigan' (did you mean 'hifi-gan'?), allowed are hifi-gan, istft, ms-istft, mb-",
        ),
        ({"type_": {}}, "type_ is {}"),
        ({"resblock": "2"}, "resblock is '2'"),
        ({"ssl_dim": 512}, "content of width 512"),
    ],
)
def test_a_config_with_an_impossible_value_is_refused(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    assert says in refusal(*written(tmp_path, OLD | change, tensors(OLD)))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "a config is an object"),
        ("{}", "has no 'model' section"),
        (json.dumps({"model": OLD}), "names no singer"),
        (json.dumps({"model": OLD, "spk": {"mei": 3}}), "singer 'mei' is row 3, the voice has 0 to 2"),
    ],
)
def test_a_config_that_is_none_is_refused(tmp_path: Path, text: str, says: str) -> None:
    weights, config = written(tmp_path, OLD, tensors(OLD))
    config.write_text(text)
    assert says in refusal(weights, config)


Spoil = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda whole: whole[: len(whole) // 2], "is cut short"),
        (lambda whole: b"", "is empty"),
        (lambda whole: b"\n<!DOCTYPE html><html>Sign in</html>", "is a web page"),
        (lambda whole: b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        (lambda whole: b"RIFF" + whole, "is not a torch file"),
        (lambda whole: b"\x80\x02garbage", "cannot be read as a checkpoint"),
    ],
    ids=["half", "empty", "html", "lfs", "riff", "garbage"],
)
def test_a_file_that_is_no_whole_checkpoint_is_refused(tmp_path: Path, spoil: Spoil, says: str) -> None:
    weights, config = written(tmp_path, OLD, tensors(OLD))
    weights.write_bytes(spoil(weights.read_bytes()))
    assert says in refusal(weights, config)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    weights, config = written(tmp_path, OLD, tensors(OLD))
    assert "cannot be read: No such file" in refusal(tmp_path / "none.pth", config)
    assert "cannot be read: No such file" in refusal(weights, tmp_path / "none.json")


def test_a_checkpoint_without_a_model_says_what_it_has(tmp_path: Path) -> None:
    weights, config = written(tmp_path, OLD, tensors(OLD))
    torch.save({"weight": torch.zeros(1)}, weights)
    assert "Its keys are weight." in refusal(weights, config)
