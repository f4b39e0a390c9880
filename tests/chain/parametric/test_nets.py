import pytest
import torch
from voices.random_nets import random_network

from svcfx.chain.parametric.level import envelope_loudness
from svcfx.chain.parametric.nets import controls

FRAMES = 400


@pytest.fixture(scope="module")
def net():
    return random_network(1)


def heard(seed=2):
    return torch.randn(1, 80, FRAMES, generator=torch.Generator().manual_seed(seed))


def given(seed=3):
    random = torch.Generator().manual_seed(seed)
    return controls(
        torch.randn(1, FRAMES, generator=random), 100 + 300 * torch.rand(1, FRAMES, generator=random)
    )


def reach(change, frames_per_step):
    """First and last frame that a change of the input at frame 200 moves."""
    moved = torch.nonzero(change > 0)[:, 0]
    return int(moved.min()) * frames_per_step, (int(moved.max()) + 1) * frames_per_step - 1


def test_the_encoder_sees_no_further_than_it_says(net):
    for frame in (200, 201):
        other = heard()
        other[:, :, frame] += 1
        first, last = reach((net.encoder(other) - net.encoder(heard())).abs().amax((0, 2)), 2)
        assert frame - first <= net.encoder.lookahead_frames
        assert last - frame <= net.encoder.lookback_frames


def test_the_decoder_sees_no_further_than_it_says(net):
    z, singer = net.encoder(heard()), net.singer("vela")[None]
    for frame in (200, 201):
        other = given()
        other[:, frame] += 1
        change = net.decoder(z, other, singer).envelope - net.decoder(z, given(), singer).envelope
        first, last = reach(change.abs().amax((0, 2)), 1)
        assert frame - first <= net.decoder.lookahead_frames
        assert last - frame <= net.decoder.lookback_frames


def test_both_nets_look_at_most_forty_frames_ahead(net):
    assert net.lookahead_frames <= 40


@pytest.mark.bytes
def test_a_slice_with_its_context_equals_the_whole(net):
    whole = net.encoder(heard())
    first, last = 200, 260
    low, high = first - 74, last + 26
    part = net.encoder(heard()[:, :, low:high])[:, (first - low) // 2 : (last - low) // 2]
    torch.testing.assert_close(part, whole[:, first // 2 : last // 2], atol=1e-5, rtol=0)


def test_every_envelope_lies_at_loudness_zero(net):
    made = net.decoder(net.encoder(heard()), given(), net.singer("corin")[None])
    assert made.envelope.shape == (1, FRAMES, 80)
    assert made.aperiodicity.shape == (1, FRAMES, 6)
    assert made.loudness.shape == (1, FRAMES)
    assert abs(envelope_loudness(made.envelope[0].numpy())).max() < 1e-3
    assert 0 <= float(made.aperiodicity.min()) <= float(made.aperiodicity.max()) <= 1


def test_the_singer_matters(net):
    z = net.encoder(heard())
    made = [net.decoder(z, given(), net.singer(name)[None]).envelope for name in net.singers]
    assert float((made[0] - made[1]).abs().mean()) > 1e-3
