"""Losses and the spectra below them: zero where nothing differs, and what their names say."""

import numpy as np
import pytest
import torch
from training.vits.small import discriminators, generator, three_takes

from svcfx.chain.vits.spectral import synthesis_filters, zero_stuffed_filter
from svcfx.training.vits import losses
from svcfx.training.vits.losses import StepShare
from svcfx.training.vits.spectra import Spectra


@pytest.fixture
def noise():
    return torch.randn(2, 10240, generator=torch.Generator().manual_seed(4))


def test_bands_put_together_again_are_the_signal_one_sample_late(noise):
    again = zero_stuffed_filter(losses.sub_bands(noise, 4), synthesis_filters(4))[:, 200:-200]
    late = noise.roll(1, 1)[:, 200:-200]
    assert float((again - late).norm() / late.norm()) < 0.2  # upstream's prototype is no nearer


def test_bands_are_nothing_apart_from_themselves(noise):
    bands = losses.sub_bands(noise, 4)
    assert losses.band_distances(bands, bands).tolist() == [0.0, 0.0]
    assert (losses.band_distances(0.5 * bands, bands) > 0.5).all()


def test_discriminators_that_know_all_lose_nothing_and_those_that_are_fooled_win_nothing():
    right, wrong = (torch.ones(3, 7), [torch.zeros(3, 2)]), (torch.zeros(3, 7), [torch.zeros(3, 2)])
    assert losses.telling_terms([wrong], [right])["disc"].tolist() == [0.0] * 3
    fooled = losses.fooling_terms([right], [right])
    assert fooled["gen"].tolist() == fooled["fm"].tolist() == [0.0] * 3
    assert losses.fooling_terms([wrong], [right])["gen"].tolist() == [1.0] * 3


def test_a_share_divides_terms_over_takes_by_frames_and_those_over_segments_by_items():
    share, term = StepShare(items=4, frames=100), torch.tensor([3.0, 5.0])
    assert float(share.of("mel", term)) == 2.0
    assert float(share.of("kl", term)) == pytest.approx(0.08)


def test_the_mel_of_a_tone_peaks_where_it_sounds():
    spectra = Spectra()
    tone = torch.sin(2 * np.pi * 1000.0 * torch.arange(22050) / 44100)[None]
    mel = spectra.mel(tone)
    assert mel.shape == (1, 80, 43)
    # 1 kHz lies 15 mel up and half the rate 60 (Slaney); centres lie 60 / 81 apart, the first as far from 0.
    assert int(mel[0, :, 20].argmax()) == round(15 * 81 / 60) - 1
    torch.testing.assert_close(spectra.to_mel(spectra.magnitudes(tone)), mel)


def test_audio_shorter_than_a_window_has_a_spectrogram_too():
    assert Spectra().magnitudes(torch.zeros(1, 700)).shape == (1, 1025, 1)


def test_discriminators_hear_any_length():
    judge = discriminators()
    for samples in (4096, 4099):
        opinions = judge(torch.zeros(2, samples))
        assert len(opinions) == 6
        assert all(
            scores.shape[0] == 2 and maps[-1].flatten(1).shape == scores.shape for scores, maps in opinions
        )


def test_the_reference_of_a_segment_is_its_audio():
    network = generator("fork").eval()
    batch, noise = three_takes(network.config)
    passed = network(batch, noise)
    real = losses.reference(batch, passed, Spectra(), network.segment)
    start = int(passed.start[2]) * 512
    torch.testing.assert_close(real[2], batch.audio[2, start : start + 20 * 512])
