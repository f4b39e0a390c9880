"""Seconds follow tempo, bars follow time signatures, and each way back is the inverse."""

import numpy as np
import pytest

from svcfx.errors import MidiError
from svcfx.midi import TempoChange, TempoMap, TimeSignature

THREE = TempoMap(480, (TempoChange(0, 500_000), TempoChange(1920, 750_000), TempoChange(4800, 333_333)))


def test_without_a_tempo_a_minute_has_120_quarters():
    assert TempoMap(96).seconds(96 * 120) == pytest.approx(60.0)


def test_three_tempos_add_up_as_computed_by_hand():
    by_hand = 4 * 0.5 + 6 * 0.75 + 2 * 0.333333
    assert THREE.seconds(4800 + 960) == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize("tick", [-480, 0, 1, 1919, 1920, 1921, 4800, 99_999])
def test_a_tick_comes_back_from_its_second(tick):
    assert THREE.tick(THREE.seconds(tick)) == pytest.approx(tick, abs=1e-6)


def test_time_never_runs_backwards():
    seconds = [THREE.seconds(tick) for tick in range(0, 9600, 7)]
    assert (np.diff(seconds) > 0).all()


def test_a_tempo_counts_quarters_whatever_the_beat_is():
    eighths = TempoMap(480, (TempoChange(0, 500_000),), (TimeSignature(0, 6, 8),))
    assert eighths.seconds_of_bar(2) == pytest.approx(3 * 0.5)  # 6/8 is three quarters
    assert eighths.seconds_of_bar(1, 3) == pytest.approx(0.5)  # two eighths are a quarter


def test_a_change_of_meter_counts_on():
    song = TempoMap(480, (), (TimeSignature(0, 4, 4), TimeSignature(4 * 1920, 3, 4)))
    assert song.seconds_of_bar(5) == pytest.approx(8.0)
    assert song.seconds_of_bar(6) == pytest.approx(9.5)
    assert song.bar_beat(9.0) == (5, 3.0)


def test_a_meter_inside_a_bar_ends_that_bar():
    song = TempoMap(480, (), (TimeSignature(0, 4, 4), TimeSignature(1920 + 960, 4, 4)))
    assert song.seconds_of_bar(3) == pytest.approx(3.0)
    assert song.bar_beat(3.0) == (3, 1.0)


@pytest.mark.parametrize("bar", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("beat", [1, 2.5])
def test_a_bar_and_beat_come_back_from_their_second(bar, beat):
    song = TempoMap(96, (TempoChange(500, 654_321),), (TimeSignature(0, 5, 8), TimeSignature(96 * 20, 7, 16)))
    assert song.bar_beat(song.seconds_of_bar(bar, beat)) == (bar, beat)


def test_before_the_song_bars_count_down():
    assert TempoMap(480).bar_beat(-0.5) == (0, 4.0)


def test_an_offset_moves_everything():
    assert TempoMap(480, offset_seconds=2.0).seconds_of_bar(2) == pytest.approx(4.0)


@pytest.mark.parametrize(("bar", "beat"), [(0, 1), (1, 0.5), (float("nan"), 1), (1, float("inf"))])
def test_a_place_that_does_not_exist_is_refused(bar, beat):
    with pytest.raises(MidiError, match="does not exist"):
        THREE.seconds_of_bar(bar, beat)


def test_a_tempo_of_zero_is_refused():
    with pytest.raises(MidiError, match="0 microseconds"):
        TempoMap(480, (TempoChange(0, 0),))
