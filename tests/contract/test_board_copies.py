"""Boards copy and pickle, though pedalboard's plugins do not."""

import copy
import os
import pickle
from pathlib import Path

import numpy as np
import pedalboard
import pytest

from svcfx.board import Board, Slot
from svcfx.node import catalog, plugins

RATE = 44_100
AUDIO = np.random.default_rng(7).standard_normal((2, 20_000)).astype(np.float32) * 0.1
ZAM = Path("/usr/lib/vst3")
needs_zam = pytest.mark.skipif(
    not (ZAM / "ZamCompX2.vst3").exists() and "CI" not in os.environ, reason="zam-plugins is not installed"
)


def test_copies_and_pickles_are_independent_and_sound_the_same():
    board = Board(
        [
            Slot(pedalboard.Gain(-3), name="trim"),
            None,
            pedalboard.Mix([pedalboard.Chain([pedalboard.Delay(0.01)]), None]),
            pedalboard.LadderFilter(pedalboard.LadderFilter.Mode.HPF24, 300),
            Board([Slot(pedalboard.Reverb(0.7), bypassed=True), pedalboard.Phaser()]),
        ]
    )
    expected = board(AUDIO, RATE)
    for other in (copy.deepcopy(board), copy.copy(board), pickle.loads(pickle.dumps(board))):
        np.testing.assert_array_equal(other(AUDIO, RATE), expected)
        assert other.slots[0].name == "trim"
        other[0].gain_db = 0
        assert board[0].gain_db == -3


@pytest.mark.parametrize("effect_name", sorted(set(catalog.built_in()) - {"Convolution"}))
def test_every_built_in_copies(effect_name):
    effect = getattr(pedalboard, effect_name)()
    twin = copy.deepcopy(Board([effect]))
    assert repr(twin[0]).split(" at 0x")[0] == repr(effect).split(" at 0x")[0]
    assert twin[0] is not effect


@pytest.mark.parametrize("rate", [RATE, 48_000, 22_050])
@pytest.mark.parametrize("shape", [(60,), (1, 60), (2, 60)])
def test_a_convolution_from_an_array_copies_and_pickles(shape, rate):
    room = np.random.default_rng(3).standard_normal(shape).astype(np.float32) * 0.1
    board = Board([pedalboard.Convolution(room, 0.4, sample_rate=rate)])
    expected = board(AUDIO, RATE)
    for other in (copy.deepcopy(board), copy.copy(board), pickle.loads(pickle.dumps(board))):
        np.testing.assert_array_equal(other(AUDIO, RATE), expected)
        assert other[0] is not board[0]


def test_a_convolution_from_an_array_is_saved_in_no_preset_and_says_so():
    from svcfx.errors import PresetError
    from svcfx.preset.writing import from_board

    board = Board([pedalboard.Convolution(np.ones((1, 8), np.float32), sample_rate=RATE)])
    with pytest.raises(PresetError, match="a Convolution made from an array cannot be saved") as caught:
        from_board(board, "room")
    assert "from a file" in caught.value.hint


def test_a_convolution_from_a_file_copies(tmp_path):
    from svcfx import audio

    audio.write(tmp_path / "room.wav", AUDIO[:, :100], RATE, encoding="float")
    board = Board([pedalboard.Convolution(str(tmp_path / "room.wav"), 0.4)])
    np.testing.assert_array_equal(copy.deepcopy(board)(AUDIO, RATE), board(AUDIO, RATE))


@needs_zam
@pytest.mark.parametrize(("name", "setting"), [("ZamCompX2", "threshold_db"), ("ZaMaximX2", "threshold_db")])
def test_a_real_vst3_plays_copies_and_pickles_with_its_state(name, setting):
    plugin = plugins.load(str(ZAM / f"{name}.vst3"))
    known = plugin.parameters[setting]
    setattr(plugin, setting, known.min_value + 0.4 * (known.max_value - known.min_value))
    wanted = float(getattr(plugin, setting))
    board = Board([pedalboard.Gain(3), plugin])
    expected = board(AUDIO, RATE)
    assert expected.shape == AUDIO.shape
    for other in (copy.deepcopy(board), pickle.loads(pickle.dumps(board))):
        assert float(getattr(other[1], setting)) == pytest.approx(wanted, rel=1e-4)
        np.testing.assert_allclose(other(AUDIO, RATE), expected, atol=1e-4)
