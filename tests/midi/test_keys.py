"""Keys, bends and controllers arrive at the right second with the right value."""

import numpy as np
import pytest

from svcfx.errors import MidiError
from svcfx.midi import bend_lane, cc_lane, key_lane, note_lane


def value(lane, second: float) -> float:
    return float(lane.at(np.array([second]))[0])


def rpn(write, parameter: int, coarse: int, fine: int | None = None, tick: int = 0):
    events = [write.cc(101, 0, tick), write.cc(100, parameter, tick), write.cc(6, coarse, tick)]
    events += [] if fine is None else [write.cc(38, fine, tick)]
    return [*events, write.cc(101, 127, tick), write.cc(100, 127, tick)]


def test_a_key_change_behind_three_tempos_lands_on_the_computed_second(write):
    tempos = [(0, 500_000), (1920, 611_111), (5000, 400_000)]
    song = write.song(
        [write.meta("set_tempo", tick=tick, tempo=tempo) for tick, tempo in tempos],
        [write.named("key"), *write.note(60, 0), *write.note(62, 7680)],
    )
    by_hand = (1920 * 0.5 + (5000 - 1920) * 0.611111 + (7680 - 5000) * 0.4) / 480
    lane = key_lane(song)
    half = np.arange(by_hand - 0.1, by_hand + 0.1, 0.0005)
    arrival = half[np.argmax(lane.at(half) >= 1.0)]
    assert abs(arrival - by_hand) <= 0.010
    assert value(lane, by_hand - 0.001) == 0.0
    assert value(lane, by_hand + 0.010) == pytest.approx(2.0)


def test_the_key_is_zero_until_its_first_note_and_held_after_its_last(write):
    lane = key_lane(write.song([write.named("Key"), *write.note(57, 1920, length=10)]))
    assert value(lane, 1.99) == 0.0
    assert value(lane, 2.02) == pytest.approx(-3.0)
    assert value(lane, 1000.0) == pytest.approx(-3.0)


def test_of_two_notes_at_one_tick_the_highest_counts(write):
    lane = key_lane(write.song([write.named("key"), *write.note(65, 0), *write.note(61, 0)]))
    assert value(lane, 1.0) == 5.0


def test_without_a_glide_the_key_steps(write):
    song = write.song([write.named("key"), *write.note(62, 480)])
    lane = key_lane(song, glide_ms=0)
    assert lane.interpolation == "step"
    assert value(lane, 0.5) == 2.0


def test_channel_tuning_is_a_key_too(write):
    events = [*rpn(write, 2, 67), *rpn(write, 1, 32, 0, tick=960)]
    lane = key_lane(write.song([write.named("key"), *events]))
    assert value(lane, 0.9) == pytest.approx(3.0)  # 67 - 64
    assert value(lane, 1.1) == pytest.approx(2.5)  # 4096 of 8192 is half a semitone down


def test_a_song_without_a_key_track_stays_in_its_key(write):
    assert key_lane(write.song([*write.note(72, 0)])).is_constant


@pytest.mark.parametrize(
    ("keys", "semitones"),
    [
        (("C", "D"), 2),
        (("C", "G"), -5),
        (("C", "F#"), 6),
        (("C", "Am"), 0),
        (("F#", "Gb"), 0),
        (("Bb", "F"), -5),
    ],
)
def test_signatures_move_by_the_nearest_interval(write, keys, semitones):
    song = write.song([write.meta("key_signature", tick=i * 960, key=key) for i, key in enumerate(keys)])
    assert value(key_lane(song, "signatures"), 1.1) == pytest.approx(semitones)
    assert key_lane(song).is_constant  # never unless asked


def test_an_unknown_source_of_keys_is_named(write):
    with pytest.raises(MidiError, match=r"allowed are track, signatures, none \(did you mean 'signatures'"):
        key_lane(write.song([]), "signature")


def test_a_bend_reaches_its_range_both_ways(write):
    song = write.song(
        [write.named("lead"), *rpn(write, 0, 12, 50), write.bend(8191, 480), write.bend(-8192, 960)]
    )
    lane = bend_lane(song, "lead")
    assert value(lane, 0.2) == 0.0
    assert value(lane, 0.9) == pytest.approx(12.5)
    assert value(lane, 1.1) == pytest.approx(-12.5)


def test_an_assumed_bend_range_is_said(write):
    said: list[str] = []
    lane = bend_lane(write.song([write.named("lead"), write.bend(8191, 480)]), "lead", say=said.append)
    assert value(lane, 1.0) == pytest.approx(2.0)
    assert "2 semitones are assumed" in said[0]


def test_a_deselected_parameter_takes_no_data(write):
    events = [*rpn(write, 0, 7), write.cc(6, 24, 10), write.bend(8191, 480)]
    assert value(bend_lane(write.song([write.named("lead"), *events]), "lead"), 1.0) == pytest.approx(7.0)


@pytest.mark.parametrize(("data", "expected"), [(0, -12.0), (32, -6.0), (64, 0.0), (127, 6.0)])
def test_a_bipolar_controller_is_exactly_centred_at_64(write, data, expected):
    song = write.song([write.named("lead"), write.cc(74, data)])
    assert value(cc_lane(song, "lead", 74, -12.0, 6.0, centre=0.0), 1.0) == expected


def test_a_unipolar_controller_is_linear(write):
    song = write.song([write.named("lead"), *(write.cc(71, data, data * 480) for data in (0, 64, 127))])
    lane = cc_lane(song, "lead", 71, 0.0, 1.0)
    assert [value(lane, data * 0.5 + 0.1) for data in (0, 64, 127)] == pytest.approx([0, 64 / 127, 1])


def test_a_pair_of_controllers_is_read_in_14_bits(write):
    song = write.song(
        [
            write.named("lead"),
            write.cc(10, 64),
            write.cc(42, 0),
            write.cc(10, 127, 480),
            write.cc(42, 127, 480),
        ]
    )
    lane = cc_lane(song, "lead", 10, -1.0, 1.0, centre=0.0)
    assert (value(lane, 0.2), value(lane, 1.0)) == (0.0, 1.0)
    assert len(lane.points) == 2


def test_until_its_first_event_a_controller_holds_what_it_is_given(write):
    song = write.song([write.named("lead"), write.cc(71, 127, 960)])
    assert value(cc_lane(song, "lead", 71, 0.0, 1.0, initial=0.25), 0.5) == 0.25
    assert value(cc_lane(song, "lead", 71, 0.0, 1.0), 0.5) == 1.0


def test_a_controller_that_does_not_occur_is_named(write):
    with pytest.raises(MidiError, match="has no controller 71") as caught:
        cc_lane(write.song([write.named("lead"), write.cc(74, 1)]), "lead", 71, 0, 1)
    assert "its controllers are 74" in caught.value.hint


def test_reset_all_controllers_opens_expression(write):
    song = write.song([write.named("lead"), write.cc(11, 0), write.cc(121, 0, 960)])
    lane = cc_lane(song, "lead", 11, -40.0, 0.0)
    assert (value(lane, 0.5), value(lane, 1.1)) == (-40.0, pytest.approx(0.0))


def test_notes_hold_until_the_next_and_of_several_the_highest_counts(write):
    events = [write.named("lead"), *write.note(60, 480), *write.note(64, 960), *write.note(57, 960)]
    lane = note_lane(write.song(events), "lead")
    assert lane.at(np.array([0.0, 0.499, 0.5, 0.99, 1.0, 9.0])).tolist() == [0, 0, 60, 60, 64, 64]


def test_a_track_without_notes_is_no_melody(write):
    with pytest.raises(MidiError, match=r"track 'lead' of 'song\.mid' has no notes"):
        note_lane(write.song([write.named("lead"), write.cc(1, 2)]), "lead")
