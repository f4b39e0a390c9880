"""Copies are known again, takes are told apart."""

import numpy as np
from training.prepare.sung import RATE, melody, write

from svcfx import audio
from svcfx.dsp.resample import resample
from svcfx.training.prepare.fingerprint import copies, fingerprint


def _coded(voice, path):
    return audio.read(write(path, voice)).samples[0]


def test_copies_through_gain_codec_and_rate_are_found_and_takes_are_not(tmp_path):
    takes = [melody(7.0, seed=seed) for seed in range(4)]
    there_and_back = resample(resample(takes[2][None], RATE, 48_000), 48_000, RATE)[0]
    sounds = [*takes, _coded(0.5 * takes[0], tmp_path / "a.mp3"), _coded(takes[1], tmp_path / "b.ogg"),
              there_and_back[900:], takes[0] * np.float32(0.37)]  # fmt: skip
    assert copies([fingerprint(sound, RATE) for sound in sounds]) == {4: 0, 5: 1, 6: 2, 7: 0}


def test_what_never_changes_or_is_too_short_has_no_fingerprint():
    tone = 0.2 * np.sin(2 * np.pi * 441.0 * np.arange(3 * RATE) / RATE).astype(np.float32)
    assert fingerprint(melody(0.5), RATE) == b""
    assert copies([fingerprint(tone, RATE), fingerprint(tone, RATE)]) == {}
    assert copies([b"", b""]) == {}


def test_a_line_with_other_words_in_it_is_no_copy():
    line = melody(9.0, seed=1)
    other = line.copy()
    other[3 * RATE : 5 * RATE] = melody(2.0, seed=30, pauses=False)
    assert copies([fingerprint(line, RATE), fingerprint(other, RATE)]) == {}
