"""Plug-ins that take other channels than the audio has: both channels fed, or one after the other."""

import os
from pathlib import Path

import numpy as np
import pytest

import svcfx
from svcfx import audio
from svcfx.board import Mix
from svcfx.errors import BoardError
from svcfx.node import channels, plugins
from svcfx.session.files import batch
from svcfx.session.isolate import Destination

RATE = 44_100
ZAM = Path("/usr/lib/vst3")
pytestmark = pytest.mark.skipif(
    not (ZAM / "ZamCompX2.vst3").exists() and "CI" not in os.environ, reason="zam-plugins is not installed"
)
PRESET = 'svcfx_preset = 1\nname = "unity"\n[[nodes]]\nnode = "{}"\n'


@pytest.fixture(scope="module")
def stereo():
    noise = np.random.default_rng(1).standard_normal((2, RATE // 2)) * np.linspace(0.02, 0.4, RATE // 2)
    return noise.astype(np.float32)


def opened(name, **settings):
    plugin = plugins.load(ZAM / f"{name}.vst3")
    for setting, value in settings.items():
        setattr(plugin, setting, value)
    return plugin


def board(name, **settings):
    return svcfx.Board([opened(name, **settings)])


def test_a_stereo_plugin_hears_a_mono_take_in_both_channels_and_gives_back_mono(stereo):
    twin = board("ZamCompX2", threshold_db=-30.0)(np.repeat(stereo[:1], 2, axis=0), RATE)
    single = board("ZamCompX2", threshold_db=-30.0)(stereo[0], RATE)
    assert single.shape == stereo[0].shape
    np.testing.assert_allclose(single, twin.mean(axis=0), atol=1e-6)
    assert np.abs(single - stereo[0]).max() > 0.01


@pytest.mark.parametrize("count", [2, 3, 6])
def test_a_mono_plugin_plays_each_channel_by_itself(stereo, count):
    wide = np.concatenate([stereo * np.float32(gain) for gain in (1.0, 0.5, 0.25)])[:count]
    together = board("ZamComp", threshold_db=-30.0)(wide, RATE)
    for at in range(count):
        alone = board("ZamComp", threshold_db=-30.0)(wide[at], RATE)
        np.testing.assert_allclose(together[at], alone, atol=1e-6)


@pytest.mark.parametrize("name", ["ZamComp", "ZamCompX2"])
@pytest.mark.parametrize("channel_count", [1, 2])
def test_a_stream_gives_what_one_call_gives(stereo, name, channel_count):
    whole = stereo[:channel_count]
    once = board(name, threshold_db=-30.0)(whole, RATE)
    streamed = board(name, threshold_db=-30.0)
    pieces = [streamed(whole[:, at : at + 3000], RATE, reset=False) for at in range(0, whole.shape[1], 3000)]
    np.testing.assert_allclose(np.concatenate([*pieces, streamed.flush()], axis=1), once, atol=1e-5)


@pytest.mark.parametrize("wrap", [svcfx.Board, Mix, "native chain", "native mix"])
def test_it_is_so_inside_containers_too(stereo, wrap):
    import pedalboard

    kinds = {"native chain": pedalboard.Chain, "native mix": pedalboard.Mix}
    inner = kinds.get(wrap, wrap)([opened("ZamComp", threshold_db=-30.0)])
    nested = svcfx.Board([pedalboard.Gain(0.0), inner])
    np.testing.assert_allclose(
        nested(stereo, RATE), board("ZamComp", threshold_db=-30.0)(stereo, RATE), atol=1e-6
    )


@pytest.mark.parametrize(("name", "count"), [("ZamComp", 2), ("ZamCompX2", 1)])
def test_a_lane_moves_it_there_too(stereo, name, count):
    lane = svcfx.Lane(((0.0, 0.0), (0.4, -50.0)))
    address = f"{name.lower()}.threshold_db"
    moved = board(name)(stereo[:count], RATE, automation={address: lane})
    assert moved.shape == (count, stereo.shape[1])
    assert np.abs(moved - board(name)(stereo[:count], RATE)).max() > 0.01


def test_one_board_plays_mono_and_stereo_in_turn(stereo):
    one = board("ZamComp", threshold_db=-30.0)
    first, second, third = one(stereo[0], RATE), one(stereo, RATE), one(stereo[0], RATE)
    np.testing.assert_allclose(first, second[0], atol=1e-6)
    np.testing.assert_allclose(first, third, atol=1e-6)


def test_what_neither_way_serves_is_refused_in_a_sentence(stereo):
    with pytest.raises(BoardError, match="plug-in 'ZamCompX2' takes 2 channels, the audio has 6"):
        board("ZamCompX2")(np.repeat(stereo, 3, axis=0), RATE)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("ZamCompX2", 1),
        ("ZamComp", 2),
        *(pytest.param(*case, marks=pytest.mark.slow) for case in (("ZamComp", 1), ("ZamCompX2", 2))),
    ],
)
def test_a_batch_keeps_the_channels_of_each_file(tmp_path, stereo, name, count):
    audio.write(tmp_path / "take.wav", stereo[:count], RATE)
    (tmp_path / "unity.toml").write_text(PRESET.format(name))
    batch([tmp_path / "take.wav"], tmp_path / "unity.toml", output=Destination(tmp_path / "out.wav")).check()
    assert audio.read(tmp_path / "out.wav").samples.shape == (count, stereo.shape[1])


def test_a_batch_refuses_before_the_first_file_is_rendered(tmp_path, stereo):
    audio.write(tmp_path / "a.wav", stereo, RATE)
    audio.write(tmp_path / "b.wav", np.repeat(stereo, 3, axis=0), RATE)
    (tmp_path / "unity.toml").write_text(PRESET.format("ZamCompX2"))
    with pytest.raises(
        svcfx.errors.InputError, match=r"'b.wav': plug-in 'ZamCompX2' takes 2 channels"
    ) as caught:
        batch(
            [tmp_path / "a.wav", tmp_path / "b.wav"],
            tmp_path / "unity.toml",
            output=Destination(tmp_path / "out"),
        )
    assert caught.value.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_session_plays_a_mono_plugin_on_its_stereo_stems(tmp_path, stereo):
    from svcfx.session.bounce import bounce

    audio.write(tmp_path / "lead.wav", stereo[:1], RATE)
    (tmp_path / "mono.toml").write_text(PRESET.format("ZamComp"))
    session = 'svcfx_session = 1\n[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "./mono.toml"\n'
    (tmp_path / "session.toml").write_text(session)
    assert bounce(tmp_path / "session.toml", tmp_path / "out").mix[0].is_file()


def test_what_is_done_with_channels_is_said_in_words():
    assert channels.told(opened("ZamComp")) == "takes mono; in stereo it plays each channel by itself"
    assert "a mono take goes into both channels" in channels.told(opened("ZamCompX2"))
