"""A stem follows a tempo: clicks are where the map has them, the pitch and the level are as they were."""

import clicks
import needs
import numpy as np
import pytest

from svcfx.dsp import rubberband
from svcfx.dsp.stretch import follow_tempo
from svcfx.errors import AudioShapeError, Cancelled, MissingPartError, ParamError
from svcfx.events import Kept
from svcfx.time_map import TimeMap

RATE = 44_100
RATIOS = (0.6, 0.75, 0.9, 0.95, 1.05, 1.25, 1.6)
CHANGES = TimeMap(((0.0, 0.0), (2.0, 2.0 / 0.95), (4.0, 2.0 / 0.95 + 2.0 / 1.2), (6.0, 6.9), (8.0, 8.9)))


def late_ms(time, tone, beats):
    before = clicks.track(8.0, beats, tone)
    after = follow_tempo(before, RATE, time).samples
    return 1000 * clicks.late(after, [time.played(at) for at in beats], (before, beats))


@pytest.mark.parametrize("tone", [0.0, 0.05], ids=["clicks", "clicks over a tone"])
@pytest.mark.parametrize("ratio", RATIOS)
def test_clicks_are_where_the_tempo_has_them(ratio, tone):
    late = late_ms(TimeMap.of_ratio(ratio), tone, np.arange(0.25, 7.8, 0.25))
    assert max(abs(np.median(part)) for part in np.array_split(late, 3)) < 1.0
    assert np.abs(late).max() < (1.0 if 0.9 <= ratio <= 1.1 else 3.0)


@pytest.mark.parametrize("tone", [0.0, 0.05], ids=["clicks", "clicks over a tone"])
def test_clicks_of_each_tempo_are_where_the_map_has_them(tone):
    beats = np.arange(0.25, 7.8, 0.25)
    late = late_ms(CHANGES, tone, beats)
    for first, last in ((0, 2), (2, 4), (4, 6), (6, 8)):
        assert abs(np.median(late[(beats >= first) & (beats < last)])) < 1.0
    assert np.abs(late).max() < 2.0


def test_a_tempo_of_each_beats_own_does_not_drift():
    """A played map: every beat is as long as the hand was early or late."""
    beats = 0.5 + np.cumsum(0.3 + np.random.default_rng(1).uniform(-0.03, 0.03, 24))
    even = 0.5 + 0.3 * np.arange(1, 25)
    time = TimeMap(((0.0, 0.0), *zip(beats.tolist(), even.tolist(), strict=True)))
    late = late_ms(time, 0.05, beats)
    assert abs(np.median(late)) < 1.0
    assert np.abs(late).max() < 2.0


@pytest.mark.parametrize("ratio", [0.5, 0.95, 2.0])
def test_it_is_as_long_as_the_map_says_and_in_its_own_pitch(ratio):
    before = clicks.track(8.0, [])
    done = follow_tempo(before, RATE, TimeMap.of_ratio(ratio))
    assert done.samples.shape == (2, round(before.shape[1] / ratio))
    assert done.stretcher_used == "rubberband"
    heard = done.samples[0, RATE:-RATE].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 2**20))
    assert 1200 * abs(np.log2(np.argmax(spectrum) * RATE / 2**20 / 220.0)) < 3
    assert 20 * np.log10(np.std(heard) / np.std(before[0, RATE:-RATE])) == pytest.approx(0.0, abs=0.5)


@needs.RUBBERBAND
@pytest.mark.parametrize("ratio", [0.75, 0.95, 1.25])
def test_where_no_wheel_is_the_program_plays_one_ratio_and_refuses_a_map(ratio, monkeypatch):
    monkeypatch.setattr(rubberband, "find_spec", lambda _name: None)
    time = TimeMap.of_ratio(ratio)
    late = late_ms(time, 0.05, np.arange(0.25, 7.8, 0.25))
    assert abs(np.median(late)) < 1.0
    assert follow_tempo(clicks.track(1.0, []), RATE, time).samples.shape == (2, round(RATE / ratio))
    with pytest.raises(MissingPartError, match="a tempo that changes needs Rubber Band as a library"):
        follow_tempo(clicks.track(8.0, []), RATE, CHANGES)


def test_without_rubber_band_in_any_form_another_tempo_is_refused(monkeypatch):
    monkeypatch.setattr(rubberband, "find_spec", lambda _name: None)
    monkeypatch.setattr(rubberband.shutil, "which", lambda _name: None)
    with pytest.raises(MissingPartError, match="the tempo cannot be moved: this machine has no Rubber Band"):
        follow_tempo(clicks.track(1.0, []), RATE, CHANGES)


@pytest.mark.bytes
def test_the_same_stem_gives_the_same_bytes():
    before = clicks.track(1.0, [0.5])
    twice = [follow_tempo(before, RATE, CHANGES).samples.tobytes() for _ in range(2)]
    assert twice[0] == twice[1]


@pytest.mark.parametrize("frames", [0, 1, 50])
def test_next_to_nothing_is_followed_too(frames):
    done = follow_tempo(np.full((1, frames), 0.1, np.float32), RATE, TimeMap.of_ratio(0.5))
    assert done.samples.shape == (1, 2 * frames)
    assert np.isfinite(done.samples).all()


def test_digital_silence_stays_digital_silence():
    done = follow_tempo(np.zeros((2, RATE), np.float32), RATE, TimeMap.of_ratio(0.8))
    assert done.samples.shape == (2, round(RATE / 0.8))
    assert not done.samples.any()


def test_what_cannot_be_followed_is_refused():
    with pytest.raises(AudioShapeError, match=r"\(channels, frames\)"):
        follow_tempo(np.zeros(10, np.float32), RATE, CHANGES)
    with pytest.raises(ParamError, match="not all finite"):
        follow_tempo(np.full((1, 10), np.nan, np.float32), RATE, CHANGES)
    with pytest.raises(ParamError, match="stands still or turns back at 1 s"):
        TimeMap(((0.0, 0.0), (1.0, 1.0), (2.0, 1.0)))


def test_a_stem_that_is_followed_is_given_up_where_its_listener_asks_for_that():
    asked = []
    events = Kept(is_cancelled=lambda: len(asked) > 20 or asked.append(None))
    with pytest.raises(Cancelled):
        follow_tempo(clicks.track(1.0, [0.5]), RATE, TimeMap.of_ratio(0.8), events=events)
