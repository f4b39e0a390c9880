"""RMVPE: its front end, its shapes, how a pitch is read off, and the octave above its reach.

The published weights are in no package, so the network is tried on random ones and on a small one that is
trained here.
"""

import math

import numpy as np
import pytest
import torch
from chain.pitch.takes import harmonic

from svcfx.chain.pitch import rmvpe
from svcfx.chain.pitch.rmvpe_net import BANDS, PITCHES, Rmvpe, RmvpeSizes, build, sizes_of
from svcfx.errors import VoiceError

SMALL = RmvpeSizes(stages=2, first=4, blocks=1, middle=1, recurrent=16)


def random(sizes=SMALL):
    torch.manual_seed(3)
    return Rmvpe(sizes).eval().requires_grad_(False)


def bin_of(hz):
    return (1200 * math.log2(hz / 10) - rmvpe.FIRST_CENTS) / rmvpe.STEP_CENTS


class Hears:
    """A network that hears a pitch per call, whatever is played to it."""

    sizes = SMALL

    def __init__(self, *hz):
        self.hz = list(hz)

    def __call__(self, frames):
        made = torch.zeros(1, frames.shape[1], PITCHES)
        hz = self.hz.pop(0)
        if hz:
            made[..., round(bin_of(hz))] = 0.9
        return made


def test_the_published_file_has_the_published_number_of_weights():
    with torch.device("meta"):
        whole = Rmvpe(RmvpeSizes())
    assert 90.0e6 < sum(value.numel() for value in whole.state_dict().values()) < 91.0e6
    assert "unet.encoder.layers.0.conv.0.shortcut.weight" in whole.state_dict()
    assert "unet.encoder.layers.0.conv.1.shortcut.weight" not in whole.state_dict()


@pytest.mark.parametrize("sizes", [SMALL, RmvpeSizes(stages=3, first=2, blocks=2, middle=2, recurrent=8)])
def test_sizes_are_read_off_a_file_and_its_weights_fill_the_network(sizes):
    made = random(sizes)
    counted = {"unet.encoder.bn.num_batches_tracked": torch.tensor(7)}
    assert sizes_of(made.state_dict()) == sizes
    again = build({key: t.half() for key, t in made.state_dict().items()} | counted, "rmvpe.pt")
    mel = torch.randn(1, 2 * sizes.step, BANDS)
    assert torch.allclose(again(mel), made(mel), atol=0.02)
    assert made(mel).shape == (1, 2 * sizes.step, PITCHES)


def test_a_file_that_lacks_a_tensor_is_refused_by_its_name():
    stored = random().state_dict()
    del stored["cnn.bias"]
    with pytest.raises(VoiceError, match=r"cnn\.bias \(3,\) is missing"):
        build(stored, "rmvpe.pt")


@pytest.mark.slow  # librosa is compiled for ten seconds and more
def test_the_front_end_is_the_log_of_mel_bands_of_area_one():
    librosa = pytest.importorskip("librosa")
    audio = harmonic(np.full(8000, 220.0), 16000)
    mel = librosa.feature.melspectrogram(
        y=audio, sr=16000, n_fft=1024, hop_length=160, power=1.0, n_mels=128, fmin=30, fmax=8000, htk=True,
        pad_mode="reflect",
    )  # fmt: skip
    expected = np.log(np.maximum(mel, 1e-5)).T
    assert np.allclose(rmvpe.log_mel(torch.from_numpy(audio)).numpy(), expected, atol=2e-3)


def test_a_pitch_is_the_mean_of_nine_bins_weighed_by_their_salience():
    salience = np.zeros((1, PITCHES))
    salience[0, 100:103] = 0.2, 0.8, 0.4
    hz, peak = rmvpe.decoded(salience)
    cents = rmvpe.FIRST_CENTS + 20 * (0.2 * 100 + 0.8 * 101 + 0.4 * 102) / 1.4
    assert hz[0] == pytest.approx(10 * 2 ** (cents / 1200))
    assert peak[0] == 0.8


@pytest.mark.parametrize("edge", [0, PITCHES - 1])
def test_at_the_ends_of_the_scale_only_bins_that_exist_count(edge):
    salience = np.zeros((1, PITCHES))
    salience[0, edge] = 0.5
    hz, _ = rmvpe.decoded(salience)
    assert hz[0] == pytest.approx(10 * 2 ** ((rmvpe.FIRST_CENTS + 20 * edge) / 1200))


def test_a_salience_of_three_hundredths_is_no_pitch():
    found = rmvpe.Tracker(random())
    found._network = Hears(0.0, 0.0)
    pitch = found.whole(np.zeros(3200, np.float32), np.arange(20) * 160.0)
    assert not pitch.voiced.any()
    assert not pitch.f0_hz.any()


@pytest.mark.parametrize(
    ("first", "slowed", "is_read"),
    [
        (600.0, 600.0, 1200.0),
        (600.0, 300.0, 600.0),
        (400.0, 400.0, 400.0),
        (1030.0, 515.0, 1030.0),
        (530.0, 530.0, 1060.0),
    ],
)
def test_a_note_above_its_reach_is_put_right_by_the_slowed_take(first, slowed, is_read):
    tracker = rmvpe.Tracker(Hears(first, slowed))
    hz, _ = tracker.hops(np.ones(3200, np.float32) * 0.1)
    assert np.abs(1200 * np.log2(hz / is_read)).max() < 11  # half a bin


def trained(octaves=3.0, sounds=240):
    """A small network whose last layer is fitted to sounds of known pitch, by least squares in one step."""
    net = random(RmvpeSizes(stages=2, first=4, blocks=1, middle=1, recurrent=192))
    hz = 100.0 * 2.0 ** (octaves * (np.arange(sounds) + 0.5) / sounds)
    takes = [torch.from_numpy(harmonic(np.full(3200, one), 16000)) for one in hz]
    mel = torch.stack([rmvpe.log_mel(take)[4:16] for take in takes])
    net.unet.encoder.bn.running_mean.fill_(mel.mean())
    net.unet.encoder.bn.running_var.fill_(mel.var())
    heard = net.fc[0](net.cnn(net.unet(mel[:, None])).transpose(1, 2).flatten(2))[:, 4:9].flatten(0, 1)
    place = torch.tensor([bin_of(one) for one in hz]).repeat_interleave(5)
    wanted = 8.0 * torch.exp(-(torch.arange(PITCHES)[None] - place[:, None]).square() / 8.0) - 4.0
    known = torch.cat([heard, torch.ones(len(heard), 1)], 1).double()
    gram = known.T @ known + 1e-4 * torch.eye(known.shape[1], dtype=torch.float64)
    fitted = torch.linalg.solve(gram, known.T @ wanted.double()).float()
    net.fc[1].weight.copy_(fitted[:-1].T)
    net.fc[1].bias.copy_(fitted[-1])
    return net


def test_a_small_network_that_is_fitted_here_hears_what_is_sung():
    tracker = rmvpe.Tracker(trained())
    for one in (150.0, 260.0, 440.0, 700.0):
        found = tracker.whole(harmonic(np.full(6400, one), 16000), np.arange(8, 30) * 160.0)
        assert found.voiced.mean() > 0.8
        assert abs(1200 * math.log2(np.median(found.f0_hz[found.voiced]) / one)) < 40
