import copy
import pickle

import numpy as np
import pytest

import svcfx
from svcfx.errors import UnknownAttributeError
from svcfx.lanes import Lane

RATE = 44100


@pytest.fixture(scope="module")
def sound():
    rng = np.random.default_rng(0)
    phase = 2 * np.pi * 170 * np.arange(30_000) / RATE
    left = sum(np.sin(k * phase) / k for k in range(1, 20)) * 0.1 + 0.01 * rng.standard_normal(30_000)
    return np.stack([left, left[::-1]]).astype(np.float32)


@pytest.mark.bytes
@pytest.mark.parametrize("block", [64, 1000, 30_000])
def test_a_stream_equals_one_shot_for_any_blocks(sound, block):
    node = svcfx.Formant(3)
    whole = node(sound, RATE)
    pieces, given, late = [], 0, 0
    for start in range(0, 30_000, block):
        pieces.append(node(sound[:, start : start + block], RATE, reset=False))
        given += pieces[-1].shape[1]
        late = max(late, min(start + block, 30_000) - given)
    joined = np.concatenate([*pieces, node.flush()], axis=1)
    np.testing.assert_array_equal(joined, whole)
    assert late <= node.latency_samples
    assert np.abs(whole - sound).max() > 0.01


def test_layouts_and_dtypes_follow_pedalboard(sound):
    node = svcfx.Formant(-2)
    out = node(sound, RATE)
    np.testing.assert_array_equal(node(sound.T, RATE, 64).T, out)
    np.testing.assert_array_equal(node(sound.astype(np.float64), RATE), out)
    np.testing.assert_array_equal(node(sound[0], RATE), out[0])
    with pytest.raises(TypeError):
        node(sound.astype(np.int16), RATE)


def test_no_shift_or_no_mix_is_inert(sound):
    for node in (svcfx.Formant(), svcfx.Formant(5, mix=0)):
        assert node.inert
        np.testing.assert_array_equal(node(sound, RATE), sound)


def test_silence_stays_digital(sound):
    assert not svcfx.Formant(4)(np.zeros((2, 5000), np.float32), RATE).any()


def test_a_lane_moves_it_and_leaves_the_rest(sound):
    node = svcfx.Formant()
    lane = Lane(((0.0, 0.0), (0.3, 0.0), (0.3, 6.0)), "step")
    out = node.process_automated(sound, RATE, {"formant_semitones": lane})
    np.testing.assert_allclose(out[:, :11_000], sound[:, :11_000], atol=1e-5)
    assert np.abs(out[:, 16_000:] - sound[:, 16_000:]).max() > 0.01
    with pytest.raises(UnknownAttributeError, match="did you mean 'formant_semitones'"):
        node.process_automated(sound, RATE, {"formant_semitone": lane})


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_copies_are_independent(copied):
    node = svcfx.Formant(2.5, mix=0.5)
    other = copied(node)
    other.mix = 1
    assert (node.mix, other.formant_semitones) == (0.5, 2.5)
    assert repr(node).startswith("<svcfx.Formant formant_semitones=2.5 mix=0.5 at 0x")


def test_it_takes_its_place_in_a_board(sound):
    board = svcfx.Board([svcfx.Formant(3)])
    np.testing.assert_array_equal(board(sound, RATE), svcfx.Formant(3)(sound, RATE))
