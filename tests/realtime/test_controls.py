"""Controllers while sound comes in: what they turn is what lanes of a stream would have drawn."""

import mido
import numpy as np
import pytest
from pedalboard import Compressor, Gain

from svcfx import midi
from svcfx.audio import Audio
from svcfx.board import Board
from svcfx.errors import MissingPartError, SessionError, UnknownNameError
from svcfx.lanes import Lane, Turned
from svcfx.node import VoiceConversion
from svcfx.realtime import port
from svcfx.realtime.controls import BEND, Recorded, Turn
from svcfx.realtime.device import RecordedInput
from svcfx.realtime.live import Live
from svcfx.session import live_controls
from svcfx.session.strip_model import Controlled

RATE = 44_100
SECONDS = 1.5


@pytest.fixture
def song(tmp_path):
    """Controller 20 goes from 64 to 67 at 0.5 s and back at 1.0; the wheel goes all the way up at 1.2."""
    file, track, now = mido.MidiFile(ticks_per_beat=500), mido.MidiTrack(), 0
    file.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=500_000))
    turned = [mido.Message("control_change", control=20, value=value) for value in (64, 67, 64)]
    for at, event in zip(
        (0, 500, 1000, 1200), [*turned, mido.Message("pitchwheel", pitch=8191)], strict=True
    ):
        track.append(event.copy(time=at - now))
        now = at
    file.save(tmp_path / "played.mid")
    return midi.read(tmp_path / "played.mid")


@pytest.fixture
def sung():
    when = np.arange(round(SECONDS * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * 220 * k * when) / k for k in range(1, 9))
    return Audio((0.1 * wave[None]).astype(np.float32), RATE)


def played(board, sound, controls, block_ms=40.0):
    """What `board` gives live, its latency taken away."""
    device = RecordedInput(sound, 0.0, Clock())
    live = Live(board, device, block_ms, controls=controls)
    live.run()
    return device.played[:, live.latency_samples :]


class Clock:
    def now(self):
        return 0.0


def streamed(board, sound, lanes):
    return np.concatenate(
        [board.process(sound.samples, RATE, reset=False, automation=lanes), board.flush()], axis=1
    )


@pytest.mark.parametrize("block_ms", [10.0, 37.0])
def test_a_controller_moves_a_plugin_as_a_lane_does(song, sung, block_ms):
    board = Board([Gain(gain_db=-6.0)])
    controls = live_controls.of(
        board, Recorded(song), {}, {20: Controlled(to="gain.gain_db", low=-64, high=63)}
    )
    lane = Lane(((0.0, 0.0), (0.5, 3.0), (1.0, 0.0)), "smooth")
    expected = streamed(Board([Gain()]), sung, {"gain.gain_db": lane})
    given = played(board, sung, controls, block_ms)
    np.testing.assert_allclose(given[:, RATE // 20 :], expected[:, RATE // 20 :], atol=1e-4)


def test_key_and_wheel_move_the_voice_together(song, sung, synthetic_voice):
    board = Board([VoiceConversion(synthetic_voice, transpose_semitones=1.0)])
    controls = live_controls.of(board, Recorded(song), {}, {}, key_cc=20)
    points = ((0.0, 1.0), (0.5, 4.0), (1.0, 1.0), (1.2, 1.0 + 2.0 * 8191 / 8192))
    lanes = {"voice.transpose_semitones": Lane(points, "smooth")}
    expected = streamed(Board([VoiceConversion(synthetic_voice)]), sung, lanes)
    np.testing.assert_allclose(played(board, sung, controls), expected, atol=1e-4)


def test_nothing_is_turned_where_nothing_is_played(sung, synthetic_voice):
    class Silent:
        def due(self, _first, _last):
            return ()

    plain = played(Board([VoiceConversion(synthetic_voice)]), sung, None)
    board = Board([VoiceConversion(synthetic_voice), Compressor()])
    assert "voice.formant_semitones" in live_controls.of(board, Silent(), {}, {}).lanes
    board = Board([VoiceConversion(synthetic_voice)])
    given = played(board, sung, live_controls.of(board, Silent(), {}, {}))
    np.testing.assert_allclose(given, plain, atol=1e-4)


def test_a_stream_that_begins_anew_keeps_what_was_turned():
    knob = Turned(0.0, -12.0, 12.0)
    knob.put(1.0, 20.0)
    knob.begin()
    assert knob.at(np.array([0.0, 1.0])).tolist() == [12.0, 12.0]
    for at in range(1000):
        knob.put(float(at), at % 12)
    assert len(knob._points) < 20


@pytest.mark.parametrize(
    ("asked", "key_cc", "said"),
    [
        ({5: "voice.growl"}, None, "which needs what follows"),
        ({5: "reverb.wet_level"}, None, "reverb.wet_level"),
        ({5: "gain.gain_db", 6: "gain.gain_db"}, None, "which another one does"),
        ({}, 3, "nothing sings"),
    ],
)
def test_where_a_controller_cannot_go_is_refused(song, synthetic_voice, asked, key_cc, said):
    sings = [VoiceConversion(synthetic_voice)] if key_cc is None else []
    with pytest.raises(SessionError, match=said):
        live_controls.of(Board([*sings, Gain()]), Recorded(song), asked, {}, key_cc)


class Rtmidi:
    """python-rtmidi's input, with what a hand did."""

    def __init__(self):
        self.opened, self.left = None, [([0xB0, 74, 100], 0.0), ([0x90, 60, 1], 0.0), ([0xE3, 0, 96], 0.0)]

    def get_ports(self):
        return ["Pads", "Keys"]

    def open_port(self, number):
        self.opened = number

    def get_message(self):
        return self.left.pop(0) if self.left else None


def test_a_port_tells_controllers_and_the_wheel_when_the_next_block_begins(monkeypatch):
    hand = Rtmidi()
    monkeypatch.setattr(port, "midi_in", lambda: hand)
    assert port.names() == ("Pads", "Keys")
    keys = port.Port("Keys")
    turns = list(keys.due(2.0, 2.1))
    assert [(one.seconds, one.what, one.value) for one in turns] == [(2.0, 74, 100.0), (2.0, BEND, 0.5)]
    assert isinstance(turns[0], Turn)
    assert hand.opened == 1
    assert list(keys.due(2.1, 2.2)) == []
    with pytest.raises(UnknownNameError, match=r"no MIDI port is called 'Key'.*'Keys'"):
        port.Port("Key")


def test_without_rtmidi_its_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "rtmidi", None)
    with pytest.raises(MissingPartError, match="python-rtmidi") as refused:
        port.names()
    assert "svcfx[live]" in refused.value.hint
