"""The sound card, with a stand-in for pedalboard's stream: what reads, plays, and what is refused."""

import numpy as np
import pytest

from svcfx.board import Board
from svcfx.errors import MissingPartError, UnknownNameError
from svcfx.realtime import card
from svcfx.realtime.live import Live

RATE = 48_000
BEFORE = np.float32(0.05)
"""What the microphone gives until the loudspeaker is open."""
SUNG = np.linspace(0.1, 0.9, RATE, dtype=np.float32)


class Stream:
    """Records `SUNG`, then is interrupted as by Ctrl-C; keeps what it plays."""

    input_device_names = ("Mic", "Line")
    output_device_names = ("Phones",)
    default_input_device_name = "Mic"
    default_output_device_name = "Phones"
    buffered_input_sample_count = 0
    dropped_input_frame_count = 0
    num_output_channels = 2
    opened: list = []  # noqa: RUF012
    did: list = []  # noqa: RUF012

    def __init__(self, input_device_name=None, output_device_name=None, sample_rate=None, **_more) -> None:
        self.names = (input_device_name, output_device_name)
        self.sample_rate, self._at, self.played, self.running = sample_rate or RATE, 0, [], False
        type(self).opened.append(self)

    def __enter__(self):
        self.running = True
        type(self).did.append("plays" if self.names[1] else "records")
        return self

    def __exit__(self, *_error):
        self.running = False

    def read(self, frames):
        assert self.running
        type(self).did.append(f"read {frames}")
        if not type(self).opened[1].running:
            return np.full((1, frames), BEFORE)
        if not frames:
            return SUNG[None, :0]
        if self._at == len(SUNG):
            while sum(piece.shape[1] for piece in type(self).opened[1].played) < len(SUNG):
                pass  # until the loudspeaker has had all
            raise KeyboardInterrupt
        self._at += frames
        return SUNG[None, self._at - frames : self._at]

    def write(self, samples, _rate):
        assert self.running
        self.played.append(samples)


class Broken(Stream):
    def write(self, samples, rate):
        raise RuntimeError("unplugged")


class Nothing(Stream):
    input_device_names = output_device_names = ()
    default_input_device_name = default_output_device_name = None


class Busy(Stream):
    def __init__(self, **_names) -> None:
        raise RuntimeError("in use")


@pytest.fixture
def plugged(monkeypatch):
    def plug(kind):
        monkeypatch.setattr(kind, "opened", [])
        monkeypatch.setattr(kind, "did", [])
        monkeypatch.setattr(card, "audio_stream", lambda: kind)

    return plug


def test_what_is_sung_is_played_on_both_sides_until_ctrl_c(plugged):
    plugged(Stream)
    device = card.SoundCard("Line", None, recorded=True)
    live = Live(Board([]), device, 100.0)
    live.run()
    record, play = Stream.opened
    assert Stream.did[:4] == ["records", "read 1", "plays", "read 0"]
    assert (record.names, play.names) == (("Line", None), (None, "Phones"))
    assert not record.running
    assert not play.running
    late = live.figures().latency_samples
    heard = np.concatenate(play.played, axis=1)
    assert late == 9600
    np.testing.assert_array_equal(device.played[0, late:], SUNG)
    np.testing.assert_array_equal(heard, np.repeat(device.played[:, : heard.shape[1]], 2, axis=0))


def test_a_machine_without_a_sound_card_says_so(plugged):
    plugged(Nothing)
    with pytest.raises(MissingPartError, match="no sound card that pedalboard sees"):
        card.SoundCard(None, None, recorded=False)


def test_an_unknown_device_names_the_nearest(plugged):
    plugged(Stream)
    with pytest.raises(UnknownNameError, match=r"no sound device is called 'Mik'.*'Mic'"):
        card.SoundCard("Mik", None, recorded=False)


def test_a_card_that_is_busy_is_a_sentence(plugged):
    plugged(Busy)
    with pytest.raises(MissingPartError, match="could not be opened: in use"):
        card.SoundCard(None, None, recorded=False)


def test_a_loudspeaker_that_is_pulled_out_ends_the_run(plugged):
    plugged(Broken)
    device = card.SoundCard(None, None, recorded=False)
    with device:
        device.play(SUNG[None])
        device._thread.join()
        with pytest.raises(MissingPartError, match="stopped playing: unplugged"):
            device.play(SUNG[None])
