"""RVC files: what is read, what is told, and what is refused in one sentence."""

from pathlib import Path
from typing import Any

import pytest
import torch
from voices import rvc_checkpoints as rvc

from svcfx.chain.checkpoint import converted
from svcfx.chain.checkpoint.rvc import open_rvc
from svcfx.errors import VoiceError

EVERY = [*rvc.DECODERS]


def opened(tmp_path: Path, whole: Any = None, name: str = "mei_e200_s4000.pth") -> Any:
    return open_rvc(rvc.write(tmp_path / name, whole))


@pytest.mark.parametrize("f0", [True, False])
@pytest.mark.parametrize(("version", "rate"), EVERY)
def test_every_version_rate_and_pitch_is_known(tmp_path: Path, version: str, rate: int, f0: bool) -> None:
    found = opened(tmp_path, rvc.model(version, rate, f0=f0))
    sizes = found.network.config
    assert (sizes.sample_rate, sizes.hop, sizes.pitch) == (rate, rate // 100, f0)
    assert found.content_encoder == ("vec256l9" if version == "v1" else "vec768l12")
    assert found.family.startswith(f"RVC {version}")
    assert (sizes.window, sizes.flow_wavenet_layers, sizes.partials) == (10, 3, 1)


@pytest.mark.parametrize("said", [None, "40k", 40000, "40000"])
def test_the_rate_of_the_config_counts_not_the_one_for_display(tmp_path: Path, said: Any) -> None:
    whole = rvc.model(sr=said)
    assert opened(tmp_path, whole).network.config.sample_rate == 40000
    whole["config"][17], whole["sr"] = "40k", "48k"
    assert opened(tmp_path, whole).network.config.sample_rate == 40000


@pytest.mark.parametrize("norm", ["older", "newer", "folded"])
def test_weight_norm_may_be_spelt_in_three_ways(tmp_path: Path, norm: str) -> None:
    usual = opened(tmp_path).network.state_dict()
    table = rvc.tensors(norm=norm)
    if norm == "folded":
        from svcfx.chain.nets.weights import folded

        table = {key: tensor.float() for key, tensor in folded(rvc.tensors()).items()}
    found = opened(tmp_path, rvc.model(weight=table)).network.state_dict()
    assert found.keys() == usual.keys()
    assert all(torch.allclose(found[key], usual[key], atol=1e-6) for key in usual)


def test_a_training_state_is_read_without_what_only_training_needs(tmp_path: Path) -> None:
    small = opened(tmp_path).network.state_dict()
    found = open_rvc(rvc.write_state(tmp_path / "logs/mei/G_2333333.pth"))
    assert all(torch.equal(found.network.state_dict()[key], small[key]) for key in small)
    assert list(found.singers) == ["mei"]


def test_a_voice_without_speaker_info_is_one_singer_whatever_rows_it_has(tmp_path: Path) -> None:
    assert dict(opened(tmp_path, rvc.model(rows=109)).singers) == {"mei": 0}


@pytest.mark.parametrize(
    "table", [["ana", "bo"], {"ana": 0, "bo": 1}, {0: "ana", 1: "bo"}, {"0": "ana", "1": "bo"}]
)
def test_speaker_info_names_the_singers(tmp_path: Path, table: Any) -> None:
    assert dict(opened(tmp_path, rvc.model(speaker_info=table)).singers) == {"ana": 0, "bo": 1}


def test_a_singer_beyond_the_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="singer 'bo' is row 7, the voice has 0 to 2"):
        opened(tmp_path, rvc.model(speaker_info={"bo": 7}))


def test_what_applio_says_is_told(tmp_path: Path) -> None:
    found = opened(tmp_path, rvc.model(author="Ann", epoch=300, step=9000, embedder_model="contentvec",
                                       vocoder="HiFi-GAN", model_name="Rin", f0=True, sr=40000))  # fmt: skip
    assert {
        "author": "Ann",
        "epoch": "300",
        "step": "9000",
        "vocoder": "HiFi-GAN",
    }.items() <= found.said.items()
    assert list(found.singers) == ["Rin"]


def test_tensors_win_over_a_wrong_config_and_the_first_three_differences_are_told(tmp_path: Path) -> None:
    whole = rvc.model()
    whole["config"][3], whole["config"][6], whole["config"][12] = 192, 6, [10, 10, 2, 2, 2]
    whole["config"][13], whole["config"][14] = 512, [16, 16, 4, 4, 4]
    found = opened(tmp_path, whole)
    assert found.network.config.rates == (10, 10, 2, 2)
    (note,) = found.notes
    assert note.count("config says") == 3
    assert "hidden_channels is 8, config says 192" in note


def test_a_config_that_is_missing_is_read_off_the_tensors_where_they_decide(tmp_path: Path) -> None:
    assert opened(tmp_path, rvc.model("v2", 48000, config=None, sr=None)).network.config.sample_rate == 48000
    assert opened(tmp_path, rvc.model("v2", 24000, f0=False, config=None)).network.config.sample_rate == 24000
    with pytest.raises(VoiceError, match="may be one of 32000 or 48000 Hz"):
        opened(tmp_path, rvc.model("v1", 32000, f0=False, config=None, sr=None))
    assert opened(tmp_path, rvc.model("v1", 48000, f0=False, config=None)).network.config.sample_rate == 48000


def test_rates_that_no_decoder_has_are_refused_with_both_values(tmp_path: Path) -> None:
    whole = rvc.model()
    whole["config"][17] = 44100
    whole["config"][12] = [5, 5, 2, 2]
    table = dict(whole["weight"])
    table["dec.ups.0.weight_v"] = table["dec.ups.0.weight_v"][..., :12].clone()
    whole["weight"] = table
    with pytest.raises(VoiceError, match=r"upsampling kernels 12,16,4,4.*rates 5,5,2,2 and 44100 Hz"):
        opened(tmp_path, whole)


def test_a_config_of_another_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="its config is 12, an RVC voice has a list of 18"):
        opened(tmp_path, rvc.model(config=rvc.config()[:12]))


@pytest.mark.parametrize(
    ("decoder", "key"),
    [("MRF HiFi-GAN", "dec.mrfs.0.0.layers.0.conv1.weight_v"), ("RefineGAN", "dec.mel_conv.weight_v")],
)
def test_other_decoders_are_refused_by_name(tmp_path: Path, decoder: str, key: str) -> None:
    table = {name: value for name, value in rvc.tensors().items() if not name.startswith("dec.ups.")}
    for said in (decoder, None):
        whole = rvc.model(weight=table | {key: torch.zeros(1)}, vocoder=said)
        with pytest.raises(VoiceError, match=f"has the decoder {decoder}, which Applio alone plays"):
            opened(tmp_path, whole)


@pytest.mark.parametrize("name", ["spin", "spin-v2", "japanese-hubert-base"])
def test_another_content_encoder_is_named(tmp_path: Path, name: str) -> None:
    assert opened(tmp_path, rvc.model(embedder_model=name)).content_encoder == name


def test_an_encoder_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        VoiceError, match="the content encoder '/home/a/my-hubert', which svcfx does not know"
    ):
        opened(tmp_path, rvc.model(embedder_model="/home/a/my-hubert"))
    with pytest.raises(VoiceError, match="width 256, 'spin' gives 768"):
        opened(tmp_path, rvc.model("v1", 40000, embedder_model="spin"))


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    table = rvc.tensors()
    table["enc_p.proj.bias"][0] = float("nan")
    with pytest.raises(VoiceError, match=r"1 of \d+ tensors hold NaN"):
        opened(tmp_path, rvc.model(weight=table))


def test_a_tensor_of_another_shape_is_named(tmp_path: Path) -> None:
    table = rvc.tensors()
    table["flow.flows.0.pre.weight"] = torch.zeros(8, 5, 1)
    with pytest.raises(VoiceError, match=r"flow\.flows\.0\.pre\.weight is \(8, 5, 1\)"):
        opened(tmp_path, rvc.model(weight=table))


def test_half_a_voice_is_refused(tmp_path: Path) -> None:
    table = {key: value for key, value in rvc.tensors().items() if not key.startswith("emb_g")}
    with pytest.raises(VoiceError, match=r"is no whole RVC voice: emb_g\.weight is missing"):
        opened(tmp_path, rvc.model(weight=table))


def test_a_voice_keeps_itself_through_the_shelf_s_own_file(tmp_path: Path) -> None:
    found = opened(tmp_path, rvc.model(author="Ann"))
    converted.save(found, tmp_path / "kept.safetensors")
    again = converted.load(tmp_path / "kept.safetensors")
    assert again.network.config == found.network.config
    assert again.said == found.said
    assert all(torch.equal(again.network.state_dict()[k], v) for k, v in found.network.state_dict().items())


def test_a_hostile_pickle_is_not_run(tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "ran",)

    with pytest.raises(VoiceError, match="asks for code"):
        opened(tmp_path, rvc.model(info=Hostile()))
    assert not (tmp_path / "ran").exists()
