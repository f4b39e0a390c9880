"""What pedalboard's objects are to us, their latency, and what they may be told."""

import os
from pathlib import Path

import numpy as np
import pedalboard
import pytest

from svcfx.errors import ParamError, PresetError
from svcfx.node import catalog, float_mode, frozen, knob_ranges, native, native_run, plugins
from svcfx.node.native_latency import latency_of

RATE = 44_100
ZAM = Path("/usr/lib/vst3")
needs_zam = pytest.mark.skipif(
    not (ZAM / "ZamCompX2.vst3").exists() and "CI" not in os.environ, reason="zam-plugins is not installed"
)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Gain", "gain"),
        ("PitchShift", "pitch_shift"),
        ("GSMFullRateCompressor", "gsm_full_rate_compressor"),
        ("MP3Compressor", "mp3_compressor"),
        ("LowpassFilter", "lowpass_filter"),
    ],
)
def test_names_in_addresses(kind, name):
    assert native.snake(kind) == name
    assert catalog.class_named(name) == catalog.class_named(kind) == kind


def test_every_built_in_is_in_the_table_of_ranges_with_every_number_it_has():
    for kind, made in catalog.built_in().items():
        if kind == "Convolution":
            continue
        effect = made()
        numbers = {
            name
            for name in frozen.attributes(made)
            if isinstance(getattr(effect, name), (int, float)) and not isinstance(getattr(effect, name), bool)
            and not hasattr(getattr(effect, name), "name")
        }  # fmt: skip
        assert set(knob_ranges.BUILT_IN.get(kind, {})) == numbers, kind


def test_defaults_lie_in_their_ranges_and_ends_are_accepted():
    for kind, ranges in knob_ranges.BUILT_IN.items():
        if kind == "Convolution":
            continue
        for name, allowed in ranges.items():
            assert allowed.low <= getattr(catalog.built_in()[kind](), name) <= allowed.high
            for end in (allowed.low, allowed.high):
                assert getattr(catalog.make(kind, {name: end}), name) == pytest.approx(end, rel=1e-3), (
                    kind,
                    name,
                )


@pytest.mark.parametrize(
    ("effect", "frames"),
    [
        (pedalboard.Gain(), 0),
        (pedalboard.Limiter(), 0),
        (pedalboard.BrickwallLimiter(lookahead_ms=10), 441),
        (pedalboard.Chain([pedalboard.BrickwallLimiter(), pedalboard.BrickwallLimiter()]), 440),
        (pedalboard.Mix([pedalboard.Gain(), pedalboard.BrickwallLimiter(), None]), 220),
        (None, 0),
    ],
)
def test_latency_of_a_plugin(effect, frames):
    assert latency_of(effect, RATE) == frames


def test_the_latency_of_a_limiter_follows_the_rate():
    assert latency_of(pedalboard.BrickwallLimiter(), 2 * RATE) == pytest.approx(441, abs=1)


@pytest.mark.parametrize(
    ("kind", "parameters", "message"),
    [
        ("Chorus", {"feedback": 3.0}, "feedback is 3, outside -1 to 1"),
        ("Chorus", {"feedback": 10**400}, "feedback is inf, outside -1 to 1"),
        ("LowpassFilter", {"cutoff_frequency_hz": 1e6}, "outside 1 to 96000 Hz"),
        ("Reverb", {"room_size": float("nan")}, "room_size is nan"),
        ("Gain", {"gain": 1.0}, "did you mean 'gain_db'"),
    ],
)
def test_what_pedalboard_takes_in_silence_is_refused(kind, parameters, message):
    with pytest.raises(ParamError, match=message):
        catalog.make(kind, parameters)


@needs_zam
def test_a_vst3_is_made_by_identifier_and_by_name():
    by_name = catalog.make("ZamCompX2", {"threshold_db": -20.0})
    assert float(by_name.threshold_db) == pytest.approx(-20)
    again = catalog.make(by_name.identifier, {})
    assert again.identifier == by_name.identifier
    assert plugins.path_of(again) == ZAM / "ZamCompX2.vst3"


@needs_zam
def test_a_vst3_refuses_what_it_does_not_know():
    with pytest.raises(
        ParamError, match=r"ZamCompX2 has no parameter 'treshold_db' .did you mean 'threshold_db'"
    ):
        catalog.make("ZamCompX2", {"treshold_db": 0.0})
    with pytest.raises(ParamError, match="threshold_db is 99"):
        catalog.make("ZamCompX2", {"threshold_db": 99.0})
    with pytest.raises(PresetError, match="another ZamCompX2 is"):
        catalog.make("VST3-ZamCompX2-0-0", {})
    with pytest.raises(PresetError, match="did you mean 'ZamCompX2'"):
        catalog.make("ZamCompX3", {})


@needs_zam
def test_a_vst3_opened_by_pedalboard_itself_freezes_and_thaws():
    with float_mode.kept():
        plugin = pedalboard.load_plugin(str(ZAM / "ZaMaximX2.vst3"))
    plugin.threshold_db = -12.0
    twin = frozen.thaw(frozen.freeze(plugin))
    assert float(twin.threshold_db) == pytest.approx(-12, abs=0.01)
    assert latency_of(twin, RATE) == twin.reported_latency_samples > 0


@needs_zam
def test_a_late_vst3_is_compensated_moved_or_not():
    from svcfx.board import Board

    plugin = plugins.load(str(ZAM / "ZaMaximX2.vst3"))
    click = np.zeros((2, 4000), np.float32)
    click[:, 1000] = 0.2
    board = Board([plugin, pedalboard.Gain(0)])
    alone = int(np.argmax(np.abs(plugin(click, RATE)[0])))
    for automation in ({}, {"zamaximx2.threshold_db": np.linspace(-10, 0, 4000)}):
        assert int(np.argmax(np.abs(board(click, RATE, automation=automation)[0]))) == alone


@needs_zam
def test_opening_a_vst3_leaves_small_numbers_alone():
    plugins.load(ZAM / "ZamCompX2.vst3")
    plugins.names_in(ZAM / "ZaMaximX2.vst3")
    assert np.finfo(np.float64).tiny / np.float64(4) > 0


@pytest.mark.bytes
@pytest.mark.parametrize("beyond", [0, 1, 2, 3, 8192])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_long_array_is_played_in_pieces_and_sounds_as_in_one_call(beyond, channels):
    frames = 2 * native_run._PIECE_FRAMES + beyond
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (channels, frames)).astype(np.float32)

    def run():
        return [pedalboard.Compressor(-20.0, 3.0), pedalboard.Chorus(), pedalboard.Reverb()]

    whole = pedalboard.Pedalboard(run())(samples, RATE)
    played = native_run.NativeRun(run())
    for _ in range(2):
        np.testing.assert_array_equal(played.one_shot(samples, RATE, 8192), whole)
