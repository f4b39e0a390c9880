"""The sung line of a phrase, by every tracker and by the rules of both families."""

import numpy as np
import pytest

from svcfx.chain.config import PITCH_NAMES
from svcfx.chain.pitch.phrase import phrase_f0

RATE, HOP = 44100, 512
FAMILIES = ("fork", "sovits41")


def phrase(audio, name, family="fork", octave_repair=True):
    if name in ("dio", "harvest"):
        pytest.importorskip("pyworld")
    if name == "praat":
        pytest.importorskip("parselmouth")
    return phrase_f0(audio, RATE, HOP, name, family=family, octave_repair=octave_repair)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", PITCH_NAMES)
@pytest.mark.parametrize("frames", [0, 1, 511, 1000, 2800, 5000])
def test_silence_and_clicks_have_no_pitch_and_no_nan(name, family, frames):
    click = np.zeros(frames, np.float32)
    click[frames // 2 : frames // 2 + 1] = 0.5
    for audio in (np.zeros(frames, np.float32), click):
        found = phrase(audio, name, family)
        np.testing.assert_array_equal(found.f0_hz, np.zeros(frames // HOP))
        np.testing.assert_array_equal(found.voiced, np.zeros(frames // HOP))
