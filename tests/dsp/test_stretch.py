"""A stem follows the key: pitch, time, length and level are what was asked, and 0 st is untouched."""

import tracemalloc

import clicks
import needs
import numpy as np
import pytest

from svcfx import scratch
from svcfx.dsp import rubberband
from svcfx.dsp.stretch import follow_key, follow_tempo
from svcfx.errors import AudioShapeError, Cancelled, MissingPartError, ParamError
from svcfx.events import Kept
from svcfx.lanes import Lane
from svcfx.time_map import TimeMap

RATE = 44_100
KEYS = (0.0, 2.0, -3.0, 5.0)
SECONDS = 2.0
LANE = Lane(tuple((SECONDS * i, key) for i, key in enumerate(KEYS)), "smooth", 10.0)
CLICKS = [round(second * RATE) for second in np.arange(0.1, SECONDS * len(KEYS) - 0.1, 0.25)]


def click_track() -> np.ndarray:
    """Stereo: short bursts four times a second over a soft tone, so that lag and level mean something."""
    return clicks.track(SECONDS * len(KEYS), np.array(CLICKS) / RATE)


@pytest.fixture(scope="module")
def followed():
    return click_track(), follow_key(click_track(), RATE, LANE)


@pytest.fixture
def no_library(monkeypatch):
    monkeypatch.setattr(rubberband, "find_spec", lambda _name: None)


def test_length_layout_and_stretcher_are_as_asked(followed):
    before, after = followed
    assert after.samples.shape == before.shape
    assert after.samples.dtype == np.float32
    assert after.stretcher_used == "rubberband"
    assert [part.section.semitones for part in after.sections] == list(KEYS)


@pytest.mark.parametrize("key", range(len(KEYS)))
def test_clicks_of_each_key_section_stay_within_a_millisecond(followed, key):
    before, after = followed
    section = after.sections[key].section
    inside = [at for at in CLICKS if section.start + 2000 < at < section.stop - 2000]
    late = [clicks.arrival(after.samples, at) - clicks.arrival(before, at) for at in inside]
    assert abs(np.median(late)) / RATE < 0.001


@pytest.mark.parametrize("key", range(len(KEYS)))
def test_each_key_section_keeps_its_level(followed, key):
    before, after = followed
    section = after.sections[key].section
    old, new = (np.square(x[:, section.start : section.stop]).mean() for x in (before, after.samples))
    assert abs(10 * np.log10(new / old)) < 0.1


@pytest.mark.bytes
def test_sections_in_the_songs_own_key_are_the_same_bits(followed):
    before, after = followed
    section = after.sections[0].section
    assert np.array_equal(after.samples[:, : section.stop], before[:, : section.stop])


@pytest.mark.parametrize("hz", [55, 220])
@pytest.mark.parametrize("semitones", [-3.0, 0.5, 5.0])
def test_a_tone_is_shifted_by_what_was_asked(semitones, hz):
    tone = 0.3 * np.sin(2 * np.pi * hz * np.arange(2 * RATE) / RATE).astype(np.float32)[None]
    piece = follow_key(tone, RATE, Lane.constant(semitones)).samples[0, 4410:-4410]
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 1 << 19))
    found = float(np.argmax(spectrum)) * RATE / (1 << 19)
    assert 12 * np.log2(found / hz) == pytest.approx(semitones, abs=0.02)


def test_a_border_has_no_click(followed):
    # A fade between two renders moves no faster than the louder of them does elsewhere.
    _, after = followed
    for part in after.sections[1:]:
        border = part.section.start
        near = np.abs(np.diff(after.samples[0, border - 600 : border + 1200])).max()
        assert near < 0.1


def test_the_same_stem_gives_the_same_bytes():
    piece = click_track()[:, :RATE]
    first, second = (follow_key(piece, RATE, Lane.constant(2.0)) for _ in range(2))
    assert first.samples.tobytes() == second.samples.tobytes()


@pytest.mark.parametrize(
    "lane", [Lane.constant(2.0), Lane(((0.0, 0.0), (1.0, 3.0)))], ids=["still", "glides"]
)
def test_a_stem_that_is_moved_is_given_up_where_its_listener_asks_for_that(lane):
    asked = []
    events = Kept(is_cancelled=lambda: len(asked) > 20 or asked.append(None))
    with pytest.raises(Cancelled):
        follow_key(click_track()[:, :RATE], RATE, lane, events=events)


@pytest.mark.parametrize("gain", [4.0, 2.0**-17])
def test_a_stem_is_followed_at_any_level(gain):
    piece = click_track()[:, : RATE // 2]
    plain = follow_key(piece, RATE, Lane.constant(2.0)).samples
    scaled = follow_key(piece * np.float32(gain), RATE, Lane.constant(2.0)).samples
    np.testing.assert_allclose(scaled / gain, plain, atol=1e-6)


@pytest.mark.parametrize("frames", [0, 1, 50])
def test_next_to_nothing_is_followed_too(frames):
    done = follow_key(np.full((1, frames), 0.1, np.float32), RATE, Lane.constant(3.0))
    assert done.samples.shape == (1, frames)
    assert np.isfinite(done.samples).all()


def test_what_is_too_small_to_hear_passes_as_it_is():
    dust = np.full((1, 5000), 1e-40, np.float32)
    assert np.array_equal(follow_key(dust, RATE, Lane.constant(3.0)).samples, dust)


def test_digital_silence_stays_digital_silence():
    assert not follow_key(np.zeros((2, RATE), np.float32), RATE, LANE).samples.any()


def test_kept_formants_stay_where_they_were():
    """A buzz through one resonance at 1 kHz: shifted by 7 st its brightest region moves unless it is kept."""
    time = np.arange(RATE) / RATE
    buzz = sum(np.sin(2 * np.pi * 110 * k * time) / (1 + ((110 * k - 1000) / 150) ** 2) for k in range(1, 40))
    buzz = (0.05 * buzz).astype(np.float32)[None]

    def brightest(formants: bool) -> float:
        out = follow_key(buzz, RATE, Lane.constant(7.0), formant_preserved=formants)
        power = np.abs(np.fft.rfft(out.samples[0])) ** 2
        hz = np.arange(len(power)) * RATE / buzz.shape[1]
        return float((power * hz).sum() / power.sum())

    assert brightest(True) == pytest.approx(1000, rel=0.15)
    assert brightest(False) > 1300


MEDIAN_MS, WORST_MS = (
    0.6,
    {-12.0: 3.5, -5.0: 1.5, -1.0: 0.6, 0.5: 0.6, 1.0: 0.6, 3.0: 1.0, 7.0: 1.5, 12.0: 2.5},
)


@pytest.mark.parametrize("semitones", WORST_MS)
@pytest.mark.parametrize("tone", [0.0, 1.0], ids=["clicks", "clicks over a tone"])
def test_no_click_slips_from_the_beat_at_any_interval(semitones, tone):
    """A stretcher whose hops are rounded drifts: its last click is off, however right the first one is."""
    before = click_track()[:1, : 3 * RATE]
    if not tone:
        held = np.zeros(before.shape[1], bool)
        for at in CLICKS:
            held[at : at + 400] = True
        before = before * held
    after = follow_key(before, RATE, Lane.constant(semitones)).samples
    inside = [at for at in CLICKS if at < before.shape[1] - 2000]
    late_ms = (
        np.array([clicks.arrival(after, at) - clicks.arrival(before, at) for at in inside]) / RATE * 1000
    )
    assert abs(np.median(late_ms)) < MEDIAN_MS
    assert np.abs(late_ms).max() < WORST_MS[semitones]


@pytest.mark.parametrize("semitones", [-12.0, 5.0, 12.0])
def test_a_soft_swell_stays_in_time_too(semitones):
    """Nothing begins clearly, so no lag can be measured, and none must be made up."""
    time = np.arange(2 * RATE) / RATE
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * time / 2.0)
    tone = (0.1 * swell * sum(np.sin(2 * np.pi * 330 * k * time) / k for k in range(1, 6))).astype(np.float32)
    after = follow_key(tone[None], RATE, Lane.constant(semitones)).samples[0]

    def middle(wave):
        power = np.square(wave.astype(np.float64))
        return float((power * time).sum() / power.sum())

    assert abs(middle(after) - middle(tone)) < 0.001


def test_the_program_on_the_path_changes_nothing(monkeypatch):
    piece = click_track()[:, :8000]
    here = follow_key(piece, RATE, Lane.constant(1.0))
    monkeypatch.setattr(rubberband.shutil, "which", lambda _name: None)
    there = follow_key(piece, RATE, Lane.constant(1.0))
    assert here.samples.tobytes() == there.samples.tobytes()


@needs.RUBBERBAND
def test_where_no_wheel_is_the_program_does_the_same_within_its_16_bits(no_library):
    piece = click_track()[:, :RATE]
    by_program = follow_key(piece, RATE, Lane.constant(2.0))
    assert by_program.stretcher_used == "rubberband"
    assert by_program.samples.shape == piece.shape
    assert 20 * np.log10(np.abs(by_program.samples).max() / np.abs(piece).max()) == pytest.approx(0, abs=3)


def test_without_rubber_band_in_any_form_the_key_is_refused(no_library, monkeypatch):
    monkeypatch.setattr(rubberband.shutil, "which", lambda _name: None)
    piece = click_track()[:, :8000]
    with pytest.raises(MissingPartError, match="has no Rubber Band") as caught:
        follow_key(piece, RATE, Lane.constant(1.0))
    assert "pylibrb" in caught.value.hint
    assert np.array_equal(follow_key(piece, RATE, Lane.constant(0.0)).samples, piece)


def test_when_no_key_changes_no_stretcher_is_used():
    piece = click_track()[:, :8000]
    done = follow_key(piece, RATE, Lane.constant(0.0))
    assert done.stretcher_used == "none"
    assert np.array_equal(done.samples, piece)


def test_what_cannot_be_shifted_is_refused():
    piece = np.zeros((1, 100), np.float32)
    with pytest.raises(ParamError, match="did you mean 'rubberband'"):
        follow_key(piece, RATE, LANE, stretcher="ruberband")
    with pytest.raises(ParamError, match="stretcher is 'pedalboard', allowed are auto, rubberband") as caught:
        follow_key(piece, RATE, LANE, stretcher="pedalboard")
    assert "beside the beat" in caught.value.hint
    with pytest.raises(AudioShapeError, match=r"\(channels, frames\)"):
        follow_key(piece[0], RATE, LANE)
    with pytest.raises(ParamError, match="not all finite"):
        follow_key(piece * np.nan, RATE, LANE)


GLIDES = {
    "up": (0.0, 2.0),
    "home": (2.0, 0.0),
    "down": (0.0, -2.0),
    "through": (1.0, -1.0),
    "high": (3.0, 5.0),
}


def glide_of(name):
    """Two semitones in four seconds, from the second second on."""
    low, high = GLIDES[name]
    return Lane(((0.0, low), (2.0, low), (6.0, high), (8.0, high)))


def swell(hz):
    """Eight seconds of a tone at -6 dBFS that begins and ends softly."""
    seconds = np.arange(8 * RATE) / RATE
    return (0.5 * np.minimum(1, np.minimum(seconds, 8 - seconds)) * np.sin(2 * np.pi * hz * seconds))[
        np.newaxis
    ]


@pytest.fixture(scope="module", params=GLIDES)
def glided(request):
    lane = glide_of(request.param)
    return lane, follow_key(swell(440.0).astype(np.float32), RATE, lane).samples[0].astype(np.float64)


def test_a_glide_is_in_tune_all_along(glided):
    lane, heard = glided
    rising = np.flatnonzero((heard[:-1] < 0) & (heard[1:] >= 0))
    at = rising - heard[rising] / (heard[rising + 1] - heard[rising])
    hz, middle = 16 * RATE / (at[16:] - at[:-16]), (at[16:] + at[:-16]) / 2 / RATE
    cents = np.abs(1200 * np.log2(hz / 440.0) - 100 * lane.at(middle))[(middle > 1.1) & (middle < 6.9)]
    assert np.percentile(cents, 95) < 3
    assert cents.max() < 10


def test_a_glide_keeps_its_level_all_along(glided):
    _, heard = glided
    levels = [np.std(heard[at : at + 1024]) for at in range(RATE + 500, 7 * RATE - 2000, 512)]
    assert np.abs(20 * np.log10(np.array(levels) / (0.5 / np.sqrt(2)))).max() < 0.5


def test_a_glide_has_no_click(glided):
    _, heard = glided
    spectrum = np.fft.rfft(heard)
    spectrum[np.fft.rfftfreq(len(heard), 1 / RATE) < 4000] = 0.0
    assert 20 * np.log10(np.abs(np.fft.irfft(spectrum)[RATE // 2 : -RATE // 2]).max()) < -80


@pytest.mark.parametrize("name", GLIDES)
def test_clicks_in_a_glide_stay_within_a_millisecond(name):
    before = click_track()
    after = follow_key(before, RATE, glide_of(name)).samples
    late = np.array([clicks.arrival(after, at) - clicks.arrival(before, at) for at in CLICKS]) / RATE
    assert max(abs(np.median(part)) for part in np.array_split(late, 4)) < 0.001


def test_where_no_wheel_is_a_glide_is_a_staircase(no_library, monkeypatch):
    monkeypatch.setattr(rubberband, "shift", lambda samples, *_: samples)
    done = follow_key(swell(440.0).astype(np.float32), RATE, glide_of("up"))
    assert len(done.sections) == 10


MOVES = {
    "in another key": lambda samples: follow_key(samples, 8_000, Lane.constant(2.0)),
    "at another tempo": lambda samples: follow_tempo(samples, 8_000, TimeMap(((0.0, 0.0), (1.0, 1.1)))),
}


@pytest.mark.parametrize("way", ["in another key", pytest.param("at another tempo", marks=pytest.mark.slow)])
def test_a_long_stem_that_is_moved_is_hardly_more_memory_than_a_short_one(way, monkeypatch):
    """Signals lie on the disk; numpy's own memory is that of their excerpts and blocks."""
    monkeypatch.setattr(scratch, "COUNTED_FROM", 1 << 16)
    monkeypatch.setattr(scratch, "HELD", 0)
    noise = np.random.default_rng(0).normal(0.0, 0.1, (1, 8_000 * 60)).astype(np.float32)
    peaks = []
    for seconds in (20, 60):
        tracemalloc.start()
        try:
            MOVES[way](noise[:, : 8_000 * seconds])
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    longer = noise[:, : 8_000 * 40].nbytes
    assert peaks[1] - peaks[0] < 0.5 * longer, (peaks, longer)
