import numpy as np
import pytest

from svcfx.dsp.periodicity import pitched_share
from svcfx.dsp.polyphony import POLYPHONIC_FROM, polyphonic_share
from svcfx.errors import Cancelled
from svcfx.events import Kept

RATE = 44_100


def sung(hz, seconds=2.0, vibrato_cents=40.0):
    """A tone with twenty harmonics and a vibrato of 5.5 Hz, shape (1, frames)."""
    when = np.arange(round(seconds * RATE)) / RATE
    f0 = hz * 2 ** (vibrato_cents / 1200 * np.sin(2 * np.pi * 5.5 * when))
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    return 0.1 * sum(np.cos(k * phase) / k for k in range(1, 21)).astype(np.float32)[None]


def chord(hz, *semitones):
    return sum(sung(hz * 2 ** (st / 12)) for st in semitones)


@pytest.mark.parametrize("hz", [90, 130, 220, 330, 440, 600])
def test_one_voice_is_one_voice(hz):
    assert polyphonic_share(sung(hz), RATE) < 0.2


@pytest.mark.parametrize("hz", [110, 165, 220, 294, 440])
@pytest.mark.parametrize("notes", [(0, 4, 7), (0, 3, 7), (0, 5, 9)])
def test_a_chord_of_three_is_several(hz, notes):
    assert polyphonic_share(chord(hz, *notes), RATE) > POLYPHONIC_FROM


def test_a_voice_in_a_room_is_still_one():
    rng = np.random.default_rng(1)
    tail = rng.standard_normal(RATE // 2) * np.exp(-np.arange(RATE // 2) / (0.08 * RATE))
    line = np.concatenate([sung(hz, 0.6) for hz in (220, 247, 262, 294)], axis=1)
    wet = np.fft.irfft(np.fft.rfft(line[0], 1 << 18) * np.fft.rfft(tail, 1 << 18))[: line.shape[1]]
    wet *= np.sqrt(np.mean(line**2) / np.mean(wet**2)) * 0.3
    assert polyphonic_share(line + wet.astype(np.float32), RATE) < POLYPHONIC_FROM


def test_silence_and_a_blink_have_no_voices():
    assert polyphonic_share(np.zeros((2, RATE), np.float32), RATE) == 0.0
    assert polyphonic_share(sung(220, 0.01), RATE) == 0.0


def test_a_break_between_notes_does_not_count():
    line = np.concatenate([sung(220, 0.7), np.zeros((1, RATE), np.float32), sung(330, 0.7)], axis=1)
    assert polyphonic_share(line, RATE) < 0.2


@pytest.mark.parametrize("tilt", [0.0, 0.5, 1.0])
def test_noise_of_any_colour_is_not_several_notes(tilt):
    white = np.random.default_rng(1).standard_normal(3 * RATE)
    hz = np.maximum(np.fft.rfftfreq(len(white), 1 / RATE), 20.0)
    noise = np.fft.irfft(np.fft.rfft(white) / hz**tilt, len(white)).astype(np.float32)[None]
    assert polyphonic_share(0.1 * noise, RATE) < POLYPHONIC_FROM


@pytest.mark.parametrize("share", [polyphonic_share, pitched_share])
def test_whoever_listens_is_asked_to_stop_on_the_way(share):
    asked = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) == 2

    long = np.tile(sung(220, 5.0), 30)
    with pytest.raises(Cancelled):
        share(long, RATE, Kept(is_cancelled=stop))
    assert len(asked) == 2
