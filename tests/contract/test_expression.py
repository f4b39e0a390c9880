"""What is expressed on top of what was sung: heard by the amount that was asked, and at rest to the bit."""

import numpy as np
import pytest

import svcfx
from svcfx import Board, Lane

RATE = 44_100


@pytest.fixture(scope="module")
def held():
    """Four seconds of a vowel on A3, without vibrato."""
    t = np.arange(4 * RATE) / RATE
    return (0.1 * sum(np.sin(2 * np.pi * 220 * k * t) / k for k in range(1, 20))).astype(np.float32)


def swings(sound):
    """Cents about the mean of a sound's pitch, at 10 ms frames, without its ends."""
    f0 = svcfx.VoiceConversion("vela").analyse(sound, RATE).f0_hz[50:-50]
    cents = 1200 * np.log2(np.maximum(f0, 1.0) / 220.0)
    return cents - cents.mean()


@pytest.mark.parametrize(("depth", "rate"), [(40.0, 5.0), (60.0, 6.5)])
def test_a_vibrato_is_heard_as_deep_and_as_fast_as_asked(clear_node, held, depth, rate):
    clear_node.vibrato_depth, clear_node.vibrato_rate = depth, rate
    made = swings(clear_node(held, RATE))
    assert np.std(made) * np.sqrt(2) == pytest.approx(depth, rel=0.1)
    loudest = np.argmax(np.abs(np.fft.rfft(made * np.hanning(len(made)), 8192)))
    assert loudest / 8192 * 100 == pytest.approx(rate, abs=0.1)


@pytest.mark.bytes
def test_a_rate_alone_changes_no_bit(node, stem, dry_node_output):
    node.vibrato_rate = 7.0
    np.testing.assert_array_equal(node(stem, RATE), dry_node_output)


def test_a_lane_of_vibrato_leaves_what_lies_before_it(clear_node, held):
    clear_node.level = "card"
    lane = Lane(((0.0, 0.0), (2.0, 0.0), (2.5, 60.0)))
    made = Board([clear_node])(held, RATE, automation={"voice.vibrato_depth": lane})
    plain = clear_node(held, RATE)
    assert np.abs(made - plain)[: int(1.8 * RATE)].max() < 1e-4
    assert np.std(swings(made)[230:]) > 5 * np.std(swings(plain)[230:])


@pytest.mark.bytes
def test_a_stream_has_it_too(node, stem):
    node.vibrato_depth, node.level = 50.0, "card"
    whole = node(stem, RATE)
    pieces = [node(stem[i : i + 5000], RATE, reset=False) for i in range(0, len(stem), 5000)]
    streamed = np.concatenate([*pieces, node.flush()])
    assert 20 * np.log10(np.abs(streamed - whole).max() + 1e-12) < -100


@pytest.mark.parametrize("moved", [{"tension": 4.0}, {"dynamics": -6.0}, {"breath": 0.6}], ids=str)
def test_every_kind_of_voice_is_coloured_and_keeps_its_length(node, stem, dry_node_output, moved):
    for name, value in moved.items():
        setattr(node, name, value)
    made = node(stem, RATE)
    assert made.shape == dry_node_output.shape
    assert np.isfinite(made).all()
    assert np.abs(made - dry_node_output).max() > 1e-3
    silent = dry_node_output == 0
    assert np.abs(made[np.convolve(~silent, np.ones(4097), "same") == 0]).max(initial=0.0) < 1e-6


def test_softer_is_softer_by_that_much(node, stem, dry_node_output):
    node.dynamics = -9.0
    level = [10 * np.log10(np.mean(np.square(sound))) for sound in (node(stem, RATE), dry_node_output)]
    assert level[0] - level[1] == pytest.approx(-9.0, abs=0.3)
