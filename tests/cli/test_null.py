"""`svcfx null`: two files against each other, as text and as JSON."""

import json
from pathlib import Path

import numpy as np

from svcfx import audio

RATE = 44_100


def test_two_renders_are_compared_and_the_difference_is_said(svcfx, sung):
    sung(Path("a.wav"))
    moved = np.pad(audio.read(Path("a.wav")).samples, ((0, 0), (100, 0)))
    audio.write(Path("b.wav"), -0.5 * moved, RATE)
    result = svcfx("null", "a.wav", "b.wav")
    assert result.exit_code == 0, result.output
    assert "B comes 100 samples later" in result.stdout
    assert "+6.02 dB and turned over" in result.stdout
    assert "A is 100 samples shorter than B" in result.stdout
    told = json.loads(svcfx("null", "a.wav", "a.wav", "--json").stdout)
    assert told["offset_samples"] == 0
    assert told["residual_dbfs"] is None or told["residual_dbfs"] < -120


def test_a_file_that_is_not_there_is_a_sentence(refused, sung):
    sung(Path("a.wav"))
    assert "b.wav" in refused("null", "a.wav", "b.wav")
