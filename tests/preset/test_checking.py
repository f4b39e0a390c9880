"""Every mistake of a preset is told at once."""

import pytest

from svcfx import preset

HEAD = 'svcfx_preset = 1\nname = "mine"\n'
GAIN = '[[nodes]]\nnode = "Gain"\n'


def told(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + text)
    found = preset.mistakes(path)
    assert all(error.message.startswith(f"preset '{path}': ") for error in found)
    return [error.message.removeprefix(f"preset '{path}': ") for error in found]


def test_a_right_preset_has_none(tmp_path):
    assert told(tmp_path, GAIN + "gain_db = 1.0\n") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            GAIN + "gian_db = 1\n[[nodes]]\nnode = 'Compresor'\n" + GAIN + "gain_db = 999\n",
            ["nodes[1]: Gain has no", "nodes[2]: no node is called", "nodes[3]: gain_db is 999"],
        ),
        (
            "[[nodes]]\nnode = 'Compressor'\nratio = 0\nthresold_db = 1\nattack_ms = 'x'\n",
            ["nodes[1]: ratio is 0", "nodes[1]: Compressor has no parameter 'th", "nodes[1]: attack_ms is"],
        ),
        (
            "descripton = 'x'\n" + GAIN + "bypassed = 1\n" + GAIN + "gain_db = 999\n",
            ["unknown key descripton", "nodes[1].bypassed is 1", "nodes[2]: gain_db is 999"],
        ),
        (
            "[[nodes]]\nnode = 'Mix'\n[[nodes.nodes]]\nnode = 'gian'\n"
            "[[nodes.nodes]]\nnode = 'Gain'\nx = 1\n",
            ["nodes[1].nodes[1]: no node", "nodes[1].nodes[2]: Gain has no parameter 'x'"],
        ),
        (
            GAIN + "[midi.cc]\n7 = { to = 'gain.gain', low = 0, high = 1 }\n"
            "8 = { to = 'gain.gain_db', low = 0, high = 999 }\n9 = { to = 'gian.x', low = 0, high = 1 }\n",
            ["midi.cc.7.to: ", "midi.cc.8.high is 999", "midi.cc.9.to: "],
        ),
        (
            "[[nodes]]\nnode = 'VoiceConversion'\nvoice = 'nobody'\nnoise = 9\nstereo = 'both'\n",
            ["nodes[1]: no voice is called 'nobody'", "nodes[1]: noise is 9", "nodes[1]: stereo is 'both'"],
        ),
    ],
)
def test_each_of_several_mistakes_is_one_sentence(tmp_path, text, said):
    found = told(tmp_path, text)
    assert len(found) == len(said)
    for message, begins in zip(found, said, strict=True):
        assert message.startswith(begins)
