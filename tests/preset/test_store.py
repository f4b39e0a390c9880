"""Presets as files: names, `extends`, what a file from elsewhere may reach, saving."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pedalboard
import pytest

from svcfx import preset
from svcfx.board import Board, Mix, Slot
from svcfx.errors import OutputError, PresetError
from svcfx.node import catalog, plugins

RATE = 44_100
ZAM = Path("/usr/lib/vst3")
needs_zam = pytest.mark.skipif(
    not (ZAM / "ZamCompX2.vst3").exists() and "CI" not in os.environ, reason="zam-plugins is not installed"
)
AUDIO = np.random.default_rng(8).standard_normal((2, 20_000)).astype(np.float32) * 0.1
HEAD = 'svcfx_preset = 1\nname = "mine"\n'
GAIN = '[[nodes]]\nnode = "Gain"\ngain_db = -6\n'


def written(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_at_least_five_presets_ship_and_each_says_what_it_is_for():
    assert len(preset.names()) >= 5
    for name in preset.names():
        outline = preset.outline(name)
        assert outline.name == name
        assert outline.description.endswith(".")


def test_listing_presets_loads_neither_torch_nor_pedalboard():
    code = (
        "import sys; from svcfx import preset; [preset.outline(n) for n in preset.names()];"
        "sys.exit(len({'torch', 'pedalboard'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ["accompaniment-bed", "backing-soft", "drum-bus", "master-gentle"])
def test_a_shipped_preset_without_a_voice_keeps_length_and_level(name):
    out = preset.load(name).build()(AUDIO, RATE)
    assert out.shape == AUDIO.shape
    assert -15 < 20 * np.log10(out.std() / AUDIO.std()) < 3


def test_load_save_load_is_identity_and_keeps_comments(tmp_path):
    for name in preset.names():
        first = preset.outline(name)
        preset.save(first, tmp_path / f"{name}.toml")
        assert (tmp_path / f"{name}.toml").read_bytes() == first.path.read_bytes()
        assert preset.outline(tmp_path / f"{name}.toml") == first


def test_an_edit_changes_one_value_and_no_comment(tmp_path):
    first = preset.load("drum-bus")
    second = preset.edited(first, {"nodes[3].ratio": 2.5})
    changed = [
        (a, b) for a, b in zip(first.text.splitlines(), second.text.splitlines(), strict=True) if a != b
    ]
    assert changed == [("ratio = 2", "ratio = 2.5")]
    assert second.build()[2].ratio == 2.5


def test_a_board_saved_sounds_the_same_and_writes_short_numbers(tmp_path):
    chain = pedalboard.Chain([pedalboard.Delay(0.01, mix=0.3)])
    board = Board(
        [
            Slot(pedalboard.Reverb(0.33, wet_level=0.1), name="room"),
            pedalboard.LadderFilter(pedalboard.LadderFilter.Mode.HPF24, 300.1),
            Mix([None, chain]),
            Slot(pedalboard.Distortion(), bypassed=True),
        ]
    )
    path = tmp_path / "made.toml"
    preset.save(preset.from_board(board, "made"), path)
    loaded = preset.load(path).build()
    np.testing.assert_array_equal(loaded(AUDIO, RATE), board(AUDIO, RATE))
    text = path.read_text()
    assert "room_size = 0.33\n" in text
    assert "cutoff_hz = 300.1\n" in text
    assert text.endswith("\n")
    assert [slot.called for slot in loaded.slots] == ["room", "ladder_filter", "mix", "distortion"]


def test_two_builds_of_a_preset_share_nothing():
    loaded = preset.load("master-gentle")
    assert not set(loaded.build()) & set(loaded.build())


class Warmth(Board):
    """A node of somebody's own that is a board."""

    def __init__(self):
        super().__init__([pedalboard.Gain(1.0)])


def test_a_node_of_ones_own_may_hold_others(tmp_path, monkeypatch):
    monkeypatch.setitem(catalog.OWN, "Warmth", __name__)
    board = preset.load(written(tmp_path, HEAD + '[[nodes]]\nnode = "Warmth"\n')).build()
    assert isinstance(board[0], Warmth)


def test_extends_changes_parameters_by_node_and_adds_the_rest(tmp_path):
    written(tmp_path, HEAD + GAIN + '[[nodes]]\nnode = "Gain"\nname = "trim"\n', "base.toml")
    own = 'extends = "base.toml"\n[[nodes]]\nnode = "Gain"\ngain_db = 3\n' + (
        '[[nodes]]\nnode = "Gain"\nname = "trim"\nbypassed = true\n[[nodes]]\nnode = "Invert"\n'
    )
    board = preset.load(written(tmp_path, HEAD + own)).build()
    assert [slot.called for slot in board.slots] == ["gain", "trim", "invert"]
    assert board[0].gain_db == 3
    assert board.slots[1].bypassed


def test_a_shipped_preset_can_be_extended_from_anywhere(tmp_path):
    path = written(tmp_path, HEAD + 'extends = "master-gentle"\n[[nodes]]\nnode = "Compressor"\nratio = 3\n')
    board = preset.load(path).build()
    assert (len(board), board[1].ratio, board[1].threshold_db) == (3, 3, -18)


@pytest.mark.parametrize("loop", [["mine.toml"], ["b.toml", "mine.toml"]])
def test_a_loop_of_extends_is_refused(tmp_path, loop):
    names = ["mine.toml", *loop]
    for name, base in zip(names, loop, strict=False):
        written(tmp_path, HEAD + f'extends = "{base}"\n', name)
    with pytest.raises(PresetError, match="extends itself"):
        preset.load(tmp_path / "mine.toml")


def outside(tmp_path: Path) -> tuple[Path, Path]:
    """A preset's folder, and a preset that is not in it."""
    inner = tmp_path / "inner"
    inner.mkdir()
    return inner, written(tmp_path, HEAD + GAIN, "secret.toml")


@pytest.mark.parametrize("way", ["parent", "absolute", "link", "folder link", "dotted"])
def test_a_preset_cannot_lead_out_of_its_folder(tmp_path, way):
    inner, secret = outside(tmp_path)
    (inner / "link.toml").symlink_to(secret)
    (inner / "up").symlink_to(tmp_path)
    reference = {
        "parent": "../secret.toml",
        "absolute": str(secret),
        "link": "link.toml",
        "folder link": "up/secret.toml",
        "dotted": "x/../../secret.toml",
    }[way]
    with pytest.raises(PresetError, match="leads outside the preset's folder"):
        preset.load(written(inner, HEAD + f'extends = "{reference}"\n'))
    with pytest.raises(PresetError, match=r"nodes\[1\]: impulse_response_filename is .* leads out"):
        preset.load(
            written(
                inner, HEAD + f'[[nodes]]\nnode = "Convolution"\nimpulse_response_filename = "{reference}"\n'
            )
        )


def test_a_plugin_by_path_needs_to_be_allowed(tmp_path):
    text = HEAD + '[[nodes]]\nnode = "VST3"\nfile = "evil.vst3"\n'
    with pytest.raises(PresetError, match="nobody allowed") as refused:
        preset.load(written(tmp_path, text))
    assert "`allow_plugin`" in refused.value.hint
    (tmp_path / "evil.vst3").write_text("no plugin")
    with pytest.raises(PresetError, match="no plugin that can be opened"):
        preset.load(tmp_path / "mine.toml", allow_plugins=[tmp_path / "evil.vst3"])


def test_a_file_over_one_megabyte_is_refused(tmp_path):
    with pytest.raises(PresetError, match="over 1 MB"):
        preset.load(written(tmp_path, HEAD + "#" * 1_000_001))


def test_a_name_that_is_none_names_the_nearest(tmp_path):
    with pytest.raises(PresetError, match=r"no preset is called 'drum-buss' .did you mean 'drum-bus'"):
        preset.load("drum-buss")
    written(tmp_path, HEAD + GAIN)
    with pytest.raises(PresetError, match=r"does not exist .did you mean 'mine\.toml'"):
        preset.load(tmp_path / "mien.toml")
    with pytest.raises(PresetError, match="is a folder"):
        preset.load(tmp_path)


def test_a_preset_with_a_base_beside_it_is_not_saved_away_from_it(tmp_path):
    written(tmp_path, HEAD + GAIN, "base.toml")
    loaded = preset.load(written(tmp_path, HEAD + 'extends = "base.toml"\n'))
    with pytest.raises(PresetError, match=r"'mine' extends 'base\.toml', which is not beside"):
        preset.save(loaded, tmp_path / "elsewhere" / "mine.toml")


def test_saving_to_a_read_only_folder_leaves_nothing(read_only_folder):
    with pytest.raises(OutputError):
        preset.save(preset.outline("drum-bus"), read_only_folder / "mine.toml")
    assert list(read_only_folder.iterdir()) == []


def test_a_voice_of_another_build_warns(tmp_path, synthetic_voice):
    text = HEAD + f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n'
    with pytest.warns(UserWarning, match=f"another build of the voice '{synthetic_voice}'"):
        preset.load(written(tmp_path, text + f'voice_sha256 = "{"0" * 64}"\n'))


def test_a_preset_with_a_voice_builds_and_saves(tmp_path, synthetic_voice):
    text = HEAD + f'[[nodes]]\nnode = "voice"\nvoice = "{synthetic_voice}"\ntranspose_semitones = 2\n'
    board = preset.load(written(tmp_path, text)).build()
    assert (board.slots[0].called, board[0].transpose_semitones) == ("voice", 2)
    preset.save(preset.from_board(board, "again"), tmp_path / "again.toml")
    assert preset.load(tmp_path / "again.toml").build()[0].to_dict() == board[0].to_dict()


@needs_zam
def test_a_vst3_is_saved_by_identifier_and_state(tmp_path):
    plugin = plugins.load(ZAM / "ZamCompX2.vst3")
    plugin.threshold_db, plugin.ratio = -33.0, 5.0
    preset.save(preset.from_board(Board([plugin]), "squash"), tmp_path / "squash.toml")
    assert f'node = "{plugin.identifier}"' in (tmp_path / "squash.toml").read_text()
    again = preset.load(tmp_path / "squash.toml").build()[0]
    assert float(again.threshold_db) == pytest.approx(-33, abs=0.01)
    assert float(again.ratio) == pytest.approx(5, abs=0.01)


@needs_zam
def test_a_vst3_from_another_folder_is_saved_by_file_and_needs_leave(tmp_path):
    shutil.copytree(ZAM / "ZamCompX2.vst3", tmp_path / "ZamCompX2.vst3")
    plugin = plugins.load(tmp_path / "ZamCompX2.vst3")
    plugin.threshold_db = -33.0
    preset.save(preset.from_board(Board([plugin]), "squash"), tmp_path / "squash.toml")
    with pytest.raises(PresetError, match="nobody allowed this one"):
        preset.load(tmp_path / "squash.toml")
    allowed = preset.load(tmp_path / "squash.toml", allow_plugins=[tmp_path / "ZamCompX2.vst3"])
    assert float(allowed.build()[0].threshold_db) == pytest.approx(-33, abs=0.01)
