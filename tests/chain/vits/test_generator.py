"""Laws of the generator that hold for any weights."""

import dataclasses

import pytest
import torch

from svcfx.chain.vits import Generator, VitsConfig
from svcfx.chain.vits.config import DecoderName
from svcfx.chain.vits.generator import Noise, Score
from svcfx.chain.vits.spectral import synthesis_filters, zero_stuffed_filter

SMALL = VitsConfig(
    content=8, speakers=3, speaker_width=6, inter=8, hidden=8, filter=16, layers=2, initial=32,
    block_kernels=(3,), block_dilations=((1, 3),), rates=(4, 2), rate_kernels=(8, 4),
)  # fmt: skip
FRAMES = 12


def made(config: VitsConfig) -> Generator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        network = Generator(config).eval().requires_grad_(False)
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return network


def material(batch: int = 1) -> tuple[Score, Noise]:
    draw = torch.Generator().manual_seed(1)
    f0 = 100.0 + 300.0 * torch.rand(batch, FRAMES, generator=draw)
    content = torch.randn(batch, SMALL.content, FRAMES, generator=draw)
    noise = Noise(torch.randn(batch, SMALL.inter, FRAMES, generator=draw))
    return Score(content, f0, torch.ones(batch, FRAMES)), noise


@pytest.mark.parametrize("decoder", ["nsf-hifigan", "nsf-snake-hifigan", "istft", "ms-istft", "mb-istft"])
def test_every_decoder_gives_a_hop_of_samples_a_frame(decoder: DecoderName) -> None:
    config = dataclasses.replace(SMALL, decoder=decoder)
    score, noise = material()
    network = made(config)
    done = network(score, network.singer(torch.tensor([1])), noise)
    assert done.audio.shape == (1, FRAMES * config.hop)
    assert bool(torch.isfinite(done.audio).all())


@pytest.mark.bytes
@pytest.mark.parametrize(
    "options",
    [{}, {"flow_depthwise": True, "flow_shared": True}, {"flow_transformer_layers": 2}],
    ids=["plain", "depthwise-shared", "transformer"],
)
def test_phrases_in_one_batch_sound_as_they_do_alone(options: dict[str, bool]) -> None:
    network = made(dataclasses.replace(SMALL, **options))
    score, noise = material(batch=2)
    singers = network.singer(torch.tensor([0, 2]))
    both = network(score, singers, noise, predict_f0=True).audio
    for row in range(2):
        part = slice(row, row + 1)
        alone = Score(score.content[part], score.f0_hz[part], score.voiced[part])
        audio = network(alone, singers[part], Noise(noise.prior[part]), predict_f0=True).audio
        torch.testing.assert_close(both[part], audio, atol=1e-4, rtol=0)


@pytest.mark.parametrize("decoder", ["hifigan", "nsf-hifigan", "nsf-snake-hifigan"])
def test_audio_between_two_frames_is_that_of_the_whole(decoder: DecoderName) -> None:
    sizes = {"rates": (4, 3, 2), "rate_kernels": (8, 7, 4)}
    blocks = {"block_kernels": (3, 7), "block_dilations": ((1, 3), (1, 5))}
    config = dataclasses.replace(SMALL, decoder=decoder, **sizes, **blocks)
    network = made(config).double()  # rounding would hide a neighbour that was left out
    draw = torch.Generator().manual_seed(2)
    latent = torch.randn(1, config.inter, 240, generator=draw).double()
    singer = network.singer(torch.tensor([1]))
    mix = singer.expand(-1, -1, 240)
    source = None if decoder == "hifigan" else torch.randn(1, 1, 240 * config.hop, generator=draw).double()
    whole = network.dec(latent, singer, source)
    for kept in ((115, 125), (0, 5), (235, 240)):
        samples = slice(kept[0] * config.hop, kept[1] * config.hop)
        for speaker in (singer, mix):
            found = network.dec.between(kept, latent, speaker, source)
            assert found.shape == whole.shape
            torch.testing.assert_close(found[:, samples], whole[:, samples], atol=1e-12, rtol=0)
            assert (found == 0.0).float().mean() > 0.5


@pytest.mark.bytes
def test_a_mix_that_is_all_one_singer_is_that_singer() -> None:
    network = made(SMALL)
    score, noise = material()
    weights = torch.zeros(1, FRAMES, 3)
    weights[..., 2] = 1.0
    mixed = network(score, network.mixed_singers(weights), noise).audio
    alone = network(score, network.singer(torch.tensor([2])), noise).audio
    torch.testing.assert_close(mixed, alone, atol=1e-5, rtol=0)


def test_volume_is_left_out_when_nobody_gives_it() -> None:
    network = made(dataclasses.replace(SMALL, volume=True))
    score, _ = material()
    silent = dataclasses.replace(score, volume=torch.zeros(1, FRAMES))
    left_out, given = network.inward(score), network.inward(silent)
    torch.testing.assert_close(left_out + network.emb_vol.bias[:, None], given)


@pytest.mark.parametrize("frames", [1, 3, 5])
def test_a_phrase_shorter_than_the_attention_window_is_sung(frames: int) -> None:
    network = made(SMALL)
    score, noise = material()
    short = Score(score.content[..., :frames], score.f0_hz[:, :frames], score.voiced[:, :frames])
    done = network(short, network.singer(torch.tensor([0])), Noise(noise.prior[..., :frames]))
    assert done.audio.shape == (1, frames * SMALL.hop)


def test_relative_attention_equals_its_definition() -> None:
    attend = made(SMALL).enc_p.enc_.attn_layers[0]
    x = torch.randn(1, 8, 7, generator=torch.Generator().manual_seed(2))
    q, k, v = (conv(x)[0].reshape(2, 4, 7) for conv in (attend.conv_q, attend.conv_k, attend.conv_v))
    out = torch.zeros(2, 4, 7)
    for head in range(2):
        for i in range(7):
            keys = [
                k[head, :, j] + (attend.emb_rel_k[0, j - i + 4] if abs(j - i) <= 4 else 0) for j in range(7)
            ]
            weights = torch.softmax(torch.stack([q[head, :, i] @ key for key in keys]) / 2.0, 0)
            for j in range(7):
                value = v[head, :, j] + (attend.emb_rel_v[0, j - i + 4] if abs(j - i) <= 4 else 0)
                out[head, :, i] += weights[j] * value
    torch.testing.assert_close(attend(x), attend.conv_o(out.reshape(1, 8, 7)), atol=1e-5, rtol=1e-4)


def test_bands_are_raised_as_zeros_between_samples_and_a_filter_would() -> None:
    streams = torch.randn(2, 4, 20, generator=torch.Generator().manual_seed(4))
    filters = synthesis_filters(4)
    stuffed = torch.zeros(2, 4, 80)
    stuffed[..., ::4] = 4.0 * streams
    expected = torch.nn.functional.conv1d(stuffed, filters, padding=31)[:, 0]
    torch.testing.assert_close(zero_stuffed_filter(streams, filters), expected, atol=1e-5, rtol=0)
