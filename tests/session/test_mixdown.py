import numpy as np
import pytest

from svcfx import cores, scratch
from svcfx.dsp import loudness
from svcfx.errors import AudioShapeError
from svcfx.lanes import Lane
from svcfx.session import mixdown
from svcfx.session.fader import Fader
from svcfx.session.mixdown import Faded


def test_the_pan_law_keeps_the_power_and_passes_the_centre_untouched():
    gains = mixdown.pan_gains(np.linspace(-1, 1, 41))
    np.testing.assert_allclose((gains**2).sum(axis=0), 2.0, rtol=1e-12)
    assert mixdown.pan_gains(np.zeros(1)).tolist() == [[1.0], [1.0]]
    np.testing.assert_allclose(mixdown.pan_gains(np.array([-1.0]))[:, 0], [np.sqrt(2), 0], atol=1e-12)


def test_a_fader_at_minus_six_halves():
    ones = np.ones((2, 10), np.float32)
    faded = Faded(ones, 10, 0.0, Fader(Lane.constant(-6.0206))).part(0, 10)
    np.testing.assert_allclose(faded, 0.5, atol=1e-6)


def test_a_fader_lane_is_read_at_song_seconds():
    lane = Lane(((10.0, -120.0), (11.0, 0.0)), "step")
    ones = np.ones((2, 30), np.float32)
    faded = Faded(ones, 10, 9.0, Fader(lane)).part(0, 30)  # 9 s to 12 s of the song
    assert faded[0, 19] < 1e-5
    assert faded[0, 20] == 1.0


def test_a_lane_across_blocks_equals_one_read_at_once():
    lane = Lane(((0.0, -20.0), (4.0, 0.0)), "linear")
    ones = np.ones((2, 150_000), np.float32)
    strip = Faded(ones, 44_100, 0.0, Fader(lane))
    faded = strip.laid(0, 0, 150_000)
    when = np.arange(150_000) / 44_100
    np.testing.assert_allclose(faded[1], 10 ** (lane.at(when) / 20), rtol=1e-6)
    assert strip.peak(0, 150_000) == faded.max()
    assert strip.laid(7, 5, 10)[0].tolist() == [0.0, 0.0, *faded[0, :3]]


def test_a_peak_behind_a_fader_is_that_of_the_samples():
    strip = np.random.default_rng(5).standard_normal((2, 100_000)).astype(np.float32)
    faded = Faded(strip, 44_100, 0.0, Fader(Lane.constant(-3.7), Lane.constant(0.6)))
    assert faded.peak(10, 90_000) == np.abs(faded.laid(0, 10, 90_000)).max()
    assert Faded(faded, 44_100).peak(0, 100_000) == np.abs(faded.laid(0, 0, 100_000)).max()


def test_a_stem_is_laid_where_it_starts_and_cut_where_the_mix_ends():
    ones = np.ones((2, 4), np.float32)
    assert scratch.placed(ones, 2, 5)[0].tolist() == [0, 0, 1, 1, 1]
    assert not scratch.placed(ones, 9, 5).any()
    mix = np.zeros((2, 5))
    mixdown.add(mix, Faded(ones, 10), 3)
    mixdown.add(mix, Faded(ones, 10), 7)
    assert mix[1].tolist() == [0, 0, 0, 1, 1]


def test_mono_is_put_on_both_sides_and_surround_is_refused():
    assert mixdown.stereo(np.ones((1, 3), np.float32), "a").shape == (2, 3)
    with pytest.raises(AudioShapeError, match="stem 'a' has 6 channels, allowed are 1 and 2"):
        mixdown.stereo(np.ones((6, 3), np.float32), "a")


def test_neither_the_order_nor_the_grouping_of_strips_changes_a_bit_of_their_sum():
    random = np.random.default_rng(3)
    strips = [random.standard_normal((2, 999)) * 10.0 ** random.uniform(-4, 0) for _ in range(5)]

    def summed(*given):
        mix = np.zeros((2, 999))
        for strip in given:
            mixdown.add(mix, Faded(strip, 10), 0)
        return mix

    whole = summed(*strips)
    np.testing.assert_array_equal(summed(*strips[::-1]), whole)
    np.testing.assert_array_equal(summed(strips[3], summed(*strips[1:3], strips[4]), strips[0]), whole)
    np.testing.assert_allclose(whole, sum(strips), rtol=0, atol=1e-14)


@pytest.mark.bytes
def test_how_many_cores_there_are_changes_no_byte_of_a_mix(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    random, frames = np.random.default_rng(7), 5 << 18
    beats = np.exp(-20.0 * (np.arange(frames) / 44_100 * 2.0 % 1.0))
    strip = (random.standard_normal((2, frames)) * beats).astype(np.float32)

    def mastered(count):
        monkeypatch.setattr(cores, "count", lambda: count)
        mix, faded = np.zeros(strip.shape), Faded(strip, 44_100, 0.0, Fader(Lane.constant(-1.7)))
        mixdown.add(mix, faded, 1000)
        done = loudness.master(mix.astype(np.float32), 44_100, -12.0, -6.0)
        return done.samples.tobytes(), done.lufs, done.dbtp, faded.peak(0, frames)

    assert mastered(1) == mastered(3)
