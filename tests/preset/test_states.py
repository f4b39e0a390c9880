"""States of VST3s in presets: .vstpreset files and raw state, of this plugin and of no other."""

import base64
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from svcfx import Board, preset
from svcfx.errors import PresetError
from svcfx.events import Kept
from svcfx.node import plugin_state, plugins

RATE = 44_100
ZAM = Path("/usr/lib/vst3")
pytestmark = pytest.mark.skipif(
    not (ZAM / "ZaMaximX2.vst3").exists() and "CI" not in os.environ, reason="zam-plugins is not installed"
)
HEAD = 'svcfx_preset = 1\nname = "squash"\n'
TURNED = {
    "ZaMaximX2": {"threshold_db": -17.0, "release_ms": 40.0},
    "ZamComp": {"threshold_db": -30.0, "ratio": 8.0, "attack_ms": 3.0},
    "ZamEQ2": {"boost_cut_1_db": 9.0},
}


def turned(name):
    """A plugin whose knobs were turned and that has played, as one in a DAW."""
    plugin = plugins.load(ZAM / f"{name}.vst3")
    for knob, value in TURNED[name].items():
        setattr(plugin, knob, value)
    return plugin


def played(board):
    noise = 0.2 * np.random.default_rng(0).standard_normal((2, RATE // 2)).astype(np.float32)
    return board(noise, RATE)


def write(folder, name, state, more=""):
    path = folder / "squash.toml"
    path.write_text(f'{HEAD}[[nodes]]\nnode = "{name}"\nstate = "{state}"\n{more}')
    return path


@pytest.fixture(params=sorted(TURNED))
def name(request):
    return request.param


@pytest.fixture
def file(tmp_path, name):
    """A .vstpreset of a turned plugin, and what that one plays."""
    plugin = turned(name)
    given = played(Board([plugin]))
    (tmp_path / "mine.vstpreset").write_bytes(plugin.preset_data)
    return given


@pytest.mark.bytes
def test_a_vstpreset_gives_the_same_parameters_and_bytes(tmp_path, name, file):
    board = preset.load(write(tmp_path, name, "mine.vstpreset")).build()
    np.testing.assert_array_equal(played(board), file)
    for knob, value in TURNED[name].items():
        assert float(getattr(board[0], knob)) == pytest.approx(value, rel=0.01)


@pytest.mark.bytes
def test_what_a_preset_says_goes_over_its_vstpreset(tmp_path, name, file):
    knob, value = next(iter(TURNED[name].items()))
    board = preset.load(write(tmp_path, name, "mine.vstpreset", f"{knob} = {value / 2}\n")).build()
    assert float(getattr(board[0], knob)) == pytest.approx(value / 2, rel=0.02)
    assert not np.array_equal(played(board), file)


@pytest.mark.bytes
def test_a_saved_preset_holds_state_identifier_and_version(tmp_path, name):
    plugin = turned(name)
    preset.save(preset.from_board(Board([plugin]), "squash"), tmp_path / "squash.toml")
    text = (tmp_path / "squash.toml").read_text()
    assert f'plugin_identifier = "{plugin.identifier}"' in text
    assert f'plugin_version = "{plugin.version}"' in text
    again = preset.load(tmp_path / "squash.toml").build()
    np.testing.assert_array_equal(played(again), played(Board([turned(name)])))


def test_another_version_is_told(tmp_path):
    state = base64.b64encode(turned("ZamComp").raw_state).decode()
    heard = Kept()
    preset.load(write(tmp_path, "ZamComp", state, 'plugin_version = "3.9"\n'), events=heard)
    assert [note.code for note in heard.notes] == ["plugin-changed"]
    assert "ZamComp 3.9, and here is 4.1.0" in heard.notes[0].text


def test_the_state_of_another_plugin_is_refused(tmp_path):
    (tmp_path / "mine.vstpreset").write_bytes(turned("ZamEQ2").preset_data)
    with pytest.raises(PresetError, match=r"nodes\[1\]: state is 'mine.vstpreset', which is of another VST3"):
        preset.load(write(tmp_path, "ZamComp", "mine.vstpreset"))
    state = base64.b64encode(turned("ZamEQ2").raw_state).decode()
    more = f'plugin_identifier = "{turned("ZamEQ2").identifier}"\n'
    with pytest.raises(PresetError, match=r"state is of the VST3 'VST3-ZamEQ2-.*, and this is 'VST3-ZamC"):
        preset.load(write(tmp_path, "ZamComp", state, more))


def test_a_state_is_a_vst3s(tmp_path):
    with pytest.raises(PresetError, match="Gain has no 'state', a VST3 has"):
        preset.load(write(tmp_path, "Gain", "mine.vstpreset"))
    path = tmp_path / "squash.toml"
    path.write_text(f'{HEAD}[[nodes]]\nnode = "Gain"\nplugin_version = "1"\n')
    with pytest.raises(PresetError, match="Gain has no 'plugin_version', a VST3 has"):
        preset.load(path)


@pytest.mark.parametrize("written", ["../mine.vstpreset", "/tmp/mine.vstpreset", "link.vstpreset"])
def test_a_file_outside_the_presets_folder_is_refused(tmp_path, written):
    (tmp_path / "mine.vstpreset").write_bytes(b"VST3")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.vstpreset").symlink_to(tmp_path / "mine.vstpreset")
    with pytest.raises(PresetError, match="leads outside"):
        preset.load(write(inside, "ZamComp", written))


def test_a_file_that_is_missing_or_too_large_is_refused(tmp_path):
    with pytest.raises(PresetError, match="does not exist"):
        preset.load(write(tmp_path, "ZamComp", "mine.vstpreset"))
    with (tmp_path / "mine.vstpreset").open("wb") as large:
        large.truncate(plugin_state.LARGEST_BYTES + 1)
    with pytest.raises(PresetError, match="at most 67,108,864 are read"):
        preset.load(write(tmp_path, "ZamComp", "mine.vstpreset"))


def of_chunks(*chunks, place=None, count=None, kind=b"0" * 32):
    body = b"x" * 40
    place = 48 + len(body) if place is None else place
    listed = b"".join(struct.pack("<4sqq", *chunk) for chunk in chunks)
    head = struct.pack("<4si32sq", b"VST3", 1, kind, place)
    return head + body + struct.pack("<4si", b"List", len(chunks) if count is None else count) + listed


BROKEN = {
    b"": "it is too short",
    b"RIFF" + b"\0" * 60: "it does not begin as one",
    of_chunks((b"Comp", 48, 10), kind=b"z" * 32): "it does not begin as one",
    of_chunks((b"Comp", 48, 10), place=2**62): "its list of chunks lies outside",
    of_chunks((b"Comp", 48, 10), place=-1): "its list of chunks lies outside",
    of_chunks((b"Comp", 48, 10), place=50): "its list of chunks is none",
    of_chunks((b"Comp", 48, 10), count=2**31 - 1): "its list of chunks is none",
    of_chunks((b"Comp", 48, 10), count=-1): "its list of chunks is none",
    of_chunks((b"Comp", 48, 10), count=2): "its list of chunks is none",
    of_chunks((b"Comp", 48, 2**62)): "its chunk 'Comp' lies outside",
    of_chunks((b"Comp", 2**63 - 1, 2**63 - 1)): "its chunk 'Comp' lies outside",
    of_chunks((b"Comp", 0, 10)): "its chunk 'Comp' lies outside",
    of_chunks((b"Comp", 48, -5)): "its chunk 'Comp' lies outside",
    of_chunks((b"Cont", 48, 10)): "it has no state of a component",
}


@pytest.mark.parametrize("data", BROKEN)
def test_a_file_that_is_no_vstpreset_never_reaches_the_plugin(tmp_path, data):
    (tmp_path / "mine.vstpreset").write_bytes(data)
    with pytest.raises(PresetError, match=f"is no .vstpreset: {BROKEN[data]}"):
        plugin_state.read(tmp_path / "mine.vstpreset", "mine.vstpreset")


def test_every_cut_of_a_vstpreset_is_refused(tmp_path):
    whole = turned("ZamComp").preset_data
    for length in range(len(whole)):
        (tmp_path / "mine.vstpreset").write_bytes(whole[:length])
        with pytest.raises(PresetError, match=r"is no \.vstpreset"):
            plugin_state.read(tmp_path / "mine.vstpreset", "mine.vstpreset")


@pytest.mark.parametrize("state", ["%%%", "mine.vst", "é"])
def test_what_is_neither_base64_nor_a_file_is_refused(tmp_path, state):
    with pytest.raises(PresetError, match=r"state is no base64, and no \.vstpreset file"):
        preset.load(write(tmp_path, "ZamComp", state))


def test_base64_that_is_no_state_never_reaches_the_plugin(tmp_path):
    whole = turned("ZamComp").raw_state
    for data in (b"", b"no state of a VST3", whole[:-1], whole + b"x", b"XX" + whole[2:]):
        with pytest.raises(PresetError, match="state is no state of a VST3"):
            preset.load(write(tmp_path, "ZamComp", base64.b64encode(data).decode()))
