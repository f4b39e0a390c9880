"""The vocoder's mel, source and network, and what is said of a pair that does not fit."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from svcfx.chain.vocoder import MelFormat, NsfHifiGan, VocoderConfig, build, log_mel, require_same
from svcfx.chain.vocoder.generator import SourceNoise, harmonic_sines
from svcfx.errors import VoiceError

DOCUMENT: dict[str, Any] = {
    "resblock": "1",
    "upsample_rates": [4, 2],
    "upsample_kernel_sizes": [8, 4],
    "upsample_initial_channel": 16,
    "resblock_kernel_sizes": [3, 5],
    "resblock_dilation_sizes": [[1, 3], [1, 2]],
    "num_mels": 6,
    "n_fft": 32,
    "win_size": 32,
    "hop_size": 8,
    "sampling_rate": 8000,
    "fmin": 40,
    "fmax": 4000,
    "batch_size": 10,
}
OPENVPI = MelFormat(
    sample_rate_hz=44100,
    hop_samples=512,
    fft_samples=2048,
    window_samples=2048,
    bins=128,
    low_hz=40.0,
    high_hz=16000.0,
)


def tone(hz: float, seconds: float = 0.5) -> torch.Tensor:
    return torch.sin(2 * torch.pi * hz * torch.arange(int(44100 * seconds), dtype=torch.float64) / 44100)[
        None
    ]


@pytest.mark.parametrize("shift", [-5.0, 2.5, 3.0])
def test_a_key_shift_is_heard_as_another_key(shift: float) -> None:
    shifted = log_mel(tone(1000.0), OPENVPI, shift)
    sung = log_mel(tone(1000.0 * 2 ** (shift / 12)), OPENVPI)
    middle = slice(8, -8)
    assert torch.equal(shifted[..., middle].argmax(1), sung[..., middle].argmax(1))
    assert float((shifted.amax(1) - sung.amax(1))[..., middle].abs().max()) < 0.25


def test_silence_is_the_floor_and_short_audio_has_its_frames() -> None:
    silence = log_mel(torch.zeros(1, 5120), OPENVPI)
    torch.testing.assert_close(silence, torch.full_like(silence, float(np.log(1e-5))))
    assert log_mel(torch.zeros(2, 700), OPENVPI).shape == (2, 128, 1)


def test_log10_is_the_natural_logarithm_scaled() -> None:
    natural = log_mel(tone(500.0), OPENVPI)
    common = log_mel(tone(500.0), replace(OPENVPI, log_base="log10"))
    torch.testing.assert_close(common, natural * 0.4342945)


def test_ten_minutes_of_a_tone_stay_in_tune() -> None:
    frames = 51680  # 600 s
    sines = harmonic_sines(torch.full((1, frames), 220.0), 1, 512, 44100)[0, -44100:, 0]
    step = torch.remainder(torch.tensor(220.0) / 44100, 1.0).double()
    index = torch.arange(frames * 512 - 44100 + 1, frames * 512 + 1, dtype=torch.float64)
    expected = 0.1 * torch.sin(2 * torch.pi * torch.remainder(step * index, 1.0))
    torch.testing.assert_close(sines.double(), expected, atol=1e-6, rtol=0.0)


def test_unvoiced_frames_have_no_sine() -> None:
    f0 = torch.tensor([[200.0, 0.0, 200.0]])
    sines = harmonic_sines(f0, 9, 8, 8000)
    assert float(sines[:, 8:16].abs().max()) == 0.0
    assert float(sines[:, :8].abs().max()) > 0.01


def small() -> tuple[VocoderConfig, dict[str, torch.Tensor]]:
    config = VocoderConfig.read(DOCUMENT)
    generator = torch.Generator().manual_seed(2)
    state = NsfHifiGan(config).state_dict()
    return config, {key: 0.2 * torch.randn(v.shape, generator=generator) for key, v in state.items()}


def test_one_mel_frame_becomes_a_hop_and_far_frames_do_not_matter() -> None:
    net = build(*small())
    mel, f0 = torch.zeros(1, 6, 60), torch.full((1, 60), 300.0)
    noise = SourceNoise(torch.zeros(1, 9), torch.zeros(1, 480, 9))
    whole = net(mel, f0, noise)
    assert whole.shape == (1, 480)
    mel[..., 40:] = 1.0
    torch.testing.assert_close(net(mel, f0)[:, :200], whole[:, :200])


def test_weight_norm_is_folded_when_it_is_there() -> None:
    config, plain = small()
    normed = dict(plain)
    weight = normed.pop("ups.0.weight")
    gain = torch.linspace(0.5, 2.0, weight.shape[0])[:, None, None]
    normed |= {"ups.0.weight_g": gain, "ups.0.weight_v": weight}
    norm = weight.flatten(1).norm(dim=1)[:, None, None]
    expected = build(config, plain | {"ups.0.weight": gain * weight / norm})
    found = build(config, normed)
    torch.testing.assert_close(found.ups[0].weight, expected.ups[0].weight)


def test_tensors_of_another_network_are_named() -> None:
    config, tensors = small()
    tensors["conv_pre.weight"] = torch.zeros(16, 8, 7)
    with pytest.raises(VoiceError, match=r"conv_pre.weight is \(16, 8, 7\), config says \(16, 6, 7\)"):
        build(config, tensors, "vocoder 'x'")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hop_size": 16}, "make 8 samples a frame, and a hop_size of 16"),
        ({"resblock": "2"}, "resblock '2'"),
        ({"fmin": "low"}, "fmin is 'low'"),
        ({"upsample_rates": [4, 0]}, "upsample_rates is"),
        ({"pc_aug": True}, "pitch-controllable"),
        ({"num_mels": 10**9}, "num_mels is 1000000000, allowed are whole numbers from 1 to"),
        ({"upsample_initial_channel": 2}, "halved to nothing"),
        ({"upsample_kernel_sizes": [8, 3]}, "an upsample kernel that its rate does not allow"),
        ({"resblock_kernel_sizes": [4, 5]}, "an even resblock kernel"),
        ({"resblock_dilation_sizes": [[1]]}, "2 resblock_kernel_sizes and 1 dilations"),
        ({"fmax": float("inf")}, "fmax is inf"),
        ({"fmax": 5000}, "a mel from 40 to 5000 Hz at 8000 Hz"),
        ({"win_size": 64}, "a win_size beyond its n_fft"),
        ({"n_fft": None}, "has no n_fft"),
    ],
)
def test_a_config_that_cannot_be_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(VoiceError, match=said):
        VocoderConfig.read(DOCUMENT | change)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("sample_rate_hz", 24000, "sample rate is 44100 Hz and 24000 Hz"),
        ("hop_samples", 256, "hop is 512 samples and 256 samples"),
        ("fft_samples", 1024, "FFT is 2048 samples and 1024 samples"),
        ("bins", 80, "mel bins is 128 and 80"),
        ("low_hz", 0.0, "lowest frequency is 40 Hz and 0 Hz"),
        ("high_hz", 12000.0, "highest frequency is 16000 Hz and 12000 Hz"),
        ("log_base", "log10", "logarithm is natural and log10"),
    ],
)
def test_each_field_that_differs_is_named_with_both_values(field: str, value: Any, said: str) -> None:
    require_same(OPENVPI, OPENVPI, acoustic_name="a", vocoder_name="b")
    with pytest.raises(VoiceError, match=said):
        require_same(OPENVPI, replace(OPENVPI, **{field: value}), acoustic_name="a", vocoder_name="b")
