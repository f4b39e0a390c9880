"""Every mistake in a preset is one sentence with file, key path, value and the nearest that is right."""

import contextlib
import tomllib
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as some

from svcfx import preset
from svcfx.errors import PresetError
from svcfx.preset import document

HEAD = 'svcfx_preset = 1\nname = "mine"\n'
GAIN = '[[nodes]]\nnode = "Gain"\n'
COMPRESSOR = '[[nodes]]\nnode = "compressor"\n'

MISTAKES = [
    ("", "svcfx_preset is missing"),
    ('svcfx_preset = 2\nname = "x"\n' + GAIN, "svcfx_preset is 2"),
    (HEAD, "a preset has .*nodes.* or extends another"),
    (HEAD + "descripton = 'x'\n" + GAIN, "unknown key descripton .did you mean 'description'"),
    (HEAD + "[midi]\nccs = {}\n", "unknown key midi.ccs .did you mean 'cc'"),
    (HEAD + GAIN + "[midi.cc]\n200 = { to = 'gain.gain_db', low = 0, high = 1 }\n", "midi.cc"),
    (HEAD + GAIN + "[midi.cc]\n7 = { to = 'gain.gain_db', low = nan, high = 1 }\n", "midi.cc.7.low"),
    (HEAD + GAIN + "[midi.cc]\n7 = { to = 'gian.gain_db', low = 0, high = 1 }\n", "midi.cc.7.to: .*'gain'"),
    (HEAD + GAIN + "[midi.cc]\n7 = { to = 'gain.gain', low = 0, high = 1 }\n", "midi.cc.7.to: .*'gain_db'"),
    (HEAD + GAIN + "[midi.cc]\n7 = { to = 'gain.gain_db', low = 0, high = 999 }\n", "midi.cc.7.high is 999"),
    (HEAD + "nodes = 3\n", "nodes is 3"),
    (HEAD + "[[nodes]]\ngain_db = 3\n", r"nodes\[1\].node is missing"),
    (HEAD + GAIN + "bypassed = 1\n", r"nodes\[1\].bypassed is 1"),
    (HEAD + GAIN + "name = 'a.b'\n", r"nodes\[1\].name is 'a.b'"),
    (HEAD + GAIN + "gian_db = 3\n", r"nodes\[1\]: Gain has no parameter 'gian_db' .did you mean 'gain_db'"),
    (HEAD + GAIN + COMPRESSOR + "ratio = 0.5\n", r"nodes\[2\]: ratio is 0.5, outside 1 to 1000"),
    (HEAD + GAIN + "gain_db = nan\n", r"nodes\[1\]: gain_db is nan, outside -200 to 100 dB"),
    (HEAD + GAIN + "gain_db = '3'\n", r"nodes\[1\]: gain_db is '3', must be a number from -200 to 100 dB"),
    (HEAD + GAIN + "gain_db = true\n", r"gain_db is True, must be a number"),
    (HEAD + GAIN + "[nodes.x]\ny = 1\n", r"nodes\[1\]: Gain has no parameter 'x'"),
    (HEAD + "[[nodes]]\nnode = 'Compresor'\n", "no node is called 'Compresor' .did you mean 'Compressor'"),
    (HEAD + "[[nodes]]\nnode = 'VST3-Nobody-1-2'\n", "no VST3 'VST3-Nobody-1-2' is installed"),
    (HEAD + "[[nodes]]\nnode = 'LadderFilter'\nmode = 'LPF13'\n", "mode is 'LPF13', allowed are LPF12"),
    (HEAD + "[[nodes]]\nnode = 'Mix'\nmix = 1\n", r"nodes\[1\]: Mix has no parameter 'mix'"),
    (HEAD + "[[nodes]]\nnode = 'Mix'\n[[nodes.nodes]]\nnode = 'gian'\n", r"nodes\[1\].nodes\[1\]: no node"),
    (HEAD + GAIN + "nodes = []\n", "Gain holds no nodes"),
    (HEAD + GAIN + "state = 'AAAA'\n", "Gain has no 'state'"),
    (HEAD + "extends = 'lead-vela2'\n", "no preset is called 'lead-vela2' .did you mean 'lead-vela'"),
    (HEAD + "[[nodes]\n", "is no TOML"),
    (HEAD + "[[nodes]]\nnode = 'VoiceConversion'\nvoice = 'nobody-at-all'\n", "no voice is called 'nobody"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[message[:40] for _, message in MISTAKES])
def test_a_mistake_is_named(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(PresetError, match=message) as refused:
        preset.load(path)
    assert refused.value.message.startswith(f"preset '{path}'")
    assert refused.value.exit_code == 2


def test_an_unknown_knob_of_a_voice_names_the_nearest(tmp_path, synthetic_voice):
    path = tmp_path / "mine.toml"
    voice = f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n'
    path.write_text(HEAD + voice + "transpose_semitone = 3\n")
    with pytest.raises(PresetError, match=r"nodes\[1\]: .*did you mean 'transpose_semitones'"):
        preset.load(path)
    path.write_text(HEAD + voice + "transpose_semitones = 99\n")
    with pytest.raises(PresetError, match=r"nodes\[1\]: transpose_semitones is 99 st, outside -36 to 36 st"):
        preset.load(path)


def test_a_text_that_is_no_utf_8_and_one_nested_without_end(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PresetError, match="not UTF-8"):
        preset.load(path)
    path.write_text("x = " + "[" * 5000)
    with pytest.raises(PresetError, match=r"no TOML|too deeply"):
        preset.load(path)


values = some.one_of(some.integers(-5, 5), some.floats(), some.booleans(), some.text(max_size=8))
keys = some.sampled_from(["node", "nodes", "name", "midi", "extends", "svcfx_preset", "gain_db", "cc", "x"])
tables = some.recursive(
    values,
    lambda inner: some.one_of(some.lists(inner, max_size=3), some.dictionaries(keys, inner, max_size=4)),
)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(some.dictionaries(keys, tables, max_size=6))
def test_any_tables_give_a_preset_or_a_preset_error(made):

    try:
        text = tomlkit.dumps(made)
        tomllib.loads(text)
    except (ValueError, TypeError):
        return
    with contextlib.suppress(PresetError):
        assert document.parse(text, Path("any.toml")).name
