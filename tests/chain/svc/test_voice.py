"""Laws of a whole so-vits-svc voice; its networks' numbers are the golden vectors' matter."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from chain.svc.singing import RATE, curves, song, stem, sung

from svcfx.chain.config import ChainSettings
from svcfx.chain.svc import whole
from svcfx.chain.svc.voice import SvcVoice
from svcfx.lanes import Lane


def decibels(difference, reference=1.0):
    return 20 * np.log10(max(float(np.abs(difference).max()), 1e-12) / reference)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
@pytest.mark.parametrize("level", ["measured", "card"])
def test_length_is_kept_at_any_rate(new, rate, level):
    audio = song(rate, 2.7)[:-3]
    made = sung(new, audio, rate, level=level)
    assert len(made) == len(audio)
    assert np.abs(made).max() > 0.01


@pytest.mark.parametrize("audio", [np.zeros(0), np.zeros(1), np.full(300, 0.1), np.zeros(RATE)])
@pytest.mark.parametrize("level", ["measured", "card"])
def test_next_to_nothing_is_sung_without_complaint(voice, audio, level):
    made = sung(voice, audio.astype(np.float32), level=level)
    assert made.shape == audio.shape
    assert np.isfinite(made).all()


def test_pauses_are_digital_silence(voice):
    audio = np.concatenate([song(seconds=1.4), np.zeros(2 * RATE, np.float32), song(seconds=1.0)])
    made = sung(voice, audio)
    assert not made[int(1.9 * RATE) : int(3.1 * RATE)].any()


@pytest.mark.bytes
@pytest.mark.parametrize("level", ["measured", "card"])
def test_blocks_of_any_size_give_the_same_samples(voice, level):
    audio = song(48000, 3.0)
    np.testing.assert_array_equal(
        sung(voice, audio, 48000, 999, level=level), sung(voice, audio, 48000, level=level)
    )


@pytest.mark.bytes
def test_a_stream_and_its_flush_are_the_one_shot_of_the_card(voice):
    audio, settings = song(seconds=2.5), ChainSettings("mei")
    stream = voice.stream(RATE, settings)
    lag = int(voice.latency_seconds(RATE) * RATE)
    pieces, taken = [], 0
    for first in range(0, len(audio), 1234):
        pieces.append(stream.push(audio[first : first + 1234], curves()))
        taken += len(audio[first : first + 1234])
        assert taken - lag <= sum(map(len, pieces)) <= taken
    pieces.append(stream.flush(curves()))
    np.testing.assert_array_equal(np.concatenate(pieces), sung(voice, audio, level="card"))


@pytest.mark.parametrize("rate", [8000, 44100, 192000])
def test_a_stream_lags_by_less_than_a_second(voice, rate):
    assert 0.3 < voice.latency_seconds(rate) < 1.0


@pytest.mark.bytes
def test_phrases_of_one_length_sung_together_are_those_sung_alone(voice, monkeypatch):
    audio = np.tile(np.concatenate([song(seconds=1.0), np.zeros(RATE, np.float32)]), 3)
    together = sung(voice, audio)
    monkeypatch.setattr(whole, "AT_ONCE_SECONDS", 0.0)
    assert decibels(together - sung(voice, audio), np.abs(together).max()) < -100


@pytest.mark.bytes
def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_take(voice):
    audio = song(seconds=1.5)
    torch.manual_seed(1)
    first = sung(voice, audio)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    np.testing.assert_array_equal(first, sung(voice, audio))
    assert torch.equal(torch.get_rng_state(), state)
    assert decibels(first - sung(voice, audio, seed=1)) > -60


@pytest.mark.bytes
def test_the_number_of_threads_moves_rounding_alone(voice):
    before, made = torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            made.append(sung(voice, song(seconds=1.5)))
    finally:
        torch.set_num_threads(before)
    assert decibels(made[0] - made[1], np.abs(made[0]).max()) < -100


@pytest.mark.bytes
def test_a_depth_of_zero_is_the_voice_without_a_refiner(new):
    bare = SvcVoice(replace(new.parts, refiner=None, vocoder=None))
    audio = song(seconds=1.5)
    np.testing.assert_array_equal(sung(bare, audio), sung(new, audio, knobs={"diffusion_depth": 0.0}))
    np.testing.assert_array_equal(sung(bare, audio), sung(new, audio, knobs={"diffusion_depth": 0.0004}))
    assert decibels(sung(bare, audio) - sung(new, audio, knobs={"diffusion_depth": 0.05})) > -40


@pytest.mark.bytes
def test_a_lane_of_depth_moves_each_phrase_by_its_middle(new):
    audio = np.concatenate([song(seconds=1.2), np.zeros(RATE, np.float32), song(seconds=1.2)])
    lane = Lane(((0.0, 0.0), (2.0, 0.05)), "step")
    moved = sung(new, audio, knobs={"diffusion_depth": lane})
    np.testing.assert_array_equal(moved[: 2 * RATE], sung(new, audio)[: 2 * RATE])
    deep = sung(new, audio, knobs={"diffusion_depth": 0.05})
    assert decibels((moved - deep)[2 * RATE :], np.abs(deep).max()) < -100


@pytest.mark.parametrize("knob", ["noise", "blend", "index_rate", "loudness_follow", "transpose_semitones"])
def test_a_lane_that_stands_still_is_the_knob(old, knob):
    audio = song(seconds=1.2)
    lane = Lane(((0.0, 0.6), (9.0, 0.6)), "linear")
    settings = {"blend_with": "tess"}
    still = sung(old, audio, knobs={knob: lane}, **settings)
    np.testing.assert_allclose(still, sung(old, audio, knobs={knob: 0.6}, **settings), atol=1e-6)
    assert decibels(still - sung(old, audio, knobs={knob: 0.0}, **settings)) > -60


def test_a_whole_blend_is_the_other_singer(old):
    audio = song(seconds=1.2)
    blended = sung(old, audio, knobs={"blend": 1.0}, blend_with="tess")
    other = np.concatenate(list(old.render(stem(audio), ChainSettings("tess"), curves())))
    assert decibels(blended - other, np.abs(other).max()) < -100


def test_protection_keeps_the_index_away_from_unvoiced_sound_alone(old):
    hiss = 0.1 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    bare, drawn = sung(old, hiss), sung(old, hiss, knobs={"index_rate": 1.0})
    kept = sung(old, hiss, knobs={"index_rate": 1.0, "protect": 1.0})
    assert decibels(kept - bare) < decibels(drawn - bare) - 20


def test_loudness_that_follows_wholly_is_the_source_s(new):
    audio = song(seconds=4.0, rests=False) * np.linspace(0.1, 1.0, 4 * RATE).astype(np.float32)
    made = sung(new, audio, knobs={"loudness_follow": 1.0})
    for second in (1, 2):
        a, b = (np.sqrt(np.mean(x[second * RATE :][:RATE] ** 2)) for x in (audio, made))
        assert 20 * np.log10(b / a) == pytest.approx(0.0, abs=1.0)


@pytest.mark.bytes
def test_a_diffusion_model_sings_without_a_generator(new):
    refiner = replace(new.parts.refiner, k_step_max=new.parts.refiner.timesteps)
    alone = SvcVoice(replace(new.parts, generator=None, refiner=refiner))
    audio = song(seconds=1.2)
    made = sung(alone, audio, diffusion_steps=4)
    assert len(made) == len(audio)
    assert np.abs(made).max() > 0.01
    both = SvcVoice(replace(new.parts, refiner=refiner))
    np.testing.assert_array_equal(made, sung(both, audio, diffusion_steps=4, diffusion_only=True))
