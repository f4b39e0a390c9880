import numpy as np
import torch

from svcfx.chain import mel


def sine(hz: float, seconds: float = 0.5) -> torch.Tensor:
    t = np.arange(int(seconds * mel.RATE)) / mel.RATE
    return torch.from_numpy(np.sin(2 * np.pi * hz * t).astype(np.float32))[None]


def test_a_sine_is_loudest_in_the_band_about_its_pitch():
    for hz in (300.0, 1000.0, 4000.0):
        band = int(mel.log_mel(sine(hz))[0].mean(-1).argmax())
        assert abs(np.log2(mel.centres()[band] / hz)) < 0.1


def test_digital_silence_is_the_floor():
    assert torch.all(mel.log_mel(torch.zeros(1, 1600)) == mel.FLOOR)


def test_a_frame_hears_its_640_samples_and_no_others():
    noise = torch.randn(1, 4000, generator=torch.Generator().manual_seed(1))
    whole = mel.log_mel(noise)
    assert whole.shape == (1, 80, mel.frames_in(4000))
    torch.testing.assert_close(mel.log_mel(noise[:, 480 : 480 + 640])[..., 0], whole[..., 3])


def test_white_noise_of_variance_one_has_its_power_per_hertz_in_every_band():
    noise = torch.randn(1, 160000, generator=torch.Generator().manual_seed(2))
    power = torch.exp(2 * mel.log_mel(noise)).mean(-1)[0]
    np.testing.assert_allclose(power.numpy(), 2.0 / mel.RATE, rtol=0.15)


def test_a_buffer_shorter_than_a_window_has_no_frames():
    assert mel.log_mel(torch.zeros(1, 639)).shape == (1, 80, 0)
