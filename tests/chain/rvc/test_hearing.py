"""How a stem is heard before an RVC voice."""

import numpy as np
import pytest

from svcfx.chain.svc import rvc


def tone(hz, seconds=2.0):
    return np.sin(2 * np.pi * hz * np.arange(int(16000 * seconds)) / 16000).astype(np.float32)


@pytest.mark.parametrize(("hz", "gain"), [(20.0, 0.0), (48.0, 0.5), (120.0, 1.0), (1000.0, 1.0)])
def test_the_high_pass_halves_48_hz_and_moves_nothing_in_time(hz, gain):
    found, middle = rvc.high_passed(tone(hz)), slice(12_000, 20_000)
    assert np.allclose(found[middle], gain * tone(hz)[middle], atol=0.02)


def test_the_high_pass_is_the_published_one():
    forward, back = rvc._filter()
    assert forward[0] == pytest.approx(0.96996065, abs=1e-8)
    assert np.allclose(back[1:], [-4.93900182, 9.75786353, -9.63954485, 4.76150680, -0.94082365], atol=1e-8)


def test_what_lies_beyond_a_stem_is_its_mirror_image():
    audio = np.arange(5, dtype=np.float32)
    assert rvc.around(audio, -3, 7).tolist() == [3, 2, 1, 0, 1, 2, 3, 4, 3, 2]
    assert rvc.around(audio, 1, 3).tolist() == [1, 2]
    assert len(rvc.around(audio, -40, 60)) == 100
    assert np.array_equal(rvc.around(audio, -4, 9), np.pad(audio, 4, mode="reflect"))


@pytest.mark.parametrize(("samples", "frames"), [(160_000, 998), (160_160, 1000), (399, 0), (400, 2), (0, 0)])
def test_frames_are_two_for_each_unit_that_the_encoder_gives(samples, frames):
    assert rvc.frames_in(samples) == frames


def quiet_at(place, seconds=60):
    audio = 0.3 + 0.0 * tone(200.0, seconds)
    audio[place : place + 400] = 0.0
    return audio.astype(np.float32)


def test_a_run_of_41_seconds_is_one_piece_and_a_longer_one_is_cut_where_it_is_quietest():
    whole = np.full(41 * 16000 - 160, 0.3, np.float32)
    assert len(rvc.cut(np.repeat(whole, 2), 32000, whole)) == 1
    place = 40 * 16000 + 37
    heard = quiet_at(place)
    first, second = rvc.cut(np.repeat(heard, 2), 32000, heard)
    assert first.stop == second.start
    assert first.stop % 320 == 0
    assert -160 < first.stop // 2 - place < 400


def test_a_cut_is_looked_for_within_six_seconds_of_38():
    heard = quiet_at(46 * 16000)  # quieter, and too far
    cut = rvc.cut(np.repeat(heard, 2), 32000, heard)[0].stop / 32000
    assert 32 <= cut < 44


def test_pieces_begin_and_end_on_frames_and_leave_silence_out():
    audio = np.zeros(32000 * 6, np.float32)
    audio[10_001:70_003] = audio[120_007:150_001] = 0.3
    found = rvc.cut(audio, 32000, audio[::2].copy())
    assert len(found) == 2
    assert all(phrase.start % 320 == 0 and phrase.stop % 320 == 0 for phrase in found)
    assert found[0].start <= 10_001
    assert found[0].stop >= 70_003
