"""Where melodies lie in their singers' ranges: counted by hand on tones of known pitch."""

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import SessionError, VoiceError
from svcfx.render.steps import Steps
from svcfx.session import key_plan
from svcfx.session.singers import octaves

RATE = 44_100
LOW, HIGH = 80.0, 800.0
"""The synthetic singers' range, in Hz."""


def melody(*hertz):
    """A second of each tone, (1, frames)."""
    phase = 2 * np.pi * np.cumsum(np.repeat(np.array(hertz, float), RATE)) / RATE
    return (0.1 * sum(np.sin(k * phase) / k for k in range(1, 9)))[None].astype(np.float32)


@pytest.fixture
def planned(tmp_path, synthetic_voice):
    def of(*hertz):
        audio.write(tmp_path / "vocal.wav", melody(*hertz), RATE, encoding="float")
        return key_plan.of_file(tmp_path / "vocal.wav", synthetic_voice)

    return of


def test_a_melody_of_four_notes_loses_a_quarter_with_each_that_leaves(planned):
    found = planned(150, 200, 300, 410)
    assert found.share(0).inside == 1.0
    assert found.share(12).above == pytest.approx(0.25, abs=0.02)  # 820 Hz
    assert found.share(-12).below == pytest.approx(0.25, abs=0.02)  # 75 Hz
    assert [share.semitones for share in found.shares] == list(range(-12, 13))
    for share in (*found.shares, *found.octaves):
        assert share.inside + share.below + share.above == pytest.approx(1.0)


@pytest.mark.parametrize("hertz", [(150, 200, 300), (60, 62, 64), (45, 50, 55)])
def test_the_octave_is_the_one_that_auto_takes(planned, synthetic_voice, hertz):
    from svcfx import VoiceConversion
    from svcfx.board import Board

    found = planned(*hertz)
    board = Board([VoiceConversion(synthetic_voice)])
    chosen, (note,) = octaves(board, ["voice"], [(melody(*hertz), RATE)])
    assert found.advice.transpose_semitones == chosen["voice.transpose_semitones"]
    assert found.advice.key_semitones == 0
    assert note.text == f"transpose auto: {found.advice.reason}"


def test_where_no_octave_holds_a_melody_the_song_moves_as_little_as_helps(planned):
    """70 to 730 Hz is wider than any octave of it fits: up by 3 semitones the low note is 83 Hz."""
    found = planned(70, 200, 400, 600)
    assert found.share(0).inside == pytest.approx(0.75, abs=0.02)
    assert (found.advice.transpose_semitones, found.advice.key_semitones) == (0, 3)
    assert found.advice.inside > 0.95
    assert "at +0 semitones, the octave that comes nearest, 75% of it lies in" in found.advice.reason
    assert "at +0 with the song +3" in found.advice.reason
    assert not found.places


def test_where_even_that_leaves_the_range_the_places_are_named(planned):
    found = planned(60, 200, 400, 700, 200)
    low, high = found.places[0], found.places[-1]
    moved = found.advice.transpose_semitones + found.advice.key_semitones
    assert {place.above for place in found.places} <= {True, False}
    outside = [f for f in (60, 700) if not LOW <= f * 2 ** (moved / 12) <= HIGH]
    assert len(found.places) == len(outside) > 0
    assert 0.0 <= low.start_seconds < low.end_seconds <= high.end_seconds <= 5.0


def test_silence_needs_no_move(planned, tmp_path, synthetic_voice):
    audio.write(tmp_path / "no.wav", np.zeros((1, RATE), np.float32), RATE, encoding="float")
    found = key_plan.of_file(tmp_path / "no.wav", synthetic_voice)
    assert found.advice.transpose_semitones == 0
    assert "nothing is sung" in found.advice.reason


def test_a_session_plans_each_voice_in_the_song_s_key_and_names_bars(song, make, synthetic_voice):
    song.stem("lead.wav", melody(82, 300, 410, 300))  # 410 Hz is sung at 820, and 82 can go no lower
    song.stem("band.wav", melody(100))
    song.preset("sing.toml", f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n')
    text = "[tempo]\nbpm = 120.0\n[key]\npoints = [[0, 0.0], [2, 12.0]]\n"
    text += '[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "sing.toml"\n'
    text += '[[stems]]\nfile = "band.wav"\nrole = "accompaniment"\n'
    (found,) = key_plan.of_session(song.session(text))
    assert found.label == "stem 'lead'"
    assert found.stands == 0.0
    assert found.share(0).above == pytest.approx(0.25, abs=0.02)
    (place,) = found.places
    assert (place.note, place.above) == ("G#5", True)
    assert place.bar.startswith("2:")
    assert found.as_dict()["breaks"][0]["bar"] == place.bar


def test_a_session_without_a_voice_has_nothing_to_plan(song, make):
    song.stem("band.wav", melody(100))
    path = song.session('[[stems]]\nfile = "band.wav"\nrole = "accompaniment"\n')
    with pytest.raises(SessionError, match="no stem goes through a voice"):
        key_plan.of_session(path)


def test_a_singer_without_a_range_is_refused_by_name(tmp_path, synthetic_voice, monkeypatch):
    from svcfx import VoiceConversion

    audio.write(tmp_path / "vocal.wav", melody(200), RATE, encoding="float")

    def unknown(self):
        raise VoiceError(f"the range of '{self.voice}' is not known")

    monkeypatch.setattr(VoiceConversion, "require_range", unknown)
    with pytest.raises(VoiceError, match="the range of"):
        key_plan.of_file(tmp_path / "vocal.wav", synthetic_voice)


def test_another_octave_is_suggested_before_the_song_moves(planned):
    """All of it lies a little too high, and `auto` moves no octave for so little."""
    found = planned(820, 850, 880)
    assert (found.advice.transpose_semitones, found.advice.key_semitones) == (-12, 0)
    assert found.advice.reason.endswith("; at -12 100% does")


def test_harmonies_are_planned_where_they_are_sung(song, synthetic_voice):
    song.stem("lead.wav", melody(262, 294))  # C and D
    text = f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\nscale = "C major"\n'
    song.preset("sing.toml", text)
    text = '[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "sing.toml"\n'
    text += 'harmony = ["-octave", "+3 diatonic"]\n'
    lead, low, third = key_plan.of_session(song.session(text))
    assert [found.label for found in (low, third)] == ["stem 'lead -octave'", "stem 'lead +3 diatonic'"]
    assert np.median(low.f0_hz) == pytest.approx(np.median(lead.f0_hz) / 2, rel=0.01)
    assert np.percentile(third.f0_hz, [10, 90]) == pytest.approx([330, 349], rel=0.01)  # E and F


def test_a_recording_is_heard_once_for_all_its_parts(song, synthetic_voice, monkeypatch):
    song.stem("lead.wav", melody(*range(200, 300, 10)))
    song.preset("sing.toml", f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n')
    text = '[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "sing.toml"\nharmony = ["-octave", "+4"]\n'
    made = []
    monkeypatch.setattr(key_plan, "Steps", lambda **given: made.append(Steps(**given)) or made[-1])
    assert len(key_plan.of_session(song.session(text))) == 3
    [steps] = made
    assert steps.parts["pitch", True] == 2 * steps.parts["pitch", False] > 0
