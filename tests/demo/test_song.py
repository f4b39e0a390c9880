"""The bundled song: small enough to ship, in tune, in time, and what its session and credits say."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import svcfx
from svcfx import audio, midi
from svcfx.audio import Audio
from svcfx.report import sung
from svcfx.session import document

SONG = Path(svcfx.__file__).parent / "demo"
STEMS = ("lead.ogg", "backing.ogg", "accompaniment.ogg", "drums.ogg")


@pytest.fixture(scope="module")
def score() -> ModuleType:
    path = Path(__file__).parents[2] / "demo" / "score.py"
    spec = importlib.util.spec_from_file_location("demo_score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["demo_score"] = module  # its dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def song() -> midi.MidiSong:
    return midi.read(SONG / "song.mid")


def test_the_song_is_under_three_megabytes_and_under_a_minute() -> None:
    assert sum(path.stat().st_size for path in SONG.iterdir()) < 3_000_000
    seconds = {name: audio.read(SONG / name).seconds for name in STEMS}
    assert len(set(seconds.values())) == 1
    assert 30.0 < seconds["lead.ogg"] < 60.0


def test_the_midi_file_has_two_tempos_markers_and_a_cc_lane(song: midi.MidiSong, score: ModuleType) -> None:
    assert [round(tempo.bpm, 3) for tempo in song.tempo_map.tempos] == [92.0, 100.0]
    assert [mark.text for mark in song.markers] == ["intro", "verse", "chorus", "ending"]
    assert song.track("lead").controllers == (74,)
    for quarter in (0.0, 17.0, 40.0, 61.5):
        assert song.tempo_map.seconds(quarter * score.TICKS) == pytest.approx(
            score.seconds(quarter), abs=1e-4
        )


def test_the_key_goes_up_two_semitones_on_the_last_beat_of_bar_ten(song: midi.MidiSong) -> None:
    change = song.tempo_map.seconds_of_bar(10, 4)
    lane = midi.key_lane(song)
    np.testing.assert_array_equal(lane.at(np.array([0.0, change - 0.001, change + 0.02, 50.0])), [0, 0, 2, 2])


@pytest.mark.parametrize(("stem", "line"), [("lead.ogg", "LEAD"), ("backing.ogg", "BACKING")])
def test_each_note_is_sung_in_tune(stem: str, line: str, score: ModuleType) -> None:
    heard = sung(audio.read(SONG / stem))
    cents = []
    for phrase in getattr(score, line):
        for note in (note for syllable in phrase.syllables for note in syllable):
            start, end = score.seconds(note.start) + 0.12, score.seconds(note.start + note.quarters) - 0.1
            inside = heard.notes[(heard.seconds >= start) & (heard.seconds < end)]
            if np.isfinite(inside).mean() > 0.25:
                cents.append(100.0 * abs(np.nanmedian(inside) - note.pitch))
            else:  # consonants take the most of it
                assert note.quarters <= 0.5
    assert np.median(cents) < 30.0
    assert max(cents) < 50.0  # nearer to its own note than to any other


def test_the_accompaniment_plays_in_d_and_stays_there(score: ModuleType) -> None:
    stem = audio.read(SONG / "accompaniment.ogg")
    for start, end in ((8.0, 39.0), (40.0, 76.0)):
        part = stem.samples[:, round(score.seconds(start) * 44_100) : round(score.seconds(end) * 44_100)]
        power = np.abs(np.fft.rfft(part.mean(0) * np.hanning(part.shape[1]))) ** 2
        hertz = np.fft.rfftfreq(part.shape[1], 1 / 44_100)
        band = (hertz > 65.0) & (hertz < 700.0)
        classes = np.round(12.0 * np.log2(hertz[band] / 440.0) + 69.0).astype(int) % 12
        share = np.bincount(classes, power[band], 12)
        scale = [2, 4, 6, 7, 9, 11, 1]  # D major
        assert share[scale].sum() / share.sum() > 0.97


def test_drums_begin_with_the_second_bar_and_strike_on_the_beat(score: ModuleType) -> None:
    stem: Audio = audio.read(SONG / "drums.ogg")
    envelope = np.abs(stem.samples).max(0)
    for bar in (2, 11, 18):
        at = score.seconds(4.0 * (bar - 1))
        around = envelope[round((at - 0.03) * 44_100) : round((at + 0.03) * 44_100)]
        onset = np.argmax(around > 0.2 * around.max()) / 44_100 - 0.03
        assert abs(onset) < 0.005


def test_the_session_names_every_stem_and_the_credits_every_file() -> None:
    session = document.load(SONG / "session.toml").session
    assert tuple(stem.file for stem in session.stems) == STEMS
    credits = (SONG / "CREDITS.md").read_text()
    for path in SONG.iterdir():
        assert path.name == "CREDITS.md" or f"`{path.name}`" in credits
