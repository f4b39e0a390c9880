"""Parts of a voice kept in our own format are those that were opened."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from voices import checkpoints

from svcfx.chain.checkpoint import (
    OpenedGenerator,
    converted,
    open_bank,
    open_encoder,
    open_refiner,
    open_vocoder,
    stored,
)
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


Part = tuple[Any, Callable[[Any, Path], None], Callable[[Path], Any]]


@pytest.fixture(params=["refiner", "vocoder", "encoder", "narrow encoder", "bank"])
def part(request: pytest.FixtureRequest, tmp_path: Path) -> Part:
    """A part as a foreign file gives it, and the two functions that keep it."""
    place = tmp_path / "foreign"
    if request.param == "refiner":
        checkpoints.write_diffusion(place, singers=("mei", "jo"))
        made = open_refiner(place / "model_5000.pt", place / "config.yaml")
        return made, converted.save_refiner, converted.load_refiner
    if request.param == "vocoder":
        return (
            open_vocoder(checkpoints.write_vocoder(place), "log10"),
            converted.save_vocoder,
            converted.load_vocoder,
        )
    if request.param == "bank":
        path = checkpoints.write_centres(place / "kmeans.pt", ("mei", "jo"))
        return open_bank(path, {"mei": 0, "jo": 1}), converted.save_bank, converted.load_bank
    wanted = "vec768l12" if request.param == "encoder" else "vec256l9"
    encoder = open_encoder(checkpoints.write_encoder(place), wanted)
    return encoder, converted.save_encoder, converted.load_encoder


def same(one: Any, other: Any) -> None:
    """Facts are equal, tensors are equal to the bit."""
    for field in dataclasses.fields(one):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name in ("network", "tables"):
            a, b = (x.state_dict() if field.name == "network" else x for x in (ours, theirs))
            assert set(a) == set(b)
            assert all(torch.equal(a[key], b[key]) for key in a)
        else:
            assert ours == theirs, field.name


def test_every_part_comes_back_as_it_was_and_gives_the_same_bytes(part: Part, tmp_path: Path) -> None:
    made, save, load = part
    save(made, tmp_path / "a.safetensors")
    again = load(tmp_path / "a.safetensors")
    same(made, again)
    save(again, tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_a_part_that_was_cut_or_is_another_is_refused(part: Part, tmp_path: Path) -> None:
    made, save, load = part
    path = tmp_path / "part.safetensors"
    save(made, path)
    whole = path.read_bytes()
    for keep in (0, 6, len(whole) - 1):
        path.write_bytes(whole[:keep])
        with pytest.raises(VoiceError, match=r"'part\.safetensors' cannot be read"):
            load(path)
    converted.save(opened(), path)
    with pytest.raises(VoiceError, match=r"'part\.safetensors' is 'svcfx-vits-1', not svcfx-"):
        load(path)
    with pytest.raises(VoiceError, match="cannot be read"):
        load(tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    "forged",
    [
        {"sizes": {"layers": 10**12}}, {"sizes": 3}, {"singers": None, "extra": 1}, {"config": {"mel": 1}},
        {"config": {"mel": {}}}, {"vocoder": []}, {"projected": "wide"}, {"projected": 5}, {"kind": 4},
    ],
    ids=str,
)  # fmt: skip
def test_facts_that_another_version_or_a_hand_wrote_are_refused(
    part: Part, tmp_path: Path, forged: dict[str, Any]
) -> None:
    made, save, load = part
    path = tmp_path / "part.safetensors"
    save(made, path)
    facts, tensors = stored.foreign(path)
    form = facts.pop("format")
    stored.write(path, form, {**facts, **forged}, tensors)
    if set(forged) <= set(facts):
        with pytest.raises(VoiceError):
            load(path)


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
