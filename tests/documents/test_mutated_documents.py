"""Sessions and presets with wounds: each gives a plan or a board, or one typed sentence."""

import random
import tomllib

import numpy as np
import pytest
from flood import FLOOD

from svcfx import audio, preset
from svcfx.errors import SvcfxError
from svcfx.session import document, plan

PRESET = """svcfx_preset = 1
name = "mine"
description = "of a test"
notes = "none"
[[nodes]]
node = "Compressor"
name = "press"
threshold_db = -20.0
ratio = 4.0
[[nodes]]
node = "Mix"
[[nodes.nodes]]
node = "Gain"
gain_db = -6.0
bypassed = true
[[nodes.nodes]]
node = "Dry"
[[nodes]]
node = "LadderFilter"
mode = "LPF24"
cutoff_hz = 2000.0
[midi.cc]
7 = { to = "gain.gain_db", low = -60, high = 0, centre = -6 }
"""
SESSION = """svcfx_session = 1
title = "A song"
seed = 3
[[stems]]
file = "a.wav"
role = "lead"
preset = "mine.toml"
gain_db = -2.0
pan = 0.25
start_seconds = 0.5
[stems.automation]
"press.threshold_db" = { points = [[0, -30.0], [0.2, -10]], interpolation = "linear" }
pan = [[0, -1], [0.1, 1]]
[[stems]]
file = "stems/b.wav"
role = "accompaniment"
mute = false
tuned = true
[master]
target_lufs = -16.0
ceiling_dbtp = -1.0
tail_seconds = 1
[output]
formats = ["wav", "flac"]
encoding = "pcm24"
stems = true
"""
ODD = (
    "nan",
    "inf",
    "-inf",
    "1e400",
    "9" * 400,
    "-1",
    "0",
    "''",
    '""',
    "[]",
    "{}",
    "true",
    "1979-05-27",
    "[[0, nan]]",
    "'../../etc/passwd'",
    "'a\\b'",
    '"\\u0000"',
    "'" + "x" * 2000 + "'",
    "{ to = 1 }",
    "[[[[[]]]]]",
    "0x7f",
    "'é'",
)
QUICK = 100


def wounded(text, chance):
    """`text` with one to four wounds: bytes, lines, values and keys changed, doubled, cut or exchanged."""
    for _ in range(chance.randint(1, 4)):
        lines = text.split("\n")
        at = chance.randrange(len(lines))
        match chance.randrange(9):
            case 0:
                lines[at] = lines[at].split("=")[0] + "= " + chance.choice(ODD)
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                del lines[at]
            case 3:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 4:
                lines[at] = lines[at][: chance.randint(0, len(lines[at]))]
            case 5:
                letters = list(lines[at] or " ")
                letters[chance.randrange(len(letters))] = chance.choice("\t\"'[]{}=#.,\\\x00é💥Aa0-")
                lines[at] = "".join(letters)
            case 6:
                lines[at] = lines[at].swapcase()
            case 7:
                lines[at] = "[" * chance.choice((1, 50, 3000)) + lines[at]
            case 8:
                lines = lines[: at + 1]
        text = "\n".join(lines)
    return text


def encoded(text, chance):
    """The text as bytes, now and then in another encoding, with a mark in front or with a byte changed."""
    data = bytearray(
        text.encode(chance.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252")), "replace")
    )
    if chance.random() < 0.2 and data:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "stems").mkdir()
    for name in ("a.wav", "stems/b.wav"):
        audio.write(tmp_path / name, np.full((1, 4410), 0.1, np.float32), 44_100)
    (tmp_path / "mine.toml").write_text(PRESET)
    return tmp_path


def presets_survive(folder, seeds):
    return survivors(folder / "wounded.toml", PRESET, seeds, lambda path: preset.load(path).nodes)


def sessions_survive(folder, seeds):
    return survivors(
        folder / "session.toml", SESSION, seeds, lambda path: plan.make(document.load(path)).frames > 0
    )


def survivors(path, text, seeds, used):
    """How many wounded copies of `text` can be used; the others are refused in a sentence."""
    kept, refused = 0, {}
    for seed in seeds:
        chance = random.Random(seed)
        path.write_bytes(encoded(wounded(text, chance), chance))
        try:
            kept += bool(used(path))
        except SvcfxError as error:
            refused[seed] = error
    require_sentences(refused)
    return kept


def require_sentences(refused):
    for seed, error in refused.items():
        assert "\n" not in error.message, (seed, error.message)
        assert error.exit_code == 2, seed


def test_the_whole_documents_are_right(folder):
    assert tomllib.loads(SESSION)["stems"]
    (folder / "session.toml").write_text(SESSION)
    assert plan.make(document.load(folder / "session.toml")).frames > 0


@pytest.mark.parametrize("survive", [presets_survive, sessions_survive])
def test_some_hundred_wounded_documents_end_in_a_result_or_a_sentence(folder, survive):
    kept = survive(folder, range(QUICK))
    assert 0 < kept < QUICK  # wounds do hurt, and not every one


@pytest.mark.slow
@pytest.mark.parametrize("survive", [presets_survive, sessions_survive])
def test_a_flood_of_wounded_documents_end_in_a_result_or_a_sentence(folder, survive):
    assert 0 < survive(folder, range(QUICK, QUICK + FLOOD)) < FLOOD
