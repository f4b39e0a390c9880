"""Addresses of parameters on a board: the rule, and every mistake named."""

import numpy as np
import pedalboard
import pytest

from svcfx.board import Board, Mix, Slot, address
from svcfx.errors import ParamError

RATE = 44_100
FRAMES = 4000
AUDIO = np.zeros((2, FRAMES), np.float32)


def test_addresses_count_same_names_from_one_through_the_whole_tree():
    gains = [pedalboard.Gain(0) for _ in range(4)]
    tree = [gains[0], pedalboard.Chain([gains[1]]), Mix([None, gains[2]]), Slot(gains[3], name="trim")]
    addresses = {
        "gain.gain_db": 0,
        "gain[1].gain_db": 0,
        "gain[2].gain_db": 1,
        "chain.gain.gain_db": 1,
        "gain[3].gain_db": 2,
        "mix.gain.gain_db": 2,
        "trim.gain_db": 3,
    }
    for text, index in addresses.items():
        node, parameter = address.find(Board(tree).slots, text)
        assert (node, parameter) == (gains[index], "gain_db"), text
    assert address.addresses(Board(tree).slots) == ["gain", "chain", "gain[2]", "mix", "gain[3]", "trim"]


@pytest.mark.parametrize(
    ("address", "lane", "message"),
    [
        ("gian.gain_db", 0.0, "no node is called 'gian' .did you mean 'gain'"),
        ("gain.gian_db", 0.0, "no parameter 'gian_db' that can move .did you mean 'gain_db'"),
        ("gain[2].gain_db", 0.0, r"asks for gain\[2\], there are 1"),
        ("gain[0].gain_db", 0.0, r"asks for gain\[0\], there are 1"),
        ("gain", 0.0, "'gain' is no address"),
        ("gain.", 0.0, "is no address"),
        (".gain_db", 0.0, "is no address"),
        ("", 0.0, "is no address"),
        ("gain.gain_db", np.linspace(-300, 0, FRAMES), "'gain.gain_db' reaches -300, outside -200 to 100 dB"),
        ("compressor.ratio", np.linspace(0, 4, FRAMES), "'compressor.ratio' reaches 0, outside 1 to 1000"),
        ("lowpass_filter.cutoff_frequency_hz", 30_000.0, "reaches 30000, outside 1 to 22050 Hz"),
        ("ladder_filter.mode", 6.0, "reaches 6, outside 0 to 5"),
        ("gain.gain_db", np.full(FRAMES, np.nan), "not finite"),
    ],
)
def test_a_wrong_address_or_value_is_named_before_anything_plays(address, lane, message):
    nodes = [
        pedalboard.Gain(),
        pedalboard.Compressor(),
        pedalboard.LowpassFilter(),
        pedalboard.LadderFilter(),
    ]
    with pytest.raises(ParamError, match=message):
        Board(nodes)(AUDIO, RATE, automation={address: lane})
