"""The call of a node: arrays, layouts, dtypes, rates and sizes as pedalboard has them, hazards refused."""

import warnings

import numpy as np
import pytest

from svcfx.errors import SvcfxError

RATE = 44100


def test_arguments_are_named_and_ordered_as_in_pedalboard(any_node, stem, any_output):
    short = stem[:5000]
    named = any_node.process(input_array=short, sample_rate=RATE, buffer_size=512, reset=True)
    np.testing.assert_array_equal(named, any_node(short, RATE, 8192, True))
    np.testing.assert_array_equal(named, any_node.process(short, np.float64(RATE)))


def test_output_is_float32_new_contiguous_and_writeable_and_input_stays(any_node, stem):
    given = stem[:5000].copy()
    out = any_node(given, RATE)
    assert out.dtype == np.float32
    assert out.flags.c_contiguous
    assert out.flags.writeable
    assert not np.shares_memory(out, given)
    np.testing.assert_array_equal(given, stem[:5000])


@pytest.mark.bytes
@pytest.mark.parametrize("buffer_size", [64, 8192, 1_000_000])
def test_buffer_size_changes_no_sample(any_node, stem, any_output, buffer_size):
    np.testing.assert_array_equal(any_node(stem, RATE, buffer_size), any_output)


@pytest.mark.bytes
def test_interleaved_equals_planar_transposed(any_node, stem):
    planar = np.stack([stem, 0.5 * stem])[:, :20_000]
    out = any_node(planar, RATE)
    assert out.shape == planar.shape
    np.testing.assert_array_equal(any_node(np.ascontiguousarray(planar.T), RATE), out.T)


@pytest.mark.bytes
@pytest.mark.parametrize("dtype", [np.float64, ">f4", ">f8"])
def test_any_float_of_32_or_64_bits_equals_float32(any_node, stem, dtype):
    out = any_node(stem[:20_000], RATE)
    again = any_node(stem[:20_000].astype(dtype), RATE)
    assert again.dtype == np.float32
    np.testing.assert_array_equal(again, out)


def test_fortran_strided_and_read_only_inputs_are_fine(any_node, stem):
    planar = np.stack([stem, 0.5 * stem])[:, :20_000]
    out = any_node(planar, RATE)
    frozen = planar.copy()
    frozen.setflags(write=False)
    strided = np.repeat(planar, 2, axis=1)[:, ::2]
    for same in (np.asfortranarray(planar), frozen, strided):
        np.testing.assert_array_equal(any_node(same, RATE), out)


@pytest.mark.parametrize("dtype", [np.int16, np.int64, np.float16, np.complex64, np.bool_])
def test_other_dtypes_are_type_errors(any_node, dtype):
    with pytest.raises(TypeError, match="only supports 32-bit and 64-bit floating point audio"):
        any_node(np.zeros(100, dtype), RATE)


def test_a_list_is_a_type_error(any_node):
    with pytest.raises(TypeError, match="must be a numpy array, got list"):
        any_node([0.0, 0.0], RATE)


def test_three_dimensions_are_a_runtime_error(any_node):
    with pytest.raises(RuntimeError, match=r"must be 1 or 2 \(got 3\)"):
        any_node(np.zeros((1, 2, 3), np.float32), RATE)


@pytest.mark.parametrize("shape", [(0,), (0, 2), (2, 0), (1, 1), (3, 2), (2, 3), (1, 7), (7, 1), (6, 500)])
def test_output_shape_is_input_shape(any_node, shape):
    out = any_node(np.zeros(shape, np.float32), RATE)
    assert out.shape == shape
    assert not out.any()


def test_nothing_by_nothing_is_a_runtime_error(any_node):
    with pytest.raises(RuntimeError, match="channel layout"):
        any_node(np.zeros((0, 0), np.float32), RATE)


def test_a_square_array_needs_a_layout_seen_before(any_node):
    with pytest.raises(RuntimeError, match="Provide a non-square array first"):
        any_node(np.zeros((2, 2), np.float32), RATE)


@pytest.mark.parametrize("wide", [True, False])
def test_a_square_array_takes_the_last_layout_seen(clear_node, wide):
    clear_node.mix = 0.5
    seen = np.zeros((2, 9) if wide else (9, 2), np.float32)
    clear_node(seen, RATE)
    square = np.array([[0.5, 0.0], [0.0, 0.0]], np.float32)
    out = clear_node(square, RATE)
    assert out[0, 0] != 0.0
    assert (out[0, 1] if wide else out[1, 0]) == pytest.approx(0.0, abs=0.05)


def test_only_an_explicit_reset_forgets_the_layout(any_node):
    any_node(np.zeros((2, 9), np.float32), RATE, reset=True)
    any_node(np.zeros((2, 2), np.float32), RATE, reset=True)
    any_node.reset()
    with pytest.raises(RuntimeError, match="channel layout"):
        any_node(np.zeros((2, 2), np.float32), RATE)


@pytest.mark.parametrize("rate", [0, -44100, float("nan"), float("inf"), 7999, 192_001])
def test_impossible_rates_are_value_errors(any_node, stem, rate):
    with pytest.raises(ValueError, match="8000 to 192000 Hz"):
        any_node(stem, rate)


def test_a_text_for_a_rate_is_a_type_error(any_node, stem):
    with pytest.raises(TypeError, match="sample_rate"):
        any_node(stem, "44100")


def test_a_missing_rate_is_a_type_error(any_node, stem):
    with pytest.raises(TypeError):
        any_node(stem)


def test_buffer_size_zero_is_refused_where_pedalboard_hangs(any_node, stem):
    with pytest.raises(ValueError, match="at least 1"):
        any_node(stem, RATE, 0)


def test_a_negative_buffer_size_is_a_type_error(any_node, stem):
    with pytest.raises(TypeError, match="at least 1"):
        any_node(stem, RATE, -5)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_not_finite_is_named(any_node, value):
    sound = np.zeros((2, 300), np.float32)
    sound[1, 123] = value
    with pytest.raises(ValueError, match="sample 123, channel 1"):
        any_node(sound, RATE)


def test_a_double_beyond_float32_is_named(any_node):
    sound = np.zeros(300)
    sound[7] = 1e300
    with pytest.raises(ValueError, match="sample 7"):
        any_node(sound, RATE)


@pytest.mark.parametrize("rate", [8000, 11025.5, 22050, 48000, 96000, 192000])
def test_any_rate_keeps_length_and_pitch(node, sung, rate):
    node.transpose_semitones = 2.0
    sound = sung(0.9, rate)
    out = node(sound, rate)
    assert len(out) == len(sound)
    here, there = node.analyse(sound, rate), node.analyse(out, rate)
    both = here.voiced & there.voiced
    assert both.sum() > 40
    cents = 1200 * np.log2(there.f0_hz[both] / here.f0_hz[both]) - 200
    assert np.abs(np.median(cents)) < 5


@pytest.mark.parametrize("rate", [22050, 44100, 48000])
@pytest.mark.parametrize("buffer_size", [128, 65536])
def test_latency_is_compensated_at_any_rate_and_buffer(clear_node, sung, rate, buffer_size):
    """A burst comes out where it went in, and the call returns as many frames as it got."""
    sound = np.zeros(rate // 2, np.float32)
    burst = slice(rate // 5, rate // 5 + rate // 10)
    sound[burst] = sung(0.1, rate)
    out = clear_node(sound, rate, buffer_size)
    assert out.shape == sound.shape
    power = np.square(out, dtype=np.float64)
    about = slice(burst.start - rate // 50, burst.stop + rate // 50)  # the analysis sees 20 ms to each side
    assert power[about].sum() > 0.99 * power.sum()


def test_output_lies_where_the_input_lies(clear_node, stem):
    clear_node.loudness_follow = 1.0  # below, a made-up singer is as loud as its random nets say
    sung = (stem, clear_node(stem, RATE))
    envelopes = [np.convolve(np.abs(x), np.hanning(441), "same")[::44] for x in sung]
    centred = [e - e.mean() for e in envelopes]
    lags = range(-30, 31)
    scores = [np.dot(np.roll(centred[0], lag), centred[1]) for lag in lags]
    assert abs(lags[int(np.argmax(scores))]) <= 5  # 5 ms


def test_digital_silence_in_gives_digital_silence_out(any_node):
    assert not any_node(np.zeros(30_000, np.float32), RATE).any()


def test_the_silence_between_phrases_stays_digital_silence(clear_node, stem):
    quiet = np.convolve(np.abs(stem) > 0, np.ones(2 * 6615), "same") == 0  # 150 ms from any sound
    assert quiet.sum() > 200
    assert not clear_node(stem, RATE)[quiet].any()


@pytest.mark.parametrize("peak", [3e38, 1e12, 50.0])
def test_absurdly_loud_input_gives_finite_output(any_node, stem, peak):
    assert np.isfinite(any_node(stem[:9000] * np.float32(peak), RATE)).all()


@pytest.mark.parametrize("frames", [1, 2, 63, 441])
def test_a_click_of_a_few_frames_keeps_its_length(any_node, frames):
    out = any_node(np.ones(frames, np.float32), RATE)
    assert out.shape == (frames,)
    assert np.isfinite(out).all()


def test_more_than_two_channels_keep_their_shape(any_node, stem):
    six = np.stack([stem[:8000] * g for g in (1, 0.5, 0.2, 0.1, 0.3, 0.7)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert any_node(six, RATE).shape == six.shape


def test_every_refusal_is_one_of_ours(any_node, stem):
    for call in (
        lambda: any_node([0.0], RATE),
        lambda: any_node(stem, 0),
        lambda: any_node(np.zeros((0, 0)), RATE),
    ):
        with pytest.raises(SvcfxError):
            call()
