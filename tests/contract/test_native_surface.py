"""What of pedalboard's surface takes our boards and nodes, and what does not: the table of docs/boards.md."""

from pathlib import Path

import numpy as np
import pedalboard
import pytest
from pedalboard import io

import svcfx
from svcfx.board import Mix, Slot
from svcfx.errors import BoardError

RATE = 44_100
AUDIO = np.random.default_rng(2).standard_normal((2, RATE // 4)).astype(np.float32) * 0.1
REFUSED = {
    "pedalboard.Pedalboard([node])": lambda node: pedalboard.Pedalboard([node]),
    "pedalboard.Chain([node])": lambda node: pedalboard.Chain([node]),
    "pedalboard.Mix([node])": lambda node: pedalboard.Mix([node]),
    "native.append(node)": lambda node: pedalboard.Pedalboard([]).append(node),
    "native.insert(0, node)": lambda node: pedalboard.Pedalboard([]).insert(0, node),
    "pedalboard.process(audio, rate, [node])": lambda node: pedalboard.process(AUDIO, RATE, [node]),
    "AudioStream(plugins=node)": lambda node: io.AudioStream(output_device_name="any", plugins=node),
}


@pytest.mark.parametrize("made", [svcfx.Formant, lambda: svcfx.Board([svcfx.Formant()]), svcfx.Board])
@pytest.mark.parametrize("call", REFUSED)
def test_what_takes_native_plugins_alone_refuses_ours_and_never_plays_in_silence(call, made):
    with pytest.raises(TypeError):
        REFUSED[call](made())


@pytest.mark.parametrize("call", REFUSED)
def test_the_table_in_the_docs_has_each_of_them(call):
    page = Path(__file__).parents[2] / "docs" / "boards.md"
    assert f"`{call}`" in page.read_text(encoding="utf-8")


def test_boards_of_native_plugins_stand_in_a_native_mix_as_chains():
    boards = [svcfx.Board([pedalboard.Gain(gain) for _ in range(6)]) for gain in (1.0, -2.0)]
    native = pedalboard.Pedalboard([pedalboard.Mix([board.native() for board in boards])])
    ours = Mix(boards)(AUDIO, RATE)
    np.testing.assert_array_equal(native(AUDIO, RATE), ours)
    np.testing.assert_allclose(ours, AUDIO * (10 ** (6 / 20) + 10 ** (-12 / 20)), rtol=1e-4)
    boards[0][0].gain_db = 3.0
    assert np.abs(native(AUDIO, RATE) - ours).max() > 0.01


def test_a_mix_of_ours_becomes_a_native_mix_and_boards_in_boards_go_along():
    board = svcfx.Board([Mix([svcfx.Board([pedalboard.Gain(-6)]), None]), pedalboard.Gain(-3)])
    np.testing.assert_array_equal(pedalboard.Pedalboard([board.native()])(AUDIO, RATE), board(AUDIO, RATE))


def test_a_board_with_a_node_of_ours_cannot_and_names_it():
    with pytest.raises(BoardError, match="its formant is none of pedalboard's own"):
        svcfx.Board([pedalboard.Gain(), svcfx.Formant()]).native()
    with pytest.raises(BoardError, match="its gain is bypassed"):
        svcfx.Board([Slot(pedalboard.Gain(), bypassed=True)]).native()


def test_pedalboards_process_takes_a_board_of_native_plugins():
    board = svcfx.Board([pedalboard.Gain(-6), pedalboard.Reverb()])
    np.testing.assert_array_equal(pedalboard.process(AUDIO, RATE, board), board(AUDIO, RATE))


def test_the_representation_says_what_a_board_stands_for():
    gain = pedalboard.Gain(-6)
    said = repr(svcfx.Board([gain]))
    assert "Pedalboard" in said
    assert "with 1 plugin: " in said
    assert repr(gain) in said
    assert "Mix" in repr(Mix([gain]))
