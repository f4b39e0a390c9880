"""`svcfx live`: a file through a board on a clock."""

import json
from pathlib import Path

import mido
import numpy as np
import pytest
from realtime.test_loopback import Cable

from svcfx import audio
from svcfx.board import Board
from svcfx.node import VoiceConversion


@pytest.fixture
def preset() -> Path:
    path = Path("quiet.toml")
    path.write_text('svcfx_preset = 1\nname = "quiet"\n[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n')
    return path


def test_what_is_played_lies_where_the_latency_says(svcfx, sung, synthetic_voice):
    source = sung(Path("a.wav"))
    asked = ("--voice", synthetic_voice, "--set", "voice.transpose_semitones=3", "-i", source)
    done = svcfx("live", *asked, "-o", "b.wav", "--realtime-factor", 0, "--block-ms", 37, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    sound, played = audio.read(source), audio.read(Path("b.wav"))
    board = Board([VoiceConversion(synthetic_voice, transpose_semitones=3.0)])
    stream = np.concatenate(
        [board.process(sound.samples, sound.sample_rate, reset=False), board.flush()], axis=1
    )
    np.testing.assert_array_equal(played.samples[:, told["latency_samples"] :], stream)
    assert told["latency_samples"] == 2 * told["block_frames"] + board.latency_samples
    assert told["dropped_frames"] == told["overloads"] == 0


def test_a_preset_runs_and_its_figures_are_said(svcfx, sung, preset):
    source = sung(Path("a.wav"))
    done = svcfx("live", "--preset", preset, "-i", source, "-o", "b.flac", "--realtime-factor", 0)
    assert (done.exit_code, done.stdout) == (0, "b.flac\n"), done.output
    assert "Latency 3528 samples (80.0 ms)" in done.stderr
    assert "blocks of 40.0 ms" in done.stderr


@pytest.mark.parametrize(
    ("asked", "lookahead", "late_s"), [((), "short", 0.25), (("--lookahead", "full"), "full", 1.01)]
)
def test_a_shipped_voice_lags_as_its_lookahead_lets_it(svcfx, sung, asked, lookahead, late_s):
    source = sung(Path("a.wav"), seconds=0.6)
    done = svcfx("live", "-v", "vela", *asked, "-i", source, "-o", "b.wav", "--realtime-factor", 0, "--json")
    assert done.exit_code == 0, done.output
    told, sound = json.loads(done.stdout), audio.read(source)
    board = Board([VoiceConversion("vela", lookahead=lookahead)])
    stream = np.concatenate(
        [board.process(sound.samples, sound.sample_rate, reset=False), board.flush()], axis=1
    )
    np.testing.assert_array_equal(audio.read(Path("b.wav")).samples[:, told["latency_samples"] :], stream)
    assert late_s - 0.15 < told["latency_samples"] / told["sample_rate"] < late_s
    assert f"voice.lookahead {lookahead}" in svcfx("inspect", "b.wav").stdout


@pytest.mark.parametrize("asked", ["voice.lookahead=full", "voice.pitch=praat", "voice.diffusion_depth=0.3"])
def test_what_wants_the_full_lookahead_has_it(svcfx, sung, asked):
    source = sung(Path("a.wav"), seconds=0.2)
    done = svcfx("live", "-v", "vela", "--set", asked, "-i", source, "-o", "b.wav", "--realtime-factor", 0)
    assert done.exit_code == 0, done.output
    assert "voice.lookahead full" in svcfx("inspect", "b.wav").stdout


def test_a_voice_without_a_short_lookahead_refuses_it(refused, sung, synthetic_voice):
    asked = ("--voice", synthetic_voice, "--lookahead", "short", "-i", sung(Path("a.wav")), "-o", "b.wav")
    assert "has no short lookahead, so lookahead must be full" in refused("live", *asked)


def test_what_was_played_says_how_it_was_made(svcfx, sung, synthetic_voice):
    source = sung(Path("a.wav"))
    asked = ("--voice", synthetic_voice, "--set", "voice.transpose_semitones=3", "-i", source)
    done = svcfx("live", *asked, "-o", "b.wav", "--realtime-factor", 0)
    assert done.exit_code == 0, done.output
    shown = svcfx("inspect", "b.wav")
    assert "b (live), converted by svcfx" in shown.stdout
    assert f"voice    {synthetic_voice}" in shown.stdout
    for said in (
        "a.wav",
        "voice.transpose_semitones 3",
        "block_frames 1764",
        "dropped_frames 0",
        "latency_samples",
    ):
        assert said in shown.stdout


def test_a_board_that_cannot_keep_up_is_told(svcfx, sung, preset):
    source = sung(Path("a.wav"), seconds=2.0)
    asked = ("--preset", preset, "-i", source, "-o", "b.wav", "--block-ms", 1, "--realtime-factor", 1e6)
    done = svcfx("live", *asked)
    assert done.exit_code == 0, done.output
    assert "Overload at" in done.stderr
    assert "frames dropped" in done.stderr


def test_an_output_is_never_lost(refused, sung, preset):
    source, there = sung(Path("a.wav")), sung(Path("b.wav"))
    assert "exists already" in refused("live", "--preset", preset, "-i", source, "-o", there)
    assert "is the input" in refused("live", "--preset", preset, "-i", source, "-o", source)


def test_without_a_sound_card_the_command_says_what_stands_for_it(svcfx, preset, monkeypatch):
    class Nothing:
        input_device_names = output_device_names = ()
        default_input_device_name = default_output_device_name = None

    monkeypatch.setattr("svcfx.realtime.card.audio_stream", lambda: Nothing)
    listed = svcfx("live", "--devices")
    assert (listed.exit_code, listed.stdout.count("nothing that pedalboard sees")) == (0, 2)
    done = svcfx("live", "--preset", preset)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no sound card" in done.stderr
    assert "Hint: a recording and a file can stand" in done.stderr


def test_a_controller_moves_what_it_is_sent_to(svcfx, sung, preset):
    source, file = sung(Path("a.wav"), seconds=1.0), mido.MidiFile()
    file.tracks.append(mido.MidiTrack([mido.Message("control_change", control=20, value=127, time=480)]))
    file.save("played.mid")
    asked = ("-i", source, "-o", "b.wav", "--realtime-factor", 0, "--midi", "played.mid")
    done = svcfx("live", "-p", preset, *asked, "--cc", "20=gain.gain_db", "--json")
    assert done.exit_code == 0, done.output
    played = audio.read(Path("b.wav")).samples[0, json.loads(done.stdout)["latency_samples"] :]
    before, after = (np.std(played[int(44_100 * at) :][:8820]) for at in (0.2, 0.7))
    assert 20 * np.log10(after / before) > 20  # from -6 dB to the highest that a Gain is drawn to


def test_the_card_s_own_latency_is_measured_over_a_cable(svcfx, monkeypatch):
    monkeypatch.setattr("svcfx.cli.live._card", lambda *_names, **_more: Cable(977))
    done = svcfx("live", "--loopback")
    assert (done.exit_code, done.stdout) == (0, "The card adds 977 samples (20.4 ms).\n"), done.output
    assert json.loads(svcfx("live", "--loopback", "--json").stdout)["card_samples"] == 977


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--preset", "quiet.toml", "--midi", "a.mid", "--midi-input", "Keys"), "give one of them"),
        (("--preset", "quiet.toml", "--key-cc", 3), "want a controller"),
        (("--preset", "quiet.toml", "--midi", "a.mid", "--cc", "300=gain.gain_db"), "from 0 to 127"),
        (("--voice", "vela", "--preset", "quiet.toml"), "give one of them"),
        ((), "give one of them"),
        (("--preset", "quiet.toml", "--block-ms", 0), "outside 1 to 2000 ms"),
        (("--preset", "quiet.toml", "--realtime-factor", -1), "realtime factor is -1"),
        (("--preset", "quiet.toml", "--input-device", "Mic"), "stands for the sound card"),
        (("--preset", "quiet.toml", "--set", "gian.gain_db=1"), "gian"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(refused, sung, preset, more, said):
    assert said in refused("live", "-i", sung(Path("a.wav")), "-o", "b.wav", *more)
