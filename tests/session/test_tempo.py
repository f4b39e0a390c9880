"""A song at another tempo: every strip, bar, lane and marker is where the new map puts it."""

import json

import clicks
import mido
import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import MidiError, SessionError
from svcfx.render.store import Memory
from svcfx.report import sung
from svcfx.session import document, excerpt, grid, overview, plan, preview, recipe
from svcfx.session.bounce import bounce

RATE = 44_100
BAR = 4 * 480
SECONDS = 8.0
BEATS = 0.5 * np.arange(1, 15)
STEM = '[[stems]]\nfile = "a.wav"\nrole = "{role}"\n{more}\n'
ENDS = '[master]\ntail_seconds = 0\n[output]\nencoding = "float"\n'
MIDI = '[midi]\nfile = "song.mid"\n'


def recording(tone=0.02):
    """Clicks on the beats of 120 quarters a minute."""
    return clicks.track(SECONDS, BEATS, tone, channels=1)


def late(mix, places):
    return clicks.late(mix, places, (recording(), BEATS))


def mixed(path, out, **settings):
    done = bounce(path, out, on_exists="overwrite", **settings)
    return done, audio.read(done.mix[0]).samples


def beats_of(made):
    """Song seconds of the beats on which clicks lie."""
    timeline = made.timeline
    ticks = 480 * np.arange(1, 15)
    return np.array([timeline.tempo_map.seconds(tick) + timeline.offset_seconds for tick in ticks])


@pytest.fixture
def band(song, make):
    """A stem with clicks, its MIDI file at 120, and one that changes its tempo at bars 2 and 3; both end at
    beat 16."""
    song.stem("a.wav", recording())
    marks = [(0, "verse"), (2 * BAR, "chorus"), (3 * BAR, "end")]
    texts = [(tick, mido.MetaMessage("marker", text=text)) for tick, text in marks]
    song.midi("song.mid", [make["tempo"](0, 120), *texts, (4 * BAR, mido.MetaMessage("text", text="."))])
    ends = (4 * BAR, mido.MetaMessage("text", text="."))
    changes = [make["tempo"](tick, bpm) for tick, bpm in ((0, 114), (BAR, 132), (2 * BAR, 108))]
    song.midi("live.mid", [*changes, ends])

    def written(text, role="drums", more=""):
        return song.session(text + STEM.format(role=role, more=more) + ENDS)

    return written


TEMPOS = {
    "ratio": "[tempo]\nbpm = 120\nratio = 0.95\n",
    "ratio of MIDI": MIDI + "[tempo]\nratio = 0.95\n",
    "map": MIDI + '[tempo]\nto = "live.mid"\n',
}


@pytest.mark.parametrize("role", ["drums", "accompaniment"])
@pytest.mark.parametrize("text", TEMPOS.values(), ids=TEMPOS)
def test_every_click_is_on_its_beat(band, tmp_path, text, role):
    path = band(text, role)
    done, mix = mixed(path, tmp_path / "out")
    made = plan.make(document.load(path))
    assert np.abs(late(mix, beats_of(made))).max() < 0.001
    assert mix.shape[1] == round(made.timeline.played(SECONDS) * RATE)
    assert any("follows the tempo through rubberband" in note.text for note in done.notes)


def test_a_map_says_how_long_each_bar_is(band):
    timeline = plan.make(document.load(band(TEMPOS["map"]))).timeline
    bars = [bar.seconds for bar in grid.bars(timeline, 30.0)][:5]
    assert np.diff(bars) == pytest.approx([240 / 114, 240 / 132, 240 / 108, 240 / 108], abs=1e-5)
    assert [round(bpm) for _, bpm in grid.tempos(timeline)] == [114, 132, 108]
    assert grid.markers(timeline)[1] == (pytest.approx(bars[2]), "chorus")


def test_a_ratio_without_bars_is_exact(band, tmp_path):
    _, mix = mixed(band("[tempo]\nratio = 1.05\n"), tmp_path / "out")
    assert mix.shape[1] == round(SECONDS / 1.05 * RATE)
    assert np.abs(late(mix, BEATS / 1.05)).max() < 0.001


@pytest.mark.bytes
@pytest.mark.parametrize("text", ["[tempo]\nratio = 1.0\n", MIDI + '[tempo]\nto = "song.mid"\n'])
def test_its_own_tempo_changes_no_bit_and_no_key(band, tmp_path, text):
    plain, _ = mixed(band(MIDI if "midi" in text else ""), tmp_path / "one")
    same, _ = mixed(band(text), tmp_path / "two")
    assert plain.mix[0].read_bytes() == same.mix[0].read_bytes()
    assert recipe.read(plain.mix[0]).key == recipe.read(same.mix[0]).key


def test_notes_of_a_midi_track_are_on_the_new_beats_unstretched(song, band, make, tmp_path):
    notes = [(480 * beat, mido.Message("note_on", note=60, velocity=100)) for beat in range(2, 12, 2)]
    ends = [(tick + 240, mido.Message("note_off", note=60)) for tick, _ in notes]
    track = [(0, mido.MetaMessage("track_name", name="Bass")), *sorted([*notes, *ends], key=lambda at: at[0])]
    path = band(TEMPOS["map"], more="mute = true")
    held = (4 * BAR, mido.MetaMessage("text", text="."))
    song.midi("song.mid", [make["tempo"](0, 120), held], track)
    path.write_text(
        path.read_text() + '[[stems]]\ntrack = "Bass"\nrole = "accompaniment"\ninstrument = "synth"\n'
    )
    done, mix = mixed(path, tmp_path / "out")
    timeline = plan.make(document.load(path)).timeline
    for tick, _ in notes:
        start = timeline.tempo_map.seconds(tick)
        before, after = (mix[:, round(at * RATE) :][:, :200] for at in (start - 0.006, start + 0.02))
        assert np.abs(before).max() < 0.05 * np.abs(after).max()
    assert not any(note.code == "stretcher" for note in done.notes)


def test_the_key_moves_with_it_and_clicks_stay_on_the_beat(band, tmp_path):
    key = '[key]\npoints = [[1, 0], [3, 3]]\nunit = "bars"\n'
    path = band(TEMPOS["map"] + key, "accompaniment")
    done, mix = mixed(path, tmp_path / "out")
    made = plan.make(document.load(path))
    places, chorus = beats_of(made), made.timeline.seconds_of_bar(3, "")
    off = late(mix, places)
    for part in (off[places < chorus - 0.2], off[places > chorus + 0.2]):
        assert abs(np.median(part)) < 0.001
    assert np.abs(off).max() < 0.002
    notes = sung(audio.read(done.mix[0]))
    for part, semitones in ((notes.seconds < chorus, 0.0), (notes.seconds > chorus + 0.1, 3.0)):
        assert np.nanmedian(notes.notes[part]) == pytest.approx(57.0 + semitones, abs=0.1)
    assert any("follows the tempo and the key through rubberband" in note.text for note in done.notes)


NOTES = (0.5, 2.0, 3.5, 5.0, 6.5)
"""Seconds of the recording at which a singer begins, on beats; each note lasts 0.7 s."""
VELA = '[[nodes]]\nnode = "VoiceConversion"\nvoice = "vela"\n'


@pytest.fixture
def sung_band(song, band, make):
    """The band, and a voice that begins on some of its beats; `solo` keeps that alone."""
    when = np.arange(round(SECONDS * RATE)) / RATE
    sounds = np.any([(when >= at) & (when < at + 0.7) for at in NOTES], axis=0)
    song.stem("voice.wav", make["tone"](220.0, SECONDS) * sounds.astype(np.float32))
    song.preset("vela.toml", VELA)

    def written(text, more=""):
        path = band(text)
        lead = '[[stems]]\nfile = "voice.wav"\nrole = "lead"\nsolo = true\npreset = "vela.toml"\n'
        path.write_text(path.read_text() + lead + more)
        return path

    return written


def begins(mix, places):
    """Seconds by which notes come behind these: their level within 20 dB of what it is 0.2 s later."""
    level = np.sqrt(np.convolve(mix[0].astype(np.float64) ** 2, np.full(220, 1 / 220), "same"))
    loud = [level[round((at + 0.2) * RATE)] for at in places]
    starts = [round((at - 0.1) * RATE) for at in places]
    late = [np.argmax(level[at:] > 0.1 * most) for at, most in zip(starts, loud, strict=True)]
    return np.array(late) / RATE - 0.1


@pytest.mark.parametrize("name", ["ratio", pytest.param("map", marks=pytest.mark.slow)])
def test_a_sung_phrase_begins_beside_the_band_as_it_did(sung_band, tmp_path, name):
    """A voice hears 10 ms frames: each note begins within a frame of where it begins as recorded."""
    _, recorded = mixed(sung_band(MIDI if "midi" in TEMPOS[name] else ""), tmp_path / "one")
    path = sung_band(TEMPOS[name])
    done, mix = mixed(path, tmp_path / "two")
    played = [plan.make(document.load(path)).timeline.played(at) for at in NOTES]
    assert np.abs(begins(mix, played) - begins(recorded, NOTES)).max() < 0.01
    assert np.abs(begins(mix, played)).max() < 0.02
    assert mix.shape[1] == pytest.approx(played[-1] / NOTES[-1] * SECONDS * RATE, rel=0.1)
    assert not any("not as it was recorded" in note.text for note in done.notes)


def test_another_tempo_hears_a_voice_s_recording_once(sung_band, tmp_path):
    store = Memory()
    mixed(sung_band(TEMPOS["ratio"]), tmp_path / "one", store=store)
    done, _ = mixed(sung_band("[tempo]\nbpm = 120\nratio = 0.9\n"), tmp_path / "two", store=store)
    assert done.steps.parts["pitch", False] == 0 < done.steps.parts["pitch", True]
    assert done.steps.parts["content", False] == 0 < done.steps.parts["content", True]


GAIN = '[[nodes]]\nnode = "Gain"\ngain_db = 6\n[[nodes]]\nnode = "HighpassFilter"\n'


@pytest.mark.slow
def test_effects_before_a_voice_are_played_on_the_recording_too(sung_band, song, tmp_path):
    song.preset("vela.toml", GAIN + VELA)
    done, mix = mixed(sung_band(TEMPOS["ratio"]), tmp_path / "one")
    assert np.abs(begins(mix, np.array(NOTES) / 0.95)).max() < 0.02
    assert not any("not as it was recorded" in note.text for note in done.notes)


def test_a_voice_behind_what_a_lane_moves_hears_it_stretched_and_that_is_said(sung_band, song, tmp_path):
    song.preset("vela.toml", GAIN + VELA)
    moves = "[stems.automation]\n'gain.gain_db' = [[0, 0], [4, 6]]\n"
    done, mix = mixed(sung_band(TEMPOS["ratio"], moves), tmp_path / "one")
    assert np.abs(begins(mix, np.array(NOTES) / 0.95)).max() < 0.02
    assert any("not as it was recorded" in note.text for note in done.notes)


def test_what_a_session_writes_in_seconds_goes_along(band, tmp_path):
    more = "start_seconds = 1.0\n[stems.automation]\ngain_db = { points = [[0, 0], [5, -60]], "
    path = band("[tempo]\nratio = 0.8\n", more=more + 'interpolation = "step" }')
    _, mix = mixed(path, tmp_path / "out")
    assert mix.shape[1] == round((SECONDS + 1.0) / 0.8 * RATE)
    before = BEATS[BEATS < 3.9] / 0.8
    assert np.abs(late(mix, before + 1.25)).max() < 0.001
    loud = [np.abs(mix[:, round(at * RATE) :][:, :RATE]).max() for at in (5.0, 6.3)]
    assert loud[0] > 0.1 > 0.001 > loud[1]


@pytest.mark.slow
def test_bars_are_cut_where_they_are_played(band, tmp_path):
    path = band(TEMPOS["map"])
    _, whole = mixed(path, tmp_path / "whole")
    _, part = mixed(path, tmp_path / "part", bars="2-2")
    start = round(240 / 114 * RATE)
    assert part.shape[1] == pytest.approx(240 / 132 * RATE, abs=1)
    np.testing.assert_array_equal(part, whole[:, start : start + part.shape[1]])


def test_a_recording_that_begins_inside_the_map_begins_at_once(band):
    text = MIDI.replace('"song.mid"\n', '"song.mid"\noffset_seconds = -2.0\n')
    timeline = plan.make(document.load(band(text + '[tempo]\nto = "live.mid"\n'))).timeline
    assert timeline.played(0.0) == pytest.approx(0.0)
    assert timeline.seconds_of_bar(2, "") == pytest.approx(0.0)
    assert timeline.seconds_of_bar(3, "") == pytest.approx(240 / 132, abs=1e-5)
    later = plan.make(document.load(band(text.replace("-2.0", "1.0") + "[tempo]\nratio = 0.5\n"))).timeline
    assert later.seconds_of_bar(1, "") == pytest.approx(2.0)
    assert later.seconds_of_bar(2, "") == pytest.approx(6.0)


def test_sections_begin_at_their_markers(band, tmp_path):
    text = TEMPOS["map"] + '[sections.chorus]\ncrossfade_seconds = 0\n"a.gain_db" = -100\n'
    _, mix = mixed(band(text), tmp_path / "out")
    start, end = (240 / 114 + 240 / 132, 240 / 114 + 240 / 132 + 240 / 108)
    assert np.abs(mix[:, round((start + 0.01) * RATE) : round((end - 0.01) * RATE)]).max() < 1e-4
    for near in (start - 0.02, end + 0.01):
        assert np.abs(mix[:, round(near * RATE) :][:, : RATE // 100]).max() > 0.01


@pytest.mark.slow
def test_a_song_in_the_store_is_made_again_only_at_another_tempo(band, tmp_path):
    store = Memory()
    slow, _ = mixed(band(TEMPOS["ratio"], "accompaniment"), tmp_path / "one", store=store)
    again, _ = mixed(band(TEMPOS["ratio"], "accompaniment"), tmp_path / "two", store=store)
    other, _ = mixed(band("[tempo]\nbpm = 120\nratio = 0.94\n"), tmp_path / "three", store=store)
    assert slow.mix[0].read_bytes() == again.mix[0].read_bytes() != other.mix[0].read_bytes()
    assert [step.kind for step in again.steps.found] == ["clip"]
    assert [note.text for note in slow.notes] == [note.text for note in again.notes]


def test_a_dry_run_and_a_recipe_say_it(band, tmp_path):
    path = band(TEMPOS["map"], "accompaniment")
    seen = preview.preview(path, tmp_path / "out")
    assert preview.as_dict(seen)["tempo"] == "at the tempos of 'live.mid'"
    assert "the song is played at the tempos of 'live.mid': 8.00 s become" in preview.as_text(seen)
    done, _ = mixed(path, tmp_path / "out")
    made = recipe.read(done.mix[0])
    assert [part.file for part in made.inputs if part.kind == "midi"] == ["song.mid", "live.mid"]
    assert made.stretcher == "rubberband"
    assert any("live.mid" in note for note in made.notes)
    assert json.dumps(made.settings["session"]["tempo"]) == '{"to": "live.mid"}'


def test_a_strip_at_a_glance_lasts_as_long_as_it_is_played(band):
    seen = overview.of(document.load(band("[tempo]\nratio = 0.5\n", more="start_seconds = 1.0")))
    assert (seen.strips[0].start_seconds, seen.strips[0].seconds) == pytest.approx((2.0, 16.0))


def test_the_most_sung_bars_are_those_that_are_played(song, band):
    loud = recording(0.2)
    loud[:, : 4 * RATE] *= 0.001
    song.stem("a.wav", loud)
    found = excerpt.most_sung(plan.make(document.load(band("[tempo]\nbpm = 120\nratio = 0.5\n"))), 8.0)
    assert (found.bars, found.start_seconds) == ("3-4", pytest.approx(8.0))


REFUSED = {
    "ratio = 0": "tempo.ratio is 0, must be a number from 0.5 to 2",
    "ratio = -1": "tempo.ratio is -1",
    "ratio = 2.1": "tempo.ratio is 2.1",
    "ratio = nan": "tempo.ratio is nan",
    "": "bpm is missing, nothing else is given",
    "bpm = 120\nratio = 0.9\nto = 'live.mid'": "ratio and to are both given",
    "beats_per_bar = 3\nratio = 0.9": "bpm is missing, beats_per_bar is given",
    "to = 'live.mid'": "tempo.to moves bars, which nothing counts",
    "bpm = 120\nto = 'gone.mid'": "gone.mid",
    "bpm = 120\nto = '../live.mid'": "live.mid",
    "bpm = 300\nto = 'live.mid'": "plays bar 1:1 at 0.38 of its tempo, allowed are 0.5 to 2",
}


@pytest.mark.parametrize(("text", "said"), REFUSED.items(), ids=[said[:30] for said in REFUSED.values()])
def test_a_tempo_that_cannot_be_played_is_refused(band, text, said):
    with pytest.raises((SessionError, MidiError)) as caught:
        plan.make(document.load(band(f"[tempo]\n{text}\n")))
    assert said in str(caught.value)


def test_the_map_of_another_song_is_refused(band, song, make):
    song.midi("long.mid", [make["tempo"](0, 100), (9 * BAR, mido.MetaMessage("text", text="."))])
    with pytest.raises(SessionError, match=r"'long.mid', which has 36 beats to its end, and 'song.mid' 16"):
        plan.make(document.load(band(MIDI + '[tempo]\nto = "long.mid"\n')))
