"""A stem whose voice is tuned to a MIDI track, under the song's key."""

import mido
import numpy as np
import pytest

from svcfx import VoiceConversion, audio
from svcfx.errors import SessionError
from svcfx.session.bounce import bounce

RATE = 44_100
NOTES = (57, 60, 64)


def track(name, notes):
    events = [(0, mido.MetaMessage("track_name", name=name))]
    for index, note in enumerate(notes):
        events += [(960 * index, mido.Message("note_on", note=note))]
        events += [(960 * index + 900, mido.Message("note_off", note=note))]
    return events


@pytest.fixture
def sung(song, synthetic_voice):
    """A song whose lead sings `NOTES` a second each, 45 cents flat; writes sessions with more on it."""
    line = np.repeat(np.array(NOTES) - 0.45, RATE)
    phase = 2 * np.pi * np.cumsum(440.0 * 2.0 ** ((line - 69) / 12)) / RATE
    song.stem("lead.wav", (0.1 * sum(np.sin(k * phase) / k for k in range(1, 12)))[None].astype(np.float32))
    song.preset("sing.toml", f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n')
    octave_up = [note + 12 for note in NOTES]
    song.midi("song.mid", track("vocal", octave_up), track("key", (60, 60, 62)))

    def session(more, tail=""):
        stem = f'[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "sing.toml"\n{more}\n'
        return song.session(f'[midi]\nfile = "song.mid"\n{stem}{tail}')

    return session


def off(path, *moved):
    """Cents by which the middles of the notes are off `NOTES`, each moved by semitones."""
    mix = audio.read(path).samples[0]
    found = VoiceConversion("vela").analyse(mix, RATE).f0_hz
    heard = [np.median(found[100 * n + 30 : 100 * n + 80]) for n in range(len(NOTES))]
    return 1200 * np.log2(heard / (440.0 * 2.0 ** ((np.array(NOTES) + moved - 69) / 12)))


def test_the_notes_of_the_track_are_sung_in_the_singer_s_octave_and_then_in_the_key(sung, tmp_path):
    done = bounce(sung('melody_track = "vocal"\nset = { "voice.retune" = 1.0 }'), tmp_path / "out")
    assert np.abs(off(done.mix[0], 0, 0, 2)).max() < 8
    assert not [note for note in done.notes if note.code in ("untuned", "midi-ignored")]


def test_a_melody_that_nothing_is_drawn_to_is_told(sung, tmp_path):
    done = bounce(sung('melody_track = "vocal"'), tmp_path / "out")
    assert np.abs(off(done.mix[0], 0, 0, 2) + 45).max() < 8
    (note,) = [note for note in done.notes if note.code == "untuned"]
    assert note.text == "stems[1].melody_track is 'vocal', but voice.retune is 0: nothing is tuned"
    assert note.is_warning


def test_a_vocal_that_stays_itself_comes_to_the_track_in_the_song_s_key(sung, song, tmp_path):
    song.preset("sing.toml", '[[nodes]]\nnode = "Retune"\n')
    done = bounce(sung('melody_track = "vocal"'), tmp_path / "out")
    assert np.abs(off(done.mix[0], 0, 0, 2)).max() < 8


def test_a_melody_without_a_voice_is_refused(sung, song, tmp_path):
    song.preset("sing.toml", '[[nodes]]\nnode = "Gain"\n')
    with pytest.raises(SessionError, match=r"stems\[1\]\.melody_track tunes a voice"):
        bounce(sung('melody_track = "vocal"'), tmp_path / "out")


def test_a_voice_that_sings_softer_is_not_brought_back(sung, tmp_path):
    levels = []
    for effort in (0.0, -9.0):
        done = bounce(sung(f'set = {{ "voice.dynamics" = {effort} }}'), tmp_path / f"out{effort}")
        levels.append(done.lufs)
    assert levels[1] - levels[0] == pytest.approx(-9.0, abs=0.7)


def test_a_melody_and_a_lane_of_the_same_are_refused(sung, tmp_path):
    more = 'melody_track = "vocal"\n[stems.automation]\n"voice.target_note" = { points = [[0, 60]] }'
    with pytest.raises(SessionError, match=r"both melody_track and a lane of 'voice\.target_note' move it"):
        bounce(sung(more), tmp_path / "out")


def test_a_lane_may_stand_in_place_of_the_notes(sung, tmp_path):
    drawn = "points = [[1, 69], [1.5, 72], [2, 81]], unit = 'bars', interpolation = 'step'"
    more = 'melody_track = "vocal"\nset = { "voice.retune" = 1.0 }\n[stems.automation]\n'
    more += f'"voice.target_note" = {{ {drawn}, replaces_midi = true }}'
    done = bounce(sung(more), tmp_path / "out")
    # The third note is drawn to A, five semitones above or seven below E: the nearer.
    assert np.abs(off(done.mix[0], 0, 0, 2 + 5)).max() < 8


def test_a_tuner_knows_no_lane_in_place_of_the_notes(sung, song, tmp_path):
    song.preset("sing.toml", '[[nodes]]\nnode = "Retune"\n')
    more = 'melody_track = "vocal"\n[stems.automation]\n'
    more += '"retune.target_note" = { points = [[0, 60]], replaces_midi = true }'
    with pytest.raises(SessionError, match=r"both melody_track and a lane of 'retune\.target_note' move it"):
        bounce(sung(more), tmp_path / "out")
