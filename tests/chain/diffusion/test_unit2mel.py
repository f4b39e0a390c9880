"""A small Unit2Mel: its condition, its refusals, and refinement from a shallow start."""

import pytest
import torch

from svcfx.chain.diffusion import NoiseSchedule, Pace, Sizes, Unit2Mel, build, refine
from svcfx.chain.diffusion.shallow import denormalise, normalise, shallow_start
from svcfx.errors import VoiceError

SIZES = Sizes(units=8, layers=3, channels=16, hidden=12, bins=10, timesteps=100)


def small(sizes: Sizes = SIZES) -> dict[str, torch.Tensor]:
    """Tensors as a 4.1 file holds them."""
    torch_state = Unit2Mel(sizes).state_dict()
    generator = torch.Generator().manual_seed(5)
    drawn = {
        key.replace("denoiser.", "decoder.denoise_fn.").replace("conditioning.", ""): 0.3
        * torch.randn(value.shape, generator=generator)
        for key, value in torch_state.items()
    }
    tables = {
        f"decoder.{k}": torch.from_numpy(v).float()
        for k, v in NoiseSchedule(sizes.timesteps).tables().items()
    }
    return drawn | tables | {"decoder.spec_min": torch.full((1, 1, 1), -12.0)}


def inputs(frames: int = 9) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(6)
    return (
        torch.randn(1, frames, SIZES.units, generator=generator),
        200.0 + 100.0 * torch.rand(1, frames, generator=generator),
        torch.rand(1, frames, generator=generator),
    )


def test_what_is_hoisted_is_what_each_layer_reads() -> None:
    net = build(SIZES, small())
    condition = net.conditioning(*inputs()).transpose(1, 2)
    hoisted = net.denoiser.hoist(condition)
    for layer, part in zip(net.denoiser.residual_layers, hoisted, strict=True):
        torch.testing.assert_close(part, layer.conditioner_projection(condition))


def test_refining_asks_for_the_condition_once(monkeypatch: pytest.MonkeyPatch) -> None:
    net = build(SIZES, small())
    calls = []
    plain = net.denoiser.hoist
    monkeypatch.setattr(net.denoiser, "hoist", lambda c: calls.append(1) or plain(c))
    mel, noise = torch.full((1, 9, 10), -5.0), torch.zeros(1, 10, 9)
    start = shallow_start(mel, noise, net.schedule, 40)
    made = refine(
        net,
        net.conditioning(*inputs()),
        start,
        method="unipc",
        pace=Pace.of_steps(40, 8),
        step_noise=lambda t: noise,
    )
    assert made.shape == mel.shape
    assert len(calls) == 1


def test_normalising_is_undone() -> None:
    mel = torch.linspace(-20.0, 4.0, 60).reshape(1, 6, 10)
    torch.testing.assert_close(denormalise(normalise(mel)), mel)


def test_a_speaker_mixed_of_one_is_that_speaker() -> None:
    sizes = Sizes(units=8, layers=1, channels=16, hidden=12, bins=10, speakers=3, timesteps=100)
    net = build(sizes, small(sizes))
    only = torch.tensor([0.0, 1.0, 0.0]).expand(1, 9, 3)
    moving = torch.eye(3).repeat(3, 1)[None]
    one, other = net.conditioning(*inputs(), mix=only), net.conditioning(*inputs(), mix=moving)
    torch.testing.assert_close(one[:, 1], other[:, 1])
    assert float((one[:, 0] - other[:, 0]).abs().max()) > 0.01
    with pytest.raises(VoiceError, match="3 speakers and none was chosen"):
        net.conditioning(*inputs())


def test_a_model_without_shift_refuses_one() -> None:
    sizes = Sizes(units=8, layers=1, channels=16, hidden=12, bins=10, pitch_shift=False, timesteps=100)
    net = build(sizes, small(sizes))
    with pytest.raises(VoiceError, match="knows no key shift, 3 was asked for"):
        net.conditioning(*inputs(), shift_semitones=3.0)


def test_tensors_that_do_not_fit_are_named() -> None:
    tensors = small()
    del tensors["f0_embed.bias"]
    tensors["unit_embed.weight"] = torch.zeros(12, 6)
    with pytest.raises(VoiceError, match=r"2 of \d+ tensors do not fit .*unit_embed.weight is \(12, 6\)"):
        build(SIZES, tensors, "a model")


def test_another_schedule_is_refused() -> None:
    with pytest.raises(VoiceError, match="has 100 noise levels, config says 1000"):
        build(Sizes(units=8, layers=3, channels=16, hidden=12, bins=10), small())
    cosine = small() | {"decoder.betas": torch.linspace(1e-4, 0.06, 100)}
    with pytest.raises(VoiceError, match="schedule other than linear"):
        build(SIZES, cosine)
    with pytest.raises(VoiceError, match="spec_min -10, only -12"):
        build(SIZES, small() | {"decoder.spec_min": torch.full((1, 1, 1), -10.0)})
    with pytest.raises(VoiceError, match="spec_max empty, only 2"):
        build(SIZES, small() | {"decoder.spec_max": torch.zeros(0)})
