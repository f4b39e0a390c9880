import mido
import numpy as np
import pytest

from svcfx.errors import MidiError, SessionError
from svcfx.lanes import Lane
from svcfx.session.automation import for_board, strip_lanes
from svcfx.session.model import MidiModel
from svcfx.session.strip_model import Stem
from svcfx.session.timeline import Timeline

VOICE = {"voice.formant_semitones": (-12.0, 12.0), "voice.transpose_semitones": (-36.0, 36.0)}
STILL = Lane.constant(0.0)


def cc(number, value):
    return mido.Message("control_change", control=number, value=value)


@pytest.fixture
def timeline(song):
    """A track `lead` whose CC 74, 10 and 1 move at 1 s, and whose wheel bends a semitone up at 1 s."""
    events = [(0, mido.MetaMessage("track_name", name="lead"))]
    events += [(0, cc(101, 0)), (0, cc(100, 0)), (0, cc(6, 2))]
    events += [(0, cc(74, 64)), (0, cc(10, 64)), (0, cc(1, 0)), (0, mido.Message("pitchwheel", pitch=0))]
    events += [
        (960, cc(74, 127)),
        (960, cc(10, 0)),
        (960, cc(1, 127)),
        (960, mido.Message("pitchwheel", pitch=4096)),
    ]
    song.midi("song.mid", events)
    return Timeline.recorded(MidiModel(file="song.mid", offset_seconds=1.0), song.folder / "song.mid")


def lanes_of(timeline, key=STILL, ranges=VOICE, **keys):
    stem = Stem.model_validate({"file": "a.wav", "role": "lead", **keys})
    return strip_lanes(stem, "stems[1]", timeline, key, ranges.get)


def at(lane, *seconds):
    return lane.at(np.array(seconds)).tolist()


def test_controllers_of_a_named_track_go_to_their_usual_places(timeline):
    lanes = lanes_of(timeline, cc_tracks=["lead"])
    assert at(lanes.board["voice.formant_semitones"], 1.5, 2.5) == [0.0, 12.0]  # 1 s later by the offset
    assert at(lanes.fader.pan, 1.5, 2.5) == [0.0, -1.0]
    assert set(lanes.used) == {("lead", 74), ("lead", 10)}
    moved = {address: (one.track, one.what, one.is_replaced) for address, one in lanes.played.items()}
    assert moved == {"voice.formant_semitones": ("lead", 74, False), "pan": ("lead", 10, False)}


def test_a_stem_that_names_no_track_hears_no_controller(timeline):
    lanes = lanes_of(timeline)
    assert not lanes.board
    assert lanes.fader.pan.is_constant


def test_a_controller_without_its_parameter_is_left_alone(timeline):
    assert not lanes_of(timeline, ranges={}, cc_tracks=["lead"]).board


def test_the_session_sends_a_controller_elsewhere(timeline):
    mapping = {"1": {"to": "gain_db"}, "74": {"to": "reverb.wet_level", "low": 0.1, "high": 0.5}}
    lanes = lanes_of(timeline, cc_tracks=["lead"], cc=mapping)
    assert at(lanes.fader.gain_db, 1.5, 2.5) == pytest.approx([-60.0, 6.0])
    assert at(lanes.board["reverb.wet_level"], 2.5) == pytest.approx([0.5])


def test_the_wheel_bends_the_voice_and_adds_to_its_key(timeline):
    key = Lane(((0.0, 0.0), (2.2, 2.0)), "step")
    lanes = lanes_of(timeline, key, bend_track="lead")
    board = for_board(lanes, ["voice"], lambda _address: -12.0, start_seconds=1.0)
    assert at(board["voice.transpose_semitones"], 0.5, 1.15, 1.5) == pytest.approx(
        [-12.0, -11.0, -9.0], abs=1e-3
    )


def test_a_lane_stands_in_place_of_a_controller_where_it_says_so(timeline):
    drawn = {"pan": {"points": [[0, 0.25]], "replaces_midi": True}}
    lanes = lanes_of(timeline, cc_tracks=["lead"], automation=drawn)
    assert at(lanes.fader.pan, 0.5, 2.5) == [0.25, 0.25]
    assert at(lanes.board["voice.formant_semitones"], 2.5) == [12.0]  # the others play on
    assert lanes.played["pan"].is_replaced
    assert at(lanes.played["pan"].lane, 2.5) == [-1.0]
    assert ("lead", 10) in lanes.used  # and nobody is told that it was forgotten
    assert at(lanes_of(timeline, automation=drawn).fader.pan, 2.5) == [0.25]  # where MIDI plays nothing, too


def test_a_bend_is_drawn_or_stands_in_place_of_the_wheel(timeline):
    drawn = {"points": [[0, 0.0], [2, 1.0]], "interpolation": "step"}
    for keys in (
        {"automation": {"bend_semitones": drawn}},
        {"automation": {"bend_semitones": {**drawn, "replaces_midi": True}}, "bend_track": "lead"},
    ):
        lanes = lanes_of(timeline, **keys)
        assert not lanes.board
        board = for_board(lanes, ["voice"], lambda _address: -12.0, start_seconds=0.0)
        assert at(board["voice.transpose_semitones"], 1.0, 1.9, 3.0) == [-12.0, -12.0, -11.0]
    assert lanes.played["bend_semitones"].is_replaced
    assert lanes.used == (("lead", "bend"),)


def test_a_lane_of_the_voice_keeps_moving_under_the_key(timeline):
    key = Lane(((0.0, 0.0), (2.0, 2.0)), "step")
    lanes = lanes_of(
        timeline, key, automation={"voice.transpose_semitones": {"points": [[0, 0.0], [4, 4.0]]}}
    )
    board = for_board(lanes, ["voice"], lambda _address: 99.0, start_seconds=0.0)
    assert at(board["voice.transpose_semitones"], 1.0, 3.0) == [1.0, 5.0]


def test_an_untuned_stem_does_not_follow_the_key(timeline):
    key = Lane(((0.0, 0.0), (2.0, 2.0)), "step")
    assert not lanes_of(timeline, key, tuned=False).pitch
    assert not lanes_of(timeline, key, role="drums").pitch
    assert lanes_of(timeline, key, role="pass", tuned=True).pitch


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"automation": {"pan": {"points": [[0, 0.0]]}}, "cc_tracks": ["lead"]}, "both automation and CC 10"),
        (
            {"automation": {"bend_semitones": {"points": [[0, 0.0]]}}, "bend_track": "lead"},
            "both automation of 'bend_semitones' and the wheel of track 'lead'",
        ),
        ({"cc_tracks": ["lead"], "cc": {"1": {"to": "pan"}}}, "both another controller and CC 10"),
        ({"cc_tracks": ["lead"], "cc": {"1": {"to": "echo.mix"}}}, "cc.1 goes to 'echo.mix', whose range"),
        ({"cc_tracks": ["lead"], "cc": {"7": {"to": "pan"}}}, "there is no controller 7 in lead"),
        ({"cc": {"7": {"to": "pan"}}}, "cc_tracks, which is empty"),
        (
            {"automation": {"gain_db": {"points": [[0, 0.0], [1, 90.0]]}}},
            "gain_db reaches 90, outside -120 to 40",
        ),
        ({"automation": {"pan": {"points": [[0, -2.0]]}}}, "pan reaches -2, outside -1 to 1"),
    ],
)
def test_lanes_that_cannot_be_are_refused(timeline, keys, said):
    with pytest.raises(SessionError, match=said):
        lanes_of(timeline, **keys)


def test_a_track_that_is_not_there_names_the_nearest(timeline):
    with pytest.raises(MidiError, match=r"no track named 'leed' \(did you mean 'lead'\?\)"):
        lanes_of(timeline, cc_tracks=["leed"])


def test_midi_tracks_without_a_midi_file_are_refused():
    for keys in ({"cc_tracks": ["lead"]}, {"bend_track": "lead"}, {"melody_track": "lead"}):
        with pytest.raises(SessionError, match="but the session names no MIDI file"):
            lanes_of(Timeline(), **keys)


def test_the_notes_of_a_track_are_what_voices_draw_to_in_stem_seconds(song):
    events = [(0, mido.MetaMessage("track_name", name="lead"))]
    events += [(480, mido.Message("note_on", note=62)), (960, mido.Message("note_off", note=62))]
    song.midi("notes.mid", events)
    timeline = Timeline.recorded(MidiModel(file="notes.mid", offset_seconds=1.0), song.folder / "notes.mid")
    lanes = lanes_of(timeline, melody_track="lead")
    assert lanes.used == (("lead", "notes"),)
    board = for_board(lanes, ["voice", "mix.voice"], lambda _address: 0.0, start_seconds=0.5)
    assert at(board["voice.target_note"], 0.99, 1.01) == [0.0, 62.0]  # second 1.5 of the song
    assert at(board["mix.voice.target_note"], 5.0) == [62.0]
