import numpy as np
import pytest

from svcfx.chain.analysis import analyse
from svcfx.chain.pitch import tracker
from svcfx.chain.pitch.protocol import WINDOW
from svcfx.errors import ParamError

RATE = 16000


def tone(hz, seconds=1.2, rate=RATE):
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hz, (round(seconds * rate),))) / rate
    return (0.1 * sum(np.sin(k * phase) / k for k in range(1, 9))).astype(np.float32)


@pytest.mark.parametrize(("name", "frames"), [("swift", 60), ("crepe-tiny", 60), ("crepe", 24)])
def test_a_tone_has_its_pitch(name, frames):
    """CREPE takes ten milliseconds of network for each of its windows, and is given one slice of them."""
    found = analyse(tone(233.0, frames / 100), RATE, name, octave_repair=True)
    inner = slice(8, frames - 10)
    assert found.voiced[inner].all()
    assert abs(1200 * np.log2(np.median(found.f0_hz[inner]) / 233.0)) < 12
    assert found.confidence[inner].min() > 0.5


@pytest.mark.parametrize("name", ["swift", "crepe-tiny"])
def test_a_step_in_pitch_lies_where_it_is(name):
    hz = np.where(np.arange(round(1.2 * RATE)) < 0.6 * RATE, 200.0, 300.0)
    found = analyse(tone(hz), RATE, name, octave_repair=True)
    assert np.all(np.abs(found.f0_hz[20:56] - 200) < 8)
    assert np.all(np.abs(found.f0_hz[64:110] - 300) < 12)


@pytest.mark.parametrize("name", ["swift", "crepe-tiny"])
def test_silence_and_noise_have_no_pitch(name):
    assert not analyse(np.zeros(RATE, np.float32), RATE, name, octave_repair=True).voiced.any()
    hiss = (0.05 * np.random.default_rng(0).standard_normal(RATE)).astype(np.float32)
    assert analyse(hiss, RATE, name, octave_repair=True).voiced.mean() < 0.1


@pytest.mark.bytes
@pytest.mark.parametrize("name", ["swift", "crepe-tiny"])
def test_a_window_gives_the_same_bits_every_time(name):
    chosen = tracker(name)
    audio = tone(190.0)[: WINDOW + chosen.before + chosen.after]
    first, again = chosen.track(audio), chosen.track(audio.copy())
    np.testing.assert_array_equal(first.f0_hz, again.f0_hz)
    assert first.f0_hz.shape == (32,)


@pytest.mark.parametrize("gain", [1e-3, 0.03, 5.0])
def test_a_quiet_copy_has_the_same_pitch(gain):
    loud = analyse(tone(220.0), RATE, "swift", octave_repair=True)
    quiet = analyse(tone(220.0) * np.float32(gain), RATE, "swift", octave_repair=True)
    assert quiet.voiced[5:110].all()
    np.testing.assert_allclose(quiet.f0_hz[5:110], loud.f0_hz[5:110], rtol=2e-3)


def test_a_report_says_what_was_sung():
    sound = np.concatenate([tone(220.0), np.zeros(RATE, np.float32)])
    report = analyse(sound, RATE, "swift", octave_repair=True).report()
    assert report.voiced_fraction == pytest.approx(1.2 / 2.2, abs=0.05)
    assert report.median_hz == pytest.approx(220, rel=0.01)
    assert report.low_hz <= report.median_hz <= report.high_hz
    assert analyse(np.zeros(900, np.float32), RATE, "swift", octave_repair=True).report().median_hz == 0.0


def test_an_unknown_tracker_names_the_nearest():
    with pytest.raises(ParamError, match="did you mean 'swift'"):
        tracker("swiftf0")
