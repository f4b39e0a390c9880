"""Bars of a song: the samples of the whole, of which is made what the bars need."""

import shutil

import numpy as np
import pytest

from svcfx import audio
from svcfx.dsp import rubberband
from svcfx.render.store import Memory
from svcfx.session.bounce import bounce

RATE, SECONDS, BAR = 44_100, 16, 2
BARS = "4-5"
VOICE = '[[nodes]]\nnode = "VoiceConversion"\nvoice = "duo/mei"\ntranspose_semitones = 2.0\n'
GAIN = '[[nodes]]\nnode = "Gain"\ngain_db = -3.0\n'
ROOM = '[[nodes]]\nnode = "Reverb"\nroom_size = 0.6\n'
GLUE = '[[nodes]]\nnode = "Compressor"\nthreshold_db = -30\nratio = 3\n'
KEY = "[key]\npoints = [[0, 0], [4, 2], [8, -1], [12, 3]]\ninterpolation = 'step'\n"
LEAD = 'file = "lead.wav"\nrole = "lead"\npreset = "lead.toml"\nmatch_loudness = false'
BAND = 'file = "band.wav"\nrole = "accompaniment"\npreset = "band.toml"'
LANES = """[stems.automation]
gain_db = { points = [[0, 0], [16, -12]] }
"voice.transpose_semitones" = { points = [[0, 0], [16, 5]] }
"gain.gain_db" = { points = [[0, -6], [16, 0]] }
"""


class Sung:
    """A lead of eight phrases, one in each bar, and a band."""

    def __init__(self, song, make, out):
        self.song, self.out = song, out
        phrase = make["tone"](220.0, 1.0)
        rest = np.zeros((1, RATE // 2), np.float32)
        song.stem("lead.wav", np.concatenate([rest, phrase, rest] * (SECONDS // BAR), axis=1))
        song.stem("short.wav", make["tone"](220.0, 3.0))
        song.stem("band.wav", make["tone"](110.0, SECONDS, channels=2))

    def session(self, *stems, more="", lead=VOICE, band=GAIN, tables="", tempo=""):
        self.song.preset("lead.toml", lead)
        self.song.preset("band.toml", band)
        self.song.preset("room.toml", ROOM)
        output = '[output]\nformats = ["wav"]\nencoding = "float"\nstems = true\n'
        told = "".join(f"[[stems]]\n{stem}\n" for stem in stems)
        return self.song.session(f"[tempo]\nbpm = 120\n{tempo}{KEY * ('KEY' in more)}{told}{tables}{output}")

    def made(self, path, store=None, **asked):
        """Samples of the mix and of the stems' own files, and what was done."""
        shutil.rmtree(self.out, ignore_errors=True)
        done = bounce(path, self.out, store=store, **asked)
        return [audio.read(file).samples for file in (*done.mix, *done.stems)], done


@pytest.fixture
def sung(song, make, tmp_path, svc_voice):
    return Sung(song, make, tmp_path / "out")


SONGS = {
    "a voice": ((LEAD,), {}),
    "a room behind the voice": ((LEAD,), {"lead": VOICE + ROOM}),
    "a band in other keys": ((BAND,), {"more": "KEY"}),
    "a band in other keys, levelled": ((LEAD, BAND), {"more": "KEY", "band": GLUE}),
    "a bus with a room": (
        (LEAD + '\nsends = [{ bus = "room" }]', BAND + '\nto = "room"'),
        {"tables": '[[buses]]\nname = "room"\npreset = "room.toml"\n'},
    ),
    "lanes": ((LEAD + "\n" + LANES, BAND), {"lead": VOICE + GAIN}),
    "a stem that begins in the bars": ((LEAD + "\nstart_bar = 5", BAND), {}),
    "a stem that is over": ((LEAD.replace("lead.wav", "short.wav"), BAND), {}),
    "a mastered mix": ((LEAD, BAND), {"tables": "[master]\npreset = 'band.toml'\n", "band": GLUE}),
    "a loudness": ((LEAD, BAND), {"tables": "[master]\ntarget_lufs = -20\nceiling_dbtp = -1\n"}),
    "a stem's loudness": ((LEAD.replace("false", "true"), BAND), {"more": "KEY"}),
    "another tempo": ((LEAD, BAND), {"more": "KEY", "tempo": "ratio = 0.8\n"}),
}


QUICK = ("a voice", "a bus with a room", "a stem that is over")


@pytest.mark.bytes
@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in SONGS]
)
def test_bars_have_the_samples_of_the_whole_song_whatever_a_store_has(sung, name):
    stems, rest = SONGS[name]
    path, store = sung.session(*stems, **rest), Memory()
    whole, _ = sung.made(path)
    bar = BAR / (0.8 if "ratio" in rest.get("tempo", "") else 1.0)
    first, last = round(3 * bar * RATE), round(5 * bar * RATE)
    part, _ = sung.made(path, store, bars=BARS)
    for bars, of_whole in zip(part, whole, strict=True):
        np.testing.assert_array_equal(bars, of_whole[:, first:last])
    for again, of_whole in zip(sung.made(path, store)[0], whole, strict=True):
        np.testing.assert_array_equal(again, of_whole)  # what bars left in the store is whole
    part, done = sung.made(path, store, bars=BARS)
    np.testing.assert_array_equal(part[0], whole[0][:, first:last])
    assert not [step for step in done.steps.made if step.kind != "repeats"]


def phrases(done, kind="sung"):
    """How many were asked for, known or not."""
    return done.steps.parts[kind, False] + done.steps.parts[kind, True]


@pytest.mark.parametrize(
    ("behind", "count"), [("", 2), (GAIN, 2), (ROOM, 5)], ids=["nothing", "a gain", "a room"]
)
def test_only_the_phrases_that_reach_into_the_bars_are_sung(sung, behind, count):
    path = sung.session(LEAD, BAND, lead=VOICE + behind)
    assert phrases(sung.made(path, Memory())[1]) == SECONDS // BAR
    _, done = sung.made(path, Memory(), bars=BARS)
    # Those of bars 4 and 5, and what rings has heard all that came before.
    assert phrases(done) == phrases(done, "heard") == count


def test_where_the_whole_song_decides_all_of_it_is_sung_and_that_is_said_once(sung):
    matched = LEAD.replace("false", "true")
    path = sung.session(matched, BAND)
    store = Memory()
    _, done = sung.made(path, store, bars=BARS)
    assert phrases(done) == SECONDS // BAR
    assert [note.text for note in done.notes if note.code == "whole-song"] == [
        "stem 'lead' is brought to its loudness as a whole, so all of it is sung"
    ]
    _, done = sung.made(path, store, bars="6-7")
    assert phrases(done) == 0
    assert not [note for note in done.notes if note.code == "whole-song"]
    path = sung.session(LEAD, BAND, tables="[master]\ntarget_lufs = -20\n")
    _, done = sung.made(path, Memory(), bars=BARS)
    assert phrases(done) == SECONDS // BAR
    assert [note.text for note in done.notes if note.code == "whole-song"] == [
        "master.target_lufs is about the whole song, so all of it is rendered"
    ]


@pytest.mark.slow
def test_only_sections_that_reach_into_the_bars_are_stretched(sung, monkeypatch):
    stretched, shift = [], rubberband.shift
    monkeypatch.setattr(rubberband, "shift", lambda *asked: stretched.append(asked[2]) or shift(*asked))

    def keys(path, **asked):
        stretched.clear()
        sung.made(path, **asked)
        return sorted(stretched)

    still = sung.session(BAND, more="KEY")
    assert keys(still) == [-1.0, 2.0, 3.0]
    assert keys(still, bars="3") == [2.0]
    assert keys(still, bars=BARS) == [-1.0, 2.0]
    levelled = sung.session(BAND, more="KEY", band=GLUE)
    assert keys(levelled, bars="5") == [-1.0, 2.0]
