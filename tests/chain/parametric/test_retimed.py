"""A shipped voice sings a recording at another tempo: consonants are sung anew, not stretched."""

import numpy as np
import pytest
import torch
from chain.svc.singing import RATE, TIMES, displaced, played, song, sung
from voices.random_nets import random_network

from svcfx import audio
from svcfx.chain import mel
from svcfx.chain.parametric.voice import ParametricVoice
from svcfx.dsp.resample import resample
from svcfx.dsp.stretch import follow_tempo
from svcfx.report.likeness import PROBE
from svcfx.time_map import NO_CHANGE, TimeMap
from svcfx.voices import shelf


@pytest.fixture(scope="module")
def voice():
    return ParametricVoice("random", random_network(2))


@pytest.fixture(scope="module")
def vela():
    return shelf.load("vela")


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_in_its_own_time_it_sings_the_same_but_for_rounding(voice, rate):
    heard = song(rate, seconds=3.0)
    plain = sung(voice, heard, rate)
    assert np.abs(plain).max() > 0.01
    assert np.abs(played(voice, heard, NO_CHANGE, rate) - plain).max() < 1e-5 * np.abs(plain).max()


@pytest.mark.parametrize("time", TIMES.values(), ids=TIMES)
def test_phrases_begin_and_end_where_the_tempo_has_them(vela, time):
    assert np.abs(displaced(vela, time)).max() < 0.015


@pytest.mark.parametrize("ratio", [0.8, 1.25])
def test_it_sings_the_notes_in_tune_and_moves_them_with_the_tempo(vela, ratio):
    """Curves lie in the song's time: an octave up from where the tempo has the third second."""
    from svcfx.lanes import Lane
    from svcfx.report import sung as line

    time, heard = TimeMap.of_ratio(ratio), song(seconds=4.0, rests=False)
    moves = Lane(((0.0, 0.0), (time.played(3.0), 12.0)), "step")
    made = played(vela, heard, time, knobs={"transpose_semitones": moves})
    found = line(audio.Audio(made[None], RATE))
    for first, last, note in ((0.5, 2.8, 57.0), (3.2, 3.8, 69.0)):
        inside = (found.seconds > time.played(first)) & (found.seconds < time.played(last))
        assert np.nanmedian(found.notes[inside]) == pytest.approx(note, abs=0.15)


def loud(sound, rate):
    """Log-mel frames (T, bands) each 10 ms."""
    heard = np.pad(resample(sound[None], rate, 16_000)[0], mel.WINDOW // 2)
    return mel.log_mel(torch.from_numpy(heard)[None])[0].numpy().T


def growth(frames):
    return np.maximum(frames[2:] - frames[:-2], 0.0).mean(axis=1)


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [0.8, 1.2])
def test_consonants_are_nearer_to_those_of_the_recording_than_stretched_ones(vela, ratio):
    """What is sung at another tempo against what is sung at the recording's, each moment in its new place:
    how all grows louder, frame by frame, is alike to 0.97 and more, where a stretched vocal's is not."""
    probe = audio.read(PROBE)
    heard, rate = probe.samples.mean(axis=0)[: 10 * probe.sample_rate], probe.sample_rate
    time = TimeMap.of_ratio(ratio)
    plain, own = loud(sung(vela, heard, rate), rate), loud(played(vela, heard, time, rate), rate)
    stretched = loud(sung(vela, follow_tempo(heard[None], rate, time).samples[0], rate), rate)
    places = time.recorded_at(0.01 * np.arange(len(own))) / 0.01
    want = np.stack([np.interp(places, np.arange(len(plain)), band) for band in plain.T], axis=1)
    alike = [np.corrcoef(growth(made), growth(want))[0, 1] for made in (own, stretched)]
    assert alike[0] > 0.97
    assert 1.0 - alike[0] < 0.6 * (1.0 - alike[1])
