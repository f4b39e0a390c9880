"""What comes out: wet and dry, gain, stereo policies, level."""

import warnings

import numpy as np
import pytest

import svcfx
from svcfx.dsp.gated import GatedLoudness
from svcfx.errors import SvcfxWarning
from svcfx.lanes import Lane

RATE = 44100


def lufs(samples):
    meter = GatedLoudness(RATE)
    meter.push(samples)
    return meter.lufs


@pytest.mark.bytes
def test_mix_0_is_inert_and_passes_the_input_to_the_bit(node, stem):
    node.mix = 0
    assert node.inert
    both = np.stack([stem, -stem])
    out = node(both, RATE)
    np.testing.assert_array_equal(out, both)
    assert not np.shares_memory(out, both)
    assert not svcfx.VoiceConversion("tess").inert


def test_a_stream_at_mix_0_passes_the_input_to_the_bit(node, stem):
    node.mix = 0
    pieces = [node(stem[i : i + 5000], RATE, reset=False) for i in range(0, len(stem), 5000)]
    np.testing.assert_array_equal(np.concatenate([*pieces, node.flush()]), stem)


def test_half_a_mix_is_half_of_both_aligned_to_the_sample(node, stem, dry_node_output):
    node.mix = 0.5
    np.testing.assert_allclose(node(stem, RATE), 0.5 * stem + 0.5 * dry_node_output, atol=1e-6)


def test_output_gain_is_in_decibels(node, stem, dry_node_output):
    node.output_gain_db = -6.0206
    np.testing.assert_allclose(node(stem, RATE), 0.5 * dry_node_output, atol=1e-6)


def test_a_gain_lane_moves_without_steps(node, stem, dry_node_output):
    out = node.process_automated(stem, RATE, {"output_gain_db": Lane(((0.2, 0.0), (1.2, -20.0)))})
    t = np.arange(len(stem)) / RATE
    gain = 10 ** (np.interp(t, [0.2, 1.2], [0.0, -20.0]) / 20)
    np.testing.assert_allclose(out, gain * dry_node_output, atol=1e-4)


@pytest.mark.parametrize("level", ["measured", "card"])
@pytest.mark.parametrize("gain", [1.0, 0.05])
def test_a_conversion_is_as_loud_as_its_source(synthetic_voice, sung, level, gain):
    sound = sung(3.0, RATE, 200.0) * np.float32(gain)
    out = svcfx.VoiceConversion(synthetic_voice, level=level)(sound, RATE)
    assert abs(lufs(out) - lufs(sound)) < (1.0 if level == "measured" else 4.0)


@pytest.mark.bytes
def test_mid_gives_the_converted_mid_to_all_channels(node, stem, dry_node_output):
    out = node(np.stack([stem * 1.5, stem * 0.5]), RATE)
    np.testing.assert_array_equal(out[0], out[1])
    np.testing.assert_allclose(out[0], dry_node_output, atol=1e-5)


def test_mid_with_side_adds_the_side_dry(node, stem, dry_node_output):
    node.stereo = "mid_with_side"
    out = node(np.stack([stem * 1.5, stem * 0.5]), RATE)
    np.testing.assert_allclose(out.mean(0), dry_node_output, atol=1e-5)
    np.testing.assert_allclose((out[0] - out[1]) / 2, 0.5 * stem, atol=1e-5)


@pytest.mark.bytes
def test_dual_mono_converts_each_channel_by_itself(node, stem, dry_node_output):
    node.stereo = "dual_mono"
    reverse = stem[::-1].copy()
    out = node(np.stack([stem, reverse]), RATE)
    np.testing.assert_array_equal(out[0], dry_node_output)
    np.testing.assert_array_equal(out[1], node(reverse, RATE))


def test_a_wide_vocal_is_said_with_its_figure(node, stem):
    wide = np.stack([stem, -0.8 * stem])
    with pytest.warns(SvcfxWarning, match=r"mid that is 19\.1 dB below .*dual_mono"):
        node(wide, RATE)
    node(wide, RATE, reset=False)
    with pytest.warns(SvcfxWarning, match="below the channels"):
        node.flush()


def test_a_centred_or_one_sided_vocal_is_not_called_wide(node, stem):
    with warnings.catch_warnings():
        warnings.simplefilter("error", SvcfxWarning)
        node(np.stack([stem, stem])[:, :20_000], RATE)
        node(np.stack([stem, 0 * stem])[:, :20_000], RATE)


def test_loudness_follow_keeps_the_source_s_dynamics(clear_node, sung):
    soft = sung(2.0, RATE, 200.0)
    soft[RATE:] *= np.float32(0.1)
    clear_node.loudness_follow = 1.0
    out = clear_node(soft, RATE)

    def drop(x):
        return lufs(x[:RATE]) - lufs(x[RATE + 2000 :])

    assert abs(drop(out) - drop(soft)) < 1.5
    clear_node.loudness_follow = 0.0
    assert abs(drop(clear_node(soft, RATE)) - drop(soft)) > 3


def test_formants_move_and_pitch_stays(clear_node, sung):
    sound = sung(1.5, RATE, 150.0)
    plain = clear_node(sound, RATE)
    clear_node.formant_semitones = 7.0
    moved = clear_node(sound, RATE)
    here, there = clear_node.analyse(plain, RATE), clear_node.analyse(moved, RATE)
    both = here.voiced & there.voiced
    assert abs(np.median(1200 * np.log2(there.f0_hz[both] / here.f0_hz[both]))) < 5
    spectra = [np.log(np.abs(np.fft.rfft(x[8000 : 8000 + 16384])) + 1e-6) for x in (plain, moved)]
    smooth = [np.convolve(s, np.hanning(150) / np.hanning(150).sum(), "same")[200:4000] for s in spectra]
    assert np.sqrt(np.mean((smooth[0] - smooth[1]) ** 2)) * 8.7 > 1.0  # dB


def test_transposition_is_exact_to_5_cents(synthetic_voice, sung):
    sound = sung(1.5, RATE, 200.0)
    for semitones in (-12.0, -3.37, 7.0, 12.5):
        node = svcfx.VoiceConversion(synthetic_voice, transpose_semitones=semitones)
        out = node(sound, RATE)
        here, there = node.analyse(sound, RATE), node.analyse(out, RATE)
        both = here.voiced & there.voiced
        assert both.sum() > 50
        cents = 1200 * np.log2(there.f0_hz[both] / here.f0_hz[both]) - 100 * semitones
        assert abs(np.median(cents)) < 5


def jumps_at_silence(samples):
    """Highest sample within 0.4 ms of each border between sound and 10 ms or more of digital silence."""
    silent = np.convolve(samples != 0, np.ones(441), "valid") == 0
    edges = np.flatnonzero(np.diff(silent.astype(int)))
    return [np.abs(samples[max(e - 17, 0) : e + 441 + 17]).max() for e in edges]


def test_no_click_where_a_phrase_begins_or_ends(clear_node, sung, stem):
    """A click is sound that starts or stops at once: beside digital silence nothing may be above -80 dBFS."""
    gap = np.zeros(RATE // 2, np.float32)
    sound = np.concatenate([gap, stem[:30_000], gap])
    found = jumps_at_silence(clear_node(sound, RATE))
    assert len(found) == 2
    assert max(found) < 1e-4
    assert max(jumps_at_silence(sound)) > 1e-3  # the source itself stops at once, and the detector sees it


def test_phrases_are_sung_as_if_each_stood_alone(clear_node, stem):
    """Skipped silence leaves no trace: the second of two phrases equals that phrase alone in the stem."""
    clear_node.level = "card"
    gap = np.zeros(441 * 147, np.float32)
    both = clear_node(np.concatenate([stem[:22_050], gap, stem[:22_050]]), RATE)
    alone = clear_node(np.concatenate([0 * stem[:22_050], gap, stem[:22_050]]), RATE)
    second = slice(22_050 + len(gap) // 2, None)
    assert np.abs(alone[second]).max() > 0.01
    assert np.abs(both[second] - alone[second]).max() < 1e-5
