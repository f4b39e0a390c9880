"""A plug-in that was only looked at is opened once."""

import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from svcfx import preset
from svcfx.cli.main import main
from svcfx.node import plugins, resting

COMPRESSOR = '[[nodes]]\nnode = "ZamCompX2"\nthreshold_db = -20.0\n'
RATE = 44_100


@pytest.fixture
def openings(monkeypatch):
    """Files that pedalboard opened, in order."""
    if not Path("/usr/lib/vst3/ZamCompX2.vst3").exists() and "CI" not in os.environ:
        pytest.skip("zam-plugins is not installed")
    found, load = [], plugins._LOAD
    monkeypatch.setattr(resting, "_resting", {})
    monkeypatch.setattr(plugins, "_LOAD", lambda path, **more: found.append(path) or load(path, **more))
    return found


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(f'svcfx_preset = 1\nname = "mine"\n{COMPRESSOR}')
    return path


def test_a_check_of_a_preset_opens_each_of_its_plugins_once(openings, mine):
    done = CliRunner().invoke(main, ["presets", "check", str(mine)])
    assert done.exit_code == 0, done.output
    assert len(openings) == 1


def test_two_places_for_one_plugin_have_one_each(openings, mine):
    mine.write_text(mine.read_text() + COMPRESSOR)
    assert preset.mistakes(mine) == []
    assert len(openings) == 2
    first, second = (slot.node for slot in preset.load(mine).build().slots)
    assert first is not second


def test_one_that_rested_plays_as_a_fresh_one(openings, mine):
    noise = 0.3 * np.random.default_rng(1).standard_normal((2, RATE)).astype(np.float32)
    fresh = preset.load(mine).build()(noise, RATE)
    assert preset.mistakes(mine) == []
    before = len(openings)
    np.testing.assert_array_equal(preset.opened(mine)[1](noise, RATE), fresh)
    assert len(openings) == before


def test_other_parameters_are_another_plugin(openings, mine):
    assert preset.mistakes(mine) == []
    mine.write_text(mine.read_text().replace("-20.0", "-30.0"))
    [slot] = preset.load(mine).build().slots
    assert slot.node.threshold_db == pytest.approx(-30.0)
