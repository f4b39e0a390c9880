"""What is said of a stem beforehand: what is kept of it is what is heard, and an edit is heard alone."""

import numpy as np
import pytest

from svcfx.chain.analysis import WINDOWS, analyse
from svcfx.chain.config import FRAME_SECONDS, SLICE
from svcfx.render.steps import Steps
from svcfx.render.store import Memory

RATE = 22_050


@pytest.mark.bytes
def test_pitch_that_is_kept_is_that_which_is_heard_and_an_edit_is_heard_alone():
    together = WINDOWS * SLICE * FRAME_SECONDS
    seconds = 8 * together
    phase = 2 * np.pi * np.cumsum(220 + 30 * np.sin(np.arange(round(seconds * RATE)) / RATE)) / RATE
    stem = (0.1 * (np.sin(phase) + 0.5 * np.sin(2 * phase))).astype(np.float32)
    store = Memory()

    def heard(audio):
        steps = Steps(store)
        found = analyse(audio, RATE, "swift", octave_repair=True, keep=steps.part)
        np.testing.assert_array_equal(found.f0_hz, analyse(audio, RATE, "swift", octave_repair=True).f0_hz)
        return steps.parts["pitch", True], steps.parts["pitch", False]

    assert heard(stem) == (0, 8)
    assert heard(stem) == (8, 0)
    edited = np.array(stem)
    first = round(3.3 * together * RATE)
    edited[first : first + RATE] *= 0.5
    there, made = heard(edited)
    assert 1 <= made <= 2
    assert there == 8 - made
