import mido
import numpy as np
import pytest

from svcfx.errors import SessionError
from svcfx.lanes import Lane
from svcfx.session.model import MidiModel
from svcfx.session.strip_model import LaneModel, Stem
from svcfx.session.timeline import Sum, Timeline, key_spans


@pytest.fixture
def timeline(song, make):
    """120 bpm for two bars (4 s), then 60 bpm; +2 st from bar 3; half a second of offset."""
    bar = 4 * 480
    song.midi(
        "song.mid",
        [make["tempo"](0, 120), make["tempo"](2 * bar, 60)],
        make["key_track"]((0, 0), (2 * bar, 2)),
    )
    return Timeline.recorded(MidiModel(file="song.mid", offset_seconds=0.5), song.folder / "song.mid")


def test_bars_become_seconds_through_the_tempo_map_and_the_offset(timeline):
    expected = {1: 0.5, 2: 2.5, 3: 4.5, 4: 8.5, 2.5: 3.5, 3.25: 5.5}
    for bar, seconds in expected.items():
        assert timeline.seconds_of_bar(bar, "start_bar") == pytest.approx(seconds, abs=1e-9)
        assert timeline.bar_of(seconds) == pytest.approx(bar, abs=1e-9)


def test_the_key_changes_within_a_hop_of_its_bar(timeline):
    key = timeline.key()
    assert key.at(np.array([4.49, 4.511])).tolist() == pytest.approx([0.0, 2.0])
    assert [(part.start_seconds, part.semitones) for part in key_spans(key)] == [(0.5, 0.0), (4.5, 2.0)]


def test_a_controller_can_say_the_key(song):
    events = [(0, mido.MetaMessage("track_name", name="tune"))]
    events += [
        (tick, mido.Message("control_change", control=20, value=value))
        for tick, value in ((0, 64), (960, 61))
    ]
    song.midi("song.mid", events)
    model = MidiModel(file="song.mid", key_from="cc", key_cc=20, key_track="tune")
    key = Timeline.recorded(model, song.folder / "song.mid").key()
    assert key.at(np.array([0.5, 1.1])).tolist() == pytest.approx([0.0, -3.0])


def test_a_range_of_bars_ends_where_its_last_bar_ends(timeline):
    assert timeline.range_of("2-3") == pytest.approx((2.5, 8.5))
    assert timeline.range_of("3") == pytest.approx((4.5, 8.5))


@pytest.mark.parametrize("bars", ["0-3", "5-3", "a-b", "3-", "", "-1", "1.5-2", "9" * 30])
def test_what_is_no_range_of_bars_is_refused(timeline, bars):
    with pytest.raises(SessionError, match="must be a range of bars"):
        timeline.range_of(bars)


def test_bars_without_midi_are_refused_by_name():
    with pytest.raises(
        SessionError, match=r"stems\[2\].start_bar counts bars, but the session names no MIDI"
    ):
        Timeline().start_of(Stem(file="a.wav", role="lead", start_bar=3), "stems[2]")
    with pytest.raises(SessionError, match="`bars` counts bars"):
        Timeline().range_of("1-2")


def test_a_lane_in_bars_is_one_in_seconds(timeline):
    lane = timeline.lane(LaneModel(points=[[2, 0.0], [3, 1.0]], unit="bars", interpolation="step"), "x")
    assert lane.points == ((2.5, 0.0), (4.5, 1.0))


def test_a_lane_before_the_first_bar_is_refused(timeline):
    with pytest.raises(SessionError, match=r"x\.points begins at bar 0, bars count from 1"):
        timeline.lane(LaneModel(points=[[0, 0.0], [3, 1.0]], unit="bars"), "x")


def test_curves_add_up_and_shift_together():
    both = Sum((Lane.constant(3.0), Lane(((1.0, 0.0), (2.0, 2.0)), "linear"))).shift(1.0)
    assert both.at(np.array([0.0, 2.5, 9.0])).tolist() == [3.0, 4.0, 5.0]
    assert not both.is_constant
    assert Sum((Lane.constant(3.0),)).is_constant
