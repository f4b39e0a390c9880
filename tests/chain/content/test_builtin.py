"""The builtin content encoder: when it hears things, that rows and levels do not meddle, and its file."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from voices.random_nets import random_network

from svcfx.chain.checkpoint import converted
from svcfx.chain.content import builtin
from svcfx.chain.content.builtin import HOP, BuiltinEncoder
from svcfx.chain.parametric.nets import Config
from svcfx.errors import VoiceError

RATE = 16_000
SMALL = Config(
    encoder_width=16, encoder_hidden=24, encoder_lookahead=(2, 1), decoder_width=8, decoder_hidden=8
)


@pytest.fixture(scope="module")
def encoder() -> BuiltinEncoder:
    return builtin.of(random_network(3, SMALL))


@pytest.fixture(scope="module")
def voice() -> torch.Tensor:
    """Two seconds of a swelling, gliding tone in a little noise, (32000,)."""
    when = np.arange(2 * RATE) / RATE
    tone = 0.2 * np.sin(np.pi * when / 2.0) * np.sign(np.sin(2 * np.pi * (150.0 + 40.0 * when) * when))
    return torch.from_numpy((tone + np.random.default_rng(1).normal(0.0, 1e-3, len(when))).astype("f4"))


@pytest.mark.parametrize("seconds", [0.011, 0.3, 1.0, 1.237, 1.75])
def test_a_click_is_heard_in_its_own_unit(encoder, seconds):
    pointwise = replace(encoder, network=_without_blocks(encoder.network)).about(encoder_level(encoder))
    audio = torch.zeros(2 * RATE)
    audio[round(seconds * RATE)] = 0.5
    changed = (pointwise(audio) - pointwise(torch.zeros(2 * RATE))).abs().sum(0)
    assert abs(int(changed.argmax()) - round(50 * seconds)) <= 1
    assert set(torch.nonzero(changed)[:, 0].tolist()) <= {round(50 * seconds) + k for k in range(-2, 3)}


def encoder_level(encoder):
    """The level that a stream supposes."""
    return builtin.Level(-20.0, encoder.reference)


def _without_blocks(network):
    """The same network, each unit of it hearing its own two frames alone."""
    import copy

    plain = copy.deepcopy(network)
    for block in plain.blocks:
        block.gain.zero_()
    return plain


@pytest.mark.parametrize("frames", [1, 100, 320, 479, 481, 16_000, 16_001, 31_999])
def test_units_are_as_many_as_twenty_milliseconds(encoder, voice, frames):
    assert encoder(voice[:frames]).shape == (48, max(1, round(frames / HOP)))


def test_a_row_of_a_batch_is_heard_as_if_alone(encoder, voice):
    rows = torch.stack([voice, 0.1 * voice.flip(0), torch.zeros_like(voice)])
    together = encoder(rows)
    assert all(torch.equal(together[index], encoder(row)) for index, row in enumerate(rows))


def test_a_measured_level_takes_loudness_out(encoder, voice):
    inside = slice(12, 90)  # the silence around the audio is as deep for a loud voice as for a quiet one
    torch.testing.assert_close(encoder(0.5 * voice)[:, inside], encoder(voice)[:, inside], atol=2e-3, rtol=0)
    given = encoder.about(encoder_level(encoder))
    assert (given(0.5 * voice) - given(voice)).abs().max() > 0.05


def test_what_comes_much_later_does_not_change_what_was_heard(encoder, voice):
    given = encoder.about(encoder_level(encoder))
    reach = encoder.network.lookahead_frames + 4
    kept = 100 - reach // 2
    torch.testing.assert_close(given(voice[: RATE * 2])[:, :kept], given(torch.cat([voice, voice]))[:, :kept])


def test_a_copy_has_the_same_bytes_and_hears_the_same(encoder, voice, tmp_path):
    paths = [tmp_path / name for name in ("one.safetensors", "two.safetensors")]
    converted.save_content(encoder, paths[0])
    copy = converted.load_content(paths[0])
    converted.save_content(copy, paths[1])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert copy.sha256 == encoder.sha256
    assert torch.equal(copy(voice), encoder(voice))
    assert builtin.of(random_network(4, SMALL)).sha256 != encoder.sha256


def test_a_file_that_is_none_is_refused(encoder, tmp_path):
    path = tmp_path / "content.safetensors"
    path.write_bytes(b"nothing")
    with pytest.raises(VoiceError, match="cannot be read"):
        converted.load_content(path)
    other = replace(encoder, sizes=replace(encoder.sizes, encoder_width=17))
    converted.save_content(other, path)
    with pytest.raises(VoiceError, match="do not fit"):
        converted.load_content(path)
