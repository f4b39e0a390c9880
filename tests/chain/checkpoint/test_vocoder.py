"""Vocoders opened: openvpi's layout, its licence, and mels of either logarithm."""

import json
import math
from pathlib import Path

import pytest
import torch
from voices import checkpoints

from svcfx.chain.checkpoint import open_vocoder
from svcfx.errors import VoiceError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return checkpoints.write_vocoder(tmp_path / "nsf_hifigan")


def test_a_folder_and_its_file_open_the_same(folder: Path) -> None:
    by_folder, by_file = open_vocoder(folder), open_vocoder(folder / "model")
    assert (by_folder.name, by_file.name) == ("nsf_hifigan", "model")
    mel, f0 = torch.zeros(1, 128, 4), torch.full((1, 4), 220.0)
    assert torch.equal(by_folder(mel, f0), by_file(mel, f0))
    assert by_folder.mel.bins == 128


def test_weight_norm_is_folded(folder: Path) -> None:
    assert not any(key.endswith(("_g", "_v")) for key in open_vocoder(folder).network.state_dict())


@pytest.mark.parametrize("name", ["model.ckpt", "nsf_hifigan_44.1k_hop512_128bin_2024.02.ckpt", "g.pth"])
def test_weights_go_by_many_names(folder: Path, name: str) -> None:
    (folder / "model").rename(folder / name)
    assert open_vocoder(folder).mel.hop_samples == 512


def test_several_weights_or_none_are_not_chosen_from(folder: Path) -> None:
    weights = (folder / "model").read_bytes()
    (folder / "model").unlink()
    with pytest.raises(VoiceError, match=r"holds 0 files of weights \(none\), 1 is needed"):
        open_vocoder(folder)
    for name in ("a.ckpt", "b.pth"):
        (folder / name).write_bytes(weights)
    with pytest.raises(VoiceError, match=r"holds 2 files of weights \(a.ckpt, b.pth\), 1 is needed"):
        open_vocoder(folder)


def test_a_licence_beside_it_is_read_and_its_absence_is_said(folder: Path) -> None:
    assert "not known" in open_vocoder(folder).licence
    assert "openvpi's releases of NSF-HiFiGAN are CC BY-NC-SA 4.0" in open_vocoder(folder).licence
    (folder / "NOTICE.txt").write_text("Made by somebody.\n")
    assert open_vocoder(folder).licence == "Made by somebody."
    (folder / "LICENSE").write_text("CC0\n")
    assert open_vocoder(folder).licence == "CC0"


def test_a_vocoder_of_common_logarithms_is_given_natural_ones(folder: Path, tmp_path: Path) -> None:
    natural = open_vocoder(folder)
    said = open_vocoder(checkpoints.write_vocoder(tmp_path / "said", mel_base="10"))
    told = open_vocoder(folder, "log10")
    assert said.mel == told.mel
    mel, f0 = torch.randn(1, 128, 3, generator=torch.Generator().manual_seed(1)), torch.full((1, 3), 220.0)
    torch.testing.assert_close(told(mel, f0), natural(mel / math.log(10.0), f0))
    audio = torch.randn(1, 4096, generator=torch.Generator().manual_seed(1))
    assert torch.equal(told.listen(audio), natural.listen(audio))
    with pytest.raises(VoiceError, match="mel_base is '2', allowed are 'e' and '10'"):
        open_vocoder(checkpoints.write_vocoder(tmp_path / "odd", mel_base="2"))


def test_what_is_no_vocoder_says_so(folder: Path, tmp_path: Path) -> None:
    checkpoints.write_sovits40(tmp_path / "voice", step=5)
    (tmp_path / "voice/G_5.pth").replace(folder / "model")
    with pytest.raises(VoiceError, match="'model' has no 'generator', an NSF-HiFiGAN has one") as caught:
        open_vocoder(folder)
    assert "Its keys are iteration, learning_rate, model, optimizer." in caught.value.hint


def test_a_config_of_another_vocoder_names_what_differs(folder: Path) -> None:
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"upsample_initial_channel": 64}))
    with pytest.raises(
        VoiceError, match=r"vocoder 'nsf_hifigan': .* tensors do not fit \(conv_pre.weight is"
    ):
        open_vocoder(folder)
    config.unlink()
    with pytest.raises(VoiceError, match=r"config\.json' cannot be read"):
        open_vocoder(folder)
