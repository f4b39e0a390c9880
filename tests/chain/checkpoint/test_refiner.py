"""Diffusion models opened: what a yaml leaves out, what it may not say, and what is no such model."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from voices import checkpoints

from svcfx.chain.checkpoint import open_refiner
from svcfx.chain.diffusion.refiner import Refiner
from svcfx.chain.vocoder import Vocoder, require_same
from svcfx.errors import VoiceError

MODEL, CONFIG = "model_5000.pt", "config.yaml"


def opened(folder: Path) -> Refiner:
    return open_refiner(folder / MODEL, folder / CONFIG)


def fits(refiner: Refiner, vocoder: Vocoder) -> None:
    names = {"acoustic_name": "the diffusion model", "vocoder_name": f"vocoder '{vocoder.name}'"}
    require_same(refiner.mel, vocoder.mel, **names)


def changed(folder: Path, section: str, **values: Any) -> Path:
    """The yaml with other values in a section; None takes a value out."""
    document = yaml.safe_load((folder / CONFIG).read_text())
    table = document.setdefault(section, {})
    table.update(values)
    document[section] = {key: value for key, value in table.items() if value is not None}
    (folder / CONFIG).write_text(yaml.safe_dump(document))
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(VoiceError) as caught:
        opened(folder)
    assert "\n" not in caught.value.message
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return checkpoints.write_diffusion(tmp_path / "diffusion", singers=("mei", "jo"))


def test_a_model_is_opened_with_the_facts_of_its_yaml(folder: Path) -> None:
    found = opened(folder)
    assert (found.sample_rate, found.hop, found.encoder, found.unit_mode) == (
        44100,
        512,
        "vec256l9",
        "nearest",
    )
    assert (found.timesteps, found.k_step_max, found.sings_alone) == (1000, 100, False)
    assert (found.method, found.speedup, found.singers) == ("dpm-solver++", 10, {"mei": 0, "jo": 1})
    assert (found.vocoder.kind, found.vocoder.bins) == ("nsf-hifigan", 128)
    assert not any(parameter.requires_grad for parameter in found.network.parameters())


def test_the_prefix_of_distributed_training_and_half_precision_are_undone(folder: Path) -> None:
    whole = opened(folder).network.state_dict()
    stored = torch.load(folder / MODEL)
    stored["model"] = {
        f"module.{key}": value if "decoder.denoise_fn" not in key else value.half()
        for key, value in stored["model"].items()
    }
    torch.save(stored, folder / MODEL)
    for key, value in opened(folder).network.state_dict().items():
        assert value.dtype == torch.float32
        torch.testing.assert_close(value, whole[key], rtol=1e-3, atol=1e-3)


def test_what_a_yaml_leaves_out_has_its_usual_meaning(folder: Path) -> None:
    changed(folder, "data", unit_interpolate_mode=None)
    changed(folder, "infer", speedup=None, method=None)
    changed(folder, "model", timesteps=None, k_step_max=None)
    changed(folder, "vocoder", type=None, ckpt=None)
    found = opened(folder)
    assert (found.unit_mode, found.method, found.speedup) == ("left", "naive", 10)
    assert (found.timesteps, found.k_step_max, found.sings_alone) == (1000, 1000, True)


@pytest.mark.parametrize(("deepest", "levels"), [(0, 1000), (1000, 1000), (5000, 1000), (300, 300)])
def test_levels_that_were_trained_are_all_unless_fewer_are_said(
    folder: Path, deepest: int, levels: int
) -> None:
    assert opened(changed(folder, "model", k_step_max=deepest)).k_step_max == levels


def test_no_speed_up_means_every_level_in_turn(folder: Path) -> None:
    found = opened(changed(folder, "infer", speedup=0))
    assert (found.method, found.speedup) == ("naive", 1)


@pytest.mark.parametrize(
    ("section", "values", "says"),
    [
        ("data", {"encoder": "hubertsoft"}, "needs encoder 'hubertsoft' (the soft HuBERT units)"),
        ("data", {"encoder": None}, "needs encoder 'None'"),
        ("data", {"encoder": "vec768l12"}, "'vec768l12' gives width 768, encoder_out_channels says 256"),
        ("data", {"sampling_rate": "44.1k"}, "sampling_rate is '44.1k', allowed are whole numbers"),
        ("data", {"block_size": 0}, "block_size is 0, allowed are whole numbers from 1"),
        ("data", {"unit_interpolate_mode": "neares"}, "'neares' (did you mean 'nearest'?)"),
        ("model", {"type": "DiffusionNew"}, "type is 'DiffusionNew', svcfx plays 'Diffusion' only"),
        ("model", {"n_chans": 10**9}, "n_chans is 1000000000, allowed are"),
        ("model", {"n_chans": 17}, "n_chans is 17, which is odd"),
        ("model", {"n_layers": 3}, "tensors do not fit"),
        ("model", {"timesteps": 500}, "has 1000 noise levels, config says 500"),
        ("model", {"timesteps": math.inf}, "timesteps is inf"),
        ("infer", {"method": "unip"}, "method is 'unip' (did you mean 'unipc'?)"),
        ("vocoder", {"type": "hifigan"}, "type is 'hifigan'"),
        ("spk", {"mei": 2}, "singer 'mei' is row 2, the voice has 0 to 1"),
    ],
)
def test_a_yaml_with_an_impossible_value_is_refused(
    folder: Path, section: str, values: dict[str, Any], says: str
) -> None:
    assert says in refusal(changed(folder, section, **values))


def test_a_generator_is_named_when_it_is_given_as_a_diffusion_model(folder: Path, tmp_path: Path) -> None:
    checkpoints.write_sovits40(tmp_path / "voice", step=5)
    (tmp_path / "voice/G_5.pth").replace(folder / MODEL)
    assert "is no diffusion model of so-vits-svc: a so-vits-svc 4.0 voice" in refusal(folder)


def test_weights_that_are_no_numbers_are_refused(folder: Path) -> None:
    stored = torch.load(folder / MODEL)
    stored["model"]["unit_embed.weight"][0, 0] = math.nan
    torch.save(stored, folder / MODEL)
    assert "hold NaN or infinite numbers (conditioning.unit_embed.weight)" in refusal(folder)


def test_a_generator_of_other_frames_or_units_does_not_fit(folder: Path) -> None:
    found = opened(folder)
    found.require_generator(sample_rate=44100, hop=512, encoder="vec256l9")
    with pytest.raises(
        VoiceError, match="hop in samples is 480 and 512; content encoder is vec768l12 and vec"
    ):
        found.require_generator(sample_rate=44100, hop=480, encoder="vec768l12")


def test_the_vocoder_that_it_was_trained_behind_fits_and_others_do_not(folder: Path, tmp_path: Path) -> None:
    from svcfx.chain.checkpoint import open_vocoder

    found = opened(folder)
    fits(found, open_vocoder(checkpoints.write_vocoder(tmp_path / "same")))
    other = open_vocoder(checkpoints.write_vocoder(tmp_path / "other", fmin=0, num_mels=80))
    with pytest.raises(
        VoiceError,
        match="vocoder 'other' do not fit: mel bins is 128 and 80; lowest frequency is 40 Hz and 0 Hz",
    ):
        fits(found, other)
    changed(folder, "vocoder", type="nsf-hifigan-log10")
    common = open_vocoder(checkpoints.write_vocoder(tmp_path / "log10", mel_base="10"))
    fits(opened(folder), common)
    with pytest.raises(VoiceError, match="logarithm is natural and log10"):
        fits(found, common)
