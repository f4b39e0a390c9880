"""A stem follows the key: pitch, time, length and level are what was asked, and 0 st is untouched."""

import os
import shutil

import numpy as np
import pytest

from svcfx.dsp import stretch
from svcfx.dsp.stretch import follow_key
from svcfx.errors import AudioShapeError, MissingPartError, ParamError
from svcfx.lanes import Lane

RATE = 44_100
KEYS = (0.0, 2.0, -3.0, 5.0)
SECONDS = 2.0
LANE = Lane(tuple((SECONDS * i, key) for i, key in enumerate(KEYS)), "smooth", 10.0)
needs_rubberband = pytest.mark.skipif(
    shutil.which("rubberband") is None and not os.environ.get("CI"), reason="rubberband is not installed"
)
ENGINES = [pytest.param("rubberband", marks=needs_rubberband), "pedalboard"]
CLICKS = [round(second * RATE) for second in np.arange(0.1, SECONDS * len(KEYS) - 0.1, 0.25)]


def click_track() -> np.ndarray:
    """Stereo: short bursts four times a second over a soft tone, so that lag and level mean something."""
    frames = round(SECONDS * len(KEYS) * RATE)
    time, wave = np.arange(frames) / RATE, np.zeros((2, frames))
    burst = np.random.default_rng(0).standard_normal((2, 400)) * np.exp(-np.arange(400) / 60)
    for at in CLICKS:
        wave[:, at : at + 400] += 0.3 * burst / np.abs(burst).max()
    tone = sum(np.sin(2 * np.pi * 220 * k * time) / k for k in range(1, 6))
    return (wave + 0.05 * tone).astype(np.float32)


def arrival(samples: np.ndarray, near: int) -> float:
    """Frame at which a third of a click's brightness has come, above 5 kHz where the tone is not."""
    piece = samples[0, near - 900 : near + 900].astype(np.float64)
    spectrum = np.fft.rfft(piece)
    spectrum[: round(5000 * len(piece) / RATE)] = 0.0
    energy = np.cumsum(np.fft.irfft(spectrum, len(piece)) ** 2)
    return float(np.searchsorted(energy, 0.33 * energy[-1]))


@pytest.fixture(scope="module", params=ENGINES)
def followed(request):
    return click_track(), follow_key(click_track(), RATE, LANE, stretcher=request.param), request.param


def test_length_layout_and_stretcher_are_as_asked(followed):
    before, after, engine = followed
    assert after.samples.shape == before.shape
    assert after.samples.dtype == np.float32
    assert after.stretcher_used == engine
    assert [part.section.semitones for part in after.sections] == list(KEYS)


@pytest.mark.parametrize("key", range(len(KEYS)))
def test_clicks_of_each_key_section_stay_within_a_millisecond(followed, key):
    before, after, _ = followed
    section = after.sections[key].section
    inside = [at for at in CLICKS if section.start + 2000 < at < section.stop - 2000]
    late = [arrival(after.samples, at) - arrival(before, at) for at in inside]
    assert abs(np.median(late)) / RATE < 0.001


@pytest.mark.parametrize("key", range(len(KEYS)))
def test_each_key_section_keeps_its_level(followed, key):
    before, after, _ = followed
    section = after.sections[key].section
    old, new = (np.square(x[:, section.start : section.stop]).mean() for x in (before, after.samples))
    assert abs(10 * np.log10(new / old)) < 0.1


@pytest.mark.bytes
def test_sections_in_the_songs_own_key_are_the_same_bits(followed):
    before, after, _ = followed
    section = after.sections[0].section
    assert np.array_equal(after.samples[:, : section.stop], before[:, : section.stop])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("semitones", [-3.0, 0.5, 5.0])
def test_a_tone_is_shifted_by_what_was_asked(engine, semitones):
    tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(2 * RATE) / RATE).astype(np.float32)[None]
    piece = follow_key(tone, RATE, Lane.constant(semitones), stretcher=engine).samples[0, 4410:-4410]
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 1 << 19))
    hz = float(np.argmax(spectrum)) * RATE / (1 << 19)
    assert 12 * np.log2(hz / 220) == pytest.approx(semitones, abs=0.02)


def test_a_border_has_no_click(followed):
    # A fade between two renders moves no faster than the louder of them does elsewhere.
    _, after, _ = followed
    for part in after.sections[1:]:
        border = part.section.start
        near = np.abs(np.diff(after.samples[0, border - 600 : border + 1200])).max()
        assert near < 0.1


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_stem_gives_the_same_bytes(engine):
    piece = click_track()[:, :RATE]
    first, second = (follow_key(piece, RATE, Lane.constant(2.0), stretcher=engine) for _ in range(2))
    assert first.samples.tobytes() == second.samples.tobytes()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("gain", [4.0, 2.0**-17])
def test_a_stem_is_followed_at_any_level(engine, gain):
    piece = click_track()[:, : RATE // 2]
    plain = follow_key(piece, RATE, Lane.constant(2.0), stretcher=engine).samples
    scaled = follow_key(piece * np.float32(gain), RATE, Lane.constant(2.0), stretcher=engine).samples
    np.testing.assert_allclose(scaled / gain, plain, atol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("frames", [0, 1, 50])
def test_next_to_nothing_is_followed_too(engine, frames):
    done = follow_key(np.full((1, frames), 0.1, np.float32), RATE, Lane.constant(3.0), stretcher=engine)
    assert done.samples.shape == (1, frames)
    assert np.isfinite(done.samples).all()


def test_what_is_too_small_to_hear_passes_as_it_is():
    dust = np.full((1, 5000), 1e-40, np.float32)
    assert np.array_equal(follow_key(dust, RATE, Lane.constant(3.0), stretcher="pedalboard").samples, dust)


@pytest.mark.parametrize("engine", ENGINES)
def test_digital_silence_stays_digital_silence(engine):
    assert not follow_key(np.zeros((2, RATE), np.float32), RATE, LANE, stretcher=engine).samples.any()


@pytest.mark.parametrize("engine", ENGINES)
def test_kept_formants_stay_where_they_were(engine):
    """A buzz through one resonance at 1 kHz: shifted by 7 st its brightest region moves unless it is kept."""
    time = np.arange(RATE) / RATE
    buzz = sum(np.sin(2 * np.pi * 110 * k * time) / (1 + ((110 * k - 1000) / 150) ** 2) for k in range(1, 40))
    buzz = (0.05 * buzz).astype(np.float32)[None]

    def brightest(formants: bool) -> float:
        out = follow_key(buzz, RATE, Lane.constant(7.0), formant_preserved=formants, stretcher=engine)
        power = np.abs(np.fft.rfft(out.samples[0])) ** 2
        hz = np.arange(len(power)) * RATE / buzz.shape[1]
        return float((power * hz).sum() / power.sum())

    assert brightest(True) == pytest.approx(1000, rel=0.15)
    assert brightest(False) > 1300


def test_auto_takes_what_is_installed(monkeypatch):
    monkeypatch.setattr(stretch.shutil, "which", lambda _name: None)
    piece = click_track()[:, :8000]
    assert follow_key(piece, RATE, Lane.constant(1.0)).stretcher_used == "pedalboard"
    with pytest.raises(MissingPartError, match="'rubberband' is not installed") as caught:
        follow_key(piece, RATE, Lane.constant(1.0), stretcher="rubberband")
    assert "rubberband-cli" in caught.value.hint


def test_when_no_key_changes_no_stretcher_is_used():
    piece = click_track()[:, :8000]
    done = follow_key(piece, RATE, Lane.constant(0.0))
    assert done.stretcher_used == "none"
    assert np.array_equal(done.samples, piece)


def test_what_cannot_be_shifted_is_refused():
    piece = np.zeros((1, 100), np.float32)
    with pytest.raises(ParamError, match="did you mean 'rubberband'"):
        follow_key(piece, RATE, LANE, stretcher="ruberband")
    with pytest.raises(AudioShapeError, match=r"\(channels, frames\)"):
        follow_key(piece[0], RATE, LANE)
    with pytest.raises(ParamError, match="not all finite"):
        follow_key(piece * np.nan, RATE, LANE)
