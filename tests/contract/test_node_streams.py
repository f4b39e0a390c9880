"""The law of streams: the same samples for any blocks, nothing withheld beyond the latency, flat memory."""

import subprocess
import sys

import numpy as np
import pytest

RATE = 44100


def streamed(node, sound, rate, block):
    """All output of a stream, and the most frames that were missing after a call."""
    pieces, given, withheld = [], 0, 0
    for start in range(0, sound.shape[-1], block):
        piece = node(sound[..., start : start + block], rate, reset=False)
        given += piece.shape[-1]
        assert given <= start + block
        withheld = max(withheld, min(start + block, sound.shape[-1]) - given)
        pieces.append(piece)
    pieces.append(node.flush())
    return np.concatenate(pieces, axis=-1), withheld


@pytest.fixture(scope="module")
def in_big_blocks(make_node, stem):
    return streamed(make_node(), stem, RATE, 44_100)[0]


@pytest.mark.bytes
@pytest.mark.parametrize("block", [64, 1000])
def test_any_block_size_gives_the_same_bytes(any_node, stem, in_big_blocks, block):
    out, withheld = streamed(any_node, stem, RATE, block)
    np.testing.assert_array_equal(out, in_big_blocks)
    assert withheld <= any_node.latency_samples


@pytest.mark.bytes
def test_stream_and_flush_equal_one_shot_with_the_card_s_level(node, stem, in_big_blocks):
    node.level = "card"
    whole = node(stem, RATE)
    assert whole.shape == in_big_blocks.shape
    assert np.abs(whole).max() > 0.01
    assert 20 * np.log10(np.abs(whole - in_big_blocks).max() + 1e-12) < -100


def test_crepe_streams_as_it_converts(synthetic_voice, stem):
    import svcfx

    node = svcfx.VoiceConversion(synthetic_voice, pitch="crepe-tiny", level="card")
    whole, (out, _) = node(stem, RATE), streamed(node, stem, RATE, 3000)
    assert np.abs(whole).max() > 0.01
    assert 20 * np.log10(np.abs(whole - out).max() + 1e-12) < -100


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 48000, 96000, 192000])
def test_latency_is_kept_and_at_most_a_second(any_node, sung, rate):
    sound = sung(1.5, rate)
    out, withheld = streamed(any_node, sound, rate, rate // 50)
    assert len(out) == len(sound)
    assert withheld <= any_node.latency_samples <= rate


@pytest.mark.bytes
def test_a_stereo_stream_keeps_its_layout(any_node, stem):
    both = np.stack([stem, 0.5 * stem])[:, :60_000]
    planar, _ = streamed(any_node, both, RATE, 7000)
    pieces = [any_node(both.T[i : i + 7000], RATE, reset=False) for i in range(0, 60_000, 7000)]
    interleaved = np.concatenate([*pieces, any_node.flush()])
    np.testing.assert_array_equal(interleaved.T, planar)


def test_a_stream_shorter_than_its_latency_comes_out_whole(any_node, stem):
    given = any_node(stem[:500], RATE, reset=False)
    assert len(given) == max(500 - any_node.latency_samples, 0)
    assert len(given) + len(any_node.flush()) == 500


def test_flush_without_a_stream_is_empty(any_node):
    assert any_node.flush().shape == (0,)


def test_reset_drops_what_a_stream_still_owes(any_node, stem):
    any_node(stem[:20_000], RATE, reset=False)
    any_node.reset()
    assert any_node.flush().shape == (0,)


@pytest.mark.bytes
def test_a_one_shot_call_hears_nothing_of_a_stream_before_it(any_node, stem, any_output):
    any_node(stem[:20_000], RATE, reset=False)
    np.testing.assert_array_equal(any_node(stem, RATE, reset=True), any_output)


def test_a_rate_change_begins_a_new_stream(any_node, stem, sung):
    any_node(stem[:20_000], RATE, reset=False)
    other = sung(0.3, 48000)
    begun = any_node(other, 48000, reset=False)
    assert len(begun) + len(any_node.flush()) == len(other)


MEMORY = """
import re, sys
from pathlib import Path
import numpy as np
import svcfx

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

def mark():
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
    return peak()

node = svcfx.VoiceConversion(sys.argv[1])
rng = np.random.default_rng(0)
sound = (0.1 * rng.standard_normal(8000)).astype(np.float32)
node(np.tile(sound, 10), 8000)
before = mark()
kept = np.ones(2**23)
print(peak() - before)
del kept

before = mark()
stem = np.zeros(8000 * 1800, np.float32)
for second in range(0, 1800, 200):
    stem[8000 * second : 8000 * (second + 1)] = sound
out = node(stem, 8000)
print(peak() - before - (stem.nbytes + out.nbytes) / 2**20)
del stem, out

silence = np.zeros(8000, np.float32)
for second in range(600):
    node(sound if second % 60 == 0 else silence, 8000, reset=False)
    if second == 60:
        before = mark()
print(peak() - before)
"""


@pytest.fixture(scope="module")
def grown_mib(synthetic_voice):
    """Growth of the peak: by 64 MiB kept, by half an hour at once, by ten minutes of a stream."""
    if not sys.platform.startswith("linux"):
        pytest.skip("reads the high-water mark of Linux's /proc")
    command = [sys.executable, "-c", MEMORY, synthetic_voice]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(line) for line in done.stdout.split()]


@pytest.mark.slow
def test_the_memory_probe_would_see_a_leak(grown_mib):
    assert 60 < grown_mib[0] < 70


@pytest.mark.slow
def test_half_an_hour_fits_beside_its_arrays(grown_mib):
    """8 kHz, sound in one second of two hundred, against the peak after ten seconds."""
    assert grown_mib[1] < 300


@pytest.mark.slow
def test_a_stream_s_memory_is_flat(grown_mib):
    """Ten minutes, sound in one second of sixty: every path is taken often enough to leak."""
    assert grown_mib[2] < 12
