"""A generator kept in our own format is the one that was opened."""

from pathlib import Path

import pytest
import torch

from svcfx.chain.checkpoint import OpenedGenerator, converted
from svcfx.chain.vits import Generator, VitsConfig
from svcfx.errors import VoiceError


def opened(**options: bool) -> OpenedGenerator:
    config = VitsConfig(
        content=8, speakers=3, speaker_width=6, inter=8, hidden=8, filter=16, layers=1, initial=32,
        block_kernels=(3,), block_dilations=((1, 3),), rates=(4, 2), rate_kernels=(8, 4), **options,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        network = Generator(config).eval().requires_grad_(False)
    return OpenedGenerator(network, "so-vits-svc 4.1", "vec768l12", "nearest", {"mei": 0})


@pytest.mark.parametrize("options", [{}, {"flow_shared": True, "flow_depthwise": True, "volume": True}])
def test_a_generator_comes_back_as_it_was(tmp_path: Path, options: dict[str, bool]) -> None:
    before = opened(**options)
    converted.save(before, tmp_path / "mei.safetensors")
    after = converted.load(tmp_path / "mei.safetensors")
    assert (after.family, after.content_encoder, after.singers) == (
        before.family,
        before.content_encoder,
        before.singers,
    )
    assert after.network.config == before.network.config
    for key, tensor in before.network.state_dict().items():
        torch.testing.assert_close(after.network.state_dict()[key], tensor, rtol=1e-6, atol=1e-7)


def test_the_same_generator_gives_the_same_bytes(tmp_path: Path) -> None:
    converted.save(opened(), tmp_path / "a.safetensors")
    converted.save(opened(), tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


@pytest.mark.parametrize("keep", [0, 4, 2000])
def test_a_file_cut_short_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "mei.safetensors"
    converted.save(opened(), path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(VoiceError, match="cannot be read"):
        converted.load(path)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(VoiceError, match="is 'unknown', not svcfx-vits-1"):
        converted.load(tmp_path / "other.safetensors")
