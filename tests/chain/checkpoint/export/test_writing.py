"""Files that are written are those that were read: every tensor, and the sound."""

import json
from pathlib import Path

import pytest
import torch
import yaml
from chain.checkpoint.export import exported
from voices import checkpoints

from svcfx.chain import checkpoint
from svcfx.chain.checkpoint import export, pickled
from svcfx.chain.retrieval.bank import Bank
from svcfx.errors import VoiceError

VECTORS = Path(__file__).parents[3] / "golden/vectors"
HELD = [
    ("4.0", "sovits40"), ("4.0", "fork"), ("4.0", "sovits41"), ("fork", "fork"), ("fork", "sovits41"),
    ("quickvc", "fork"), ("mb-istft", "fork"), ("istft", "fork"), ("4.1", "sovits41"), ("4.1", "fork"),
    ("4.1 with volume", "sovits41"), ("4.1 snake", "sovits41"), ("4.1 tiny", "sovits41"),
    ("4.1 transformer", "sovits41"),
]  # fmt: skip


def opened_again(folder, voice, form, *, posterior=True):
    """The voice as it was, its file's tensors, and the voice and tensors after an export."""
    at = exported.write(folder / "before", voice, posterior=posterior)
    before = checkpoint.open_generator(at / "G_100.pth", at / "config.json")
    kept = None
    if checkpoint.save_posterior(at / "G_100.pth", before.network.config, folder / "q.safetensors"):
        kept = checkpoint.load_posterior(folder / "q.safetensors")
    made = folder / "after"
    export.write_generator(made / "G_100.pth", made / "config.json", before, kept, form)
    after = checkpoint.open_generator(made / "G_100.pth", made / "config.json")
    return before, pickled.read(at / "G_100.pth"), after, pickled.read(made / "G_100.pth")


@pytest.fixture(scope="module", params=HELD, ids="-".join)
def again(request, tmp_path_factory):
    """One of `HELD`, as `opened_again` gives it: written once for all that is asked of it."""
    return opened_again(tmp_path_factory.mktemp("voice"), *request.param)


def test_an_exported_voice_sings_the_same(again):
    before, _, after, _ = again
    assert (after.singers, after.content_encoder) == (before.singers, before.content_encoder)
    loudest = exported.sung(before).abs().max()
    assert loudest > 1e-3
    torch.testing.assert_close(
        exported.sung(after), exported.sung(before), rtol=0, atol=2e-5 * float(loudest)
    )


def test_a_file_has_every_key_of_the_one_it_came_from_in_its_order(again):
    _, stored, _, made = again
    assert list(made) == ["model", "iteration", "optimizer", "learning_rate"]
    assert list(made["model"]) == list(stored["model"])
    for key, tensor in stored["model"].items():
        assert made["model"][key].shape == tensor.shape, key
        assert made["model"][key].dtype == torch.float32, key
        if key.startswith("enc_q."):
            torch.testing.assert_close(made["model"][key], tensor, rtol=0, atol=0)


def test_the_optimizer_is_one_that_torch_takes_back(tmp_path):
    _, _, _, made = opened_again(tmp_path, "4.0", "sovits40")
    count = len(made["optimizer"]["param_groups"][0]["params"])
    learnt = [torch.nn.Parameter(torch.zeros(2)) for _ in range(count)]
    again = torch.optim.AdamW(learnt, 1.0)
    again.load_state_dict(made["optimizer"])
    assert again.param_groups[0]["lr"] == made["learning_rate"] == 1e-4


def test_without_its_posterior_encoder_the_rest_is_whole(tmp_path):
    _, stored, _, made = opened_again(tmp_path, "4.1", "sovits41", posterior=False)
    assert list(made["model"]) == list(stored["model"])
    assert not any(key.startswith("enc_q.") for key in made["model"])


def test_half_a_posterior_encoder_is_none(tmp_path):
    at = exported.write(tmp_path / "voice", "4.0")
    whole = pickled.read(at / "G_100.pth")
    model = {key: tensor for key, tensor in whole["model"].items() if "enc_q.proj" not in key}
    torch.save({**whole, "model": model}, at / "G_100.pth")
    opened = checkpoint.open_generator(at / "G_100.pth", at / "config.json")
    assert not checkpoint.save_posterior(at / "G_100.pth", opened.network.config, tmp_path / "q")


@pytest.mark.parametrize(
    ("voice", "form", "says"),
    [
        ("4.1 with volume", "sovits40", "no volume embedding, no content 768 wide"),
        ("4.1 tiny", "fork", "no depthwise flow, no shared flow"),
        ("4.1 snake", "fork", "no voice without an f0 decoder, no snake decoder"),
        ("4.1 transformer", "fork", "no transformer flow"),
        ("quickvc", "sovits41", "no ms-istft decoder"),
        ("quickvc", "sovits40", "no content 768 wide, only 256, no ms-istft decoder"),
        ("fork", "sovits40", "no content 768 wide, only 256"),
    ],
)
def test_what_a_form_cannot_hold_is_refused(tmp_path, voice, form, says):
    at = exported.write(tmp_path, voice)
    opened = checkpoint.open_generator(at / "G_100.pth", at / "config.json")
    with pytest.raises(VoiceError, match=says) as caught:
        export.require(opened, form, "mei")
    assert "onnx" in caught.value.hint


@pytest.mark.parametrize(
    ("voice", "form", "differing"),
    [("4.0", "sovits40", 0), ("4.0", "sovits41", 1), ("fork", "fork", 0), ("4.0", "fork", 1),
     ("4.1", "sovits41", 0), ("4.1", "sovits40", 2), ("4.1 tiny", "onnx", 0)],
)  # fmt: skip
def test_what_a_program_does_otherwise_is_said(tmp_path, voice, form, differing):
    at = exported.write(tmp_path, voice)
    opened = checkpoint.open_generator(at / "G_100.pth", at / "config.json")
    assert len(export.differences(opened, form)) == differing


def test_a_diffusion_model_comes_back_with_all_that_its_yaml_said(tmp_path):
    at = checkpoints.write_diffusion(tmp_path / "before", singers=("mei", "alto"))
    before = checkpoint.open_refiner(at / "model_5000.pt", at / "config.yaml")
    made = tmp_path / "after"
    export.write_refiner(made / "model_5000.pt", made / "config.yaml", before, "pretrain/nsf_hifigan/model")
    after = checkpoint.open_refiner(made / "model_5000.pt", made / "config.yaml")
    facts = {name: value for name, value in vars(before).items() if name != "network"}
    assert facts == {name: value for name, value in vars(after).items() if name != "network"}
    stored, written = (pickled.read(folder / "model_5000.pt") for folder in (at, made))
    assert written["global_step"] == 5000
    assert set(written["model"]) == set(stored["model"])
    for key, tensor in stored["model"].items():
        torch.testing.assert_close(written["model"][key], tensor, rtol=1e-6, atol=1e-7)
    assert yaml.safe_load((made / "config.yaml").read_text())["spk"] == {"mei": 0, "alto": 1}


def test_a_diffusion_model_is_listed_in_upstreams_order(tmp_path):
    entries = json.loads((VECTORS / "sv41_unit2mel_a/manifest.json").read_text())
    listed = [entry["key"] for entry in entries if ".residual_layers." not in entry["key"]]
    at = checkpoints.write_diffusion(tmp_path / "before")
    before = checkpoint.open_refiner(at / "model_5000.pt", at / "config.yaml")
    export.write_refiner(tmp_path / "model_1.pt", tmp_path / "config.yaml", before, "x")
    made = [key for key in pickled.read(tmp_path / "model_1.pt")["model"] if ".residual_layers." not in key]
    assert made == listed


def test_a_vocoder_comes_back_with_its_terms(tmp_path):
    at = checkpoints.write_vocoder(tmp_path / "before")
    before = checkpoint.open_vocoder(at)
    export.write_vocoder(tmp_path / "after", before)
    after = checkpoint.open_vocoder(tmp_path / "after")
    assert after.network.config == before.network.config
    assert after.licence == before.licence
    mel, f0_hz = torch.randn(1, 128, 12), torch.full((1, 12), 220.0)
    with torch.inference_mode():
        torch.testing.assert_close(after(mel, f0_hz), before(mel, f0_hz), rtol=0, atol=1e-5)


def test_banks_come_back(tmp_path):
    rows = {"mei": torch.randn(80, 256), "alto": torch.randn(90, 256)}
    singers = {"mei": 0, "alto": 1}
    export.write_centres(tmp_path / "kmeans_10000.pt", Bank("centres", rows))
    centres = checkpoint.open_bank(tmp_path / "kmeans_10000.pt", singers)
    export.write_neighbours(tmp_path / "feature_and_index.pkl", Bank("neighbours", rows), singers)
    converted = tmp_path / "index.safetensors"
    checkpoint.convert_index(tmp_path / "feature_and_index.pkl", converted, trust=True)
    neighbours = checkpoint.open_bank(converted, singers)
    for singer, table in rows.items():
        torch.testing.assert_close(centres.tables[singer], table, rtol=0, atol=0)
        found = neighbours.tables[singer]
        torch.testing.assert_close(found.sort(0).values, table.sort(0).values, rtol=0, atol=0)
