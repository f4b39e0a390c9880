"""The worked example of a node: what `Tremolo` plays, and that files can name it once it is in the catalogue.

The laws of every node run on it in `tests/contract`.
"""

import re
from pathlib import Path

import numpy as np
import pytest

import svcfx
from examples.tremolo import Tremolo
from svcfx import preset
from svcfx.errors import ParamError, PresetError
from svcfx.lanes import Lane
from svcfx.node import catalog

RATE = 8000
ONES = np.ones((2, RATE), np.float32)
HEAD = 'svcfx_preset = 1\nname = "swing"\n[[nodes]]\nnode = "tremolo"\n'
ROOT = Path(__file__).parents[2]

catalog.add("Tremolo", "examples.tremolo")


def saved(folder, parameters):
    path = folder / "swing.toml"
    path.write_text(HEAD + parameters, encoding="utf-8")
    return path


def test_its_gain_swings_between_one_and_one_less_the_depth_at_its_rate():
    gain = Tremolo(rate_hz=4.0, depth=0.6)(ONES, RATE)[0]
    assert gain.max() == pytest.approx(1.0)
    assert gain.min() == pytest.approx(0.4)
    strongest = np.argmax(np.abs(np.fft.rfft(gain - gain.mean())))
    assert strongest == 4  # turns in the one second that there is


def test_a_lane_of_the_rate_leaves_no_jump():
    lane = Lane(((0.0, 2.0), (0.5, 2.0), (0.5, 20.0)), "step")
    gain = Tremolo(depth=1.0).process_automated(ONES, RATE, {"rate_hz": lane})[0]
    assert np.abs(np.diff(gain)).max() <= np.pi * 20.0 / RATE + 1e-6  # the steepest of 20 Hz
    before, after = gain[: RATE // 2], gain[RATE // 2 :]
    assert [np.count_nonzero(np.diff(part > 0.5)) for part in (before, after)] == [2, 20]


def test_at_depth_0_it_is_inert_and_passes_audio_to_the_bit():
    assert Tremolo(depth=0).inert
    sound = np.random.default_rng(0).standard_normal((2, 999)).astype(np.float32)
    np.testing.assert_array_equal(Tremolo(depth=0)(sound, RATE), sound)


def test_a_preset_names_it_and_a_board_of_it_is_saved_as_it_stands(tmp_path):
    board = preset.load(saved(tmp_path, "rate_hz = 3\ndepth = 0.25\n")).build()
    np.testing.assert_array_equal(board(ONES, RATE), Tremolo(rate_hz=3, depth=0.25)(ONES, RATE))
    preset.save(preset.from_board(board, name="again"), tmp_path / "again.toml")
    again = preset.load(tmp_path / "again.toml").build()
    assert [node.to_dict() for node in again] == [node.to_dict() for node in board]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ("depth = 2", r"nodes\[1\]: depth is 2 ratio, outside 0 to 1"),
        ("rate = 2", r"nodes\[1\]: 'Tremolo' has no parameter 'rate' \(did you mean 'rate_hz'\?\)"),
    ],
)
def test_a_mistake_in_a_preset_is_one_sentence_with_its_place(tmp_path, parameters, sentence):
    with pytest.raises(PresetError, match=sentence):
        preset.load(saved(tmp_path, parameters))


def test_a_board_reaches_it_by_name_between_plugins_of_pedalboard():
    import pedalboard

    board = svcfx.Board([pedalboard.Gain(6.0206), Tremolo(), pedalboard.Gain(-6.0206)])
    lane = Lane(((0.0, 0.0), (1.0, 1.0)))
    alone = Tremolo().process_automated(ONES, RATE, {"depth": lane})
    np.testing.assert_allclose(board(ONES, RATE, automation={"tremolo.depth": lane}), alone, atol=1e-5)


def test_a_name_that_is_taken_is_refused_and_the_same_line_twice_is_fine():
    catalog.add("Tremolo", "examples.tremolo")
    for name in ("Formant", "Compressor", "Tremolo"):
        with pytest.raises(ParamError, match=f"a node is called '{name}' already"):
            catalog.add(name, "examples.other")


def test_the_paragraph_on_nodes_points_here_and_says_what_is_so():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [told] = [line for line in page.splitlines() if line.startswith("**A node**")]
    for path in re.findall(r"`([\w/]+\.py)`", told):
        assert (ROOT / path).exists(), path
    assert "tests/examples/tremolo.py" in told
    most = int(re.search(r"under (\d+) lines", told)[1])
    assert len((ROOT / "tests/examples/tremolo.py").read_text(encoding="utf-8").splitlines()) < most <= 60
    laws = (ROOT / "tests/contract/conftest.py").read_text(encoding="utf-8")
    assert re.search(r'EVERY_KIND = .*"Tremolo"', laws)
    for name in ("begin", "whole", "latency_at", "PASSES_AT"):
        assert f"`{name}" in told
        assert hasattr(svcfx.node.Effect, name)
