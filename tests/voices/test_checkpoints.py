"""The voices that tests write are voices: they open, and what they sing is loud, short and finite."""

import pytest
import torch
from voices import checkpoints

from svcfx.chain.checkpoint import open_generator
from svcfx.chain.content import contentvec


@pytest.mark.parametrize(
    ("write", "family"),
    [(checkpoints.write_sovits40, "so-vits-svc 4.0"), (checkpoints.write_sovits41, "so-vits-svc 4.1")],
)
def test_a_small_voice_opens_and_sings_quickly(tmp_path, write, family):
    folder = write(tmp_path, singers=("mei", "alto"))
    opened = open_generator(folder / "G_100.pth", folder / "config.json")
    assert (opened.family, opened.content_encoder) == (family, "vec256l9")
    assert dict(opened.singers) == {"mei": 0, "alto": 1}
    assert opened.network.config.hop == checkpoints.HOP
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_000_000


def test_a_small_encoder_hears_at_fifty_frames_a_second(tmp_path):
    folder = checkpoints.write_encoder(tmp_path / "encoder")
    tensors = torch.load(folder / "pytorch_model.bin", weights_only=True)
    net = contentvec.build(checkpoints.HUBERT, tensors, projected=True)
    assert sum(value.numel() for value in net.state_dict().values()) < 300_000  # quick, on any machine
    heard = net(0.1 * torch.randn(1, 16000, generator=torch.Generator().manual_seed(0)))
    assert heard.shape == (1, 256, 49)
    assert bool(torch.isfinite(heard).all())
    assert 0.05 < float(heard.std()) < 5.0


def test_a_diffusion_folder_and_its_vocoder_hold_what_upstream_writes(tmp_path):
    checkpoints.write_sovits41(tmp_path, diffusion=True, nested=True)
    model = torch.load(tmp_path / "logs/44k/diffusion/model_5000.pt", weights_only=True)["model"]
    assert model["unit_embed.weight"].shape == (16, 256)
    assert model["decoder.betas"].shape == (1000,)
    assert model["decoder.denoise_fn.residual_layers.1.dilated_conv.weight"].shape == (32, 16, 3)
    stored = torch.load(tmp_path / "pretrain/nsf_hifigan/model", weights_only=True)["generator"]
    assert stored["ups.0.weight_g"].shape == (32, 1, 1)


def test_banks_are_written_as_upstream_has_them(tmp_path):
    centres = torch.load(checkpoints.write_centres(tmp_path / "kmeans_10000.pt"), weights_only=False)
    assert centres["mei"]["cluster_centers_"].shape == (12, 256)
    pytest.importorskip("faiss")
    assert checkpoints.write_neighbours(tmp_path / "feature_and_index.pkl").stat().st_size > 40 * 256 * 4
