"""Trackers of whole takes, asked window by window."""

import numpy as np
import pytest
from chain.pitch.takes import harmonic, needs

from svcfx.chain.config import PITCH_NAMES
from svcfx.chain.pitch import tracker
from svcfx.chain.pitch.protocol import WINDOW
from svcfx.node.voice import VoiceConversion


@pytest.mark.parametrize("name", PITCH_NAMES)
def test_no_tracker_delays_a_stream_by_a_second(name):
    needs(name)
    node = VoiceConversion(pitch=name)
    assert tracker(name).after <= tracker("swift").after  # what the node declares is the default's
    assert node.latency_at(44100) < 44100
    assert node.latency_at(8000) < 8000


@pytest.mark.parametrize("name", ["fcpe", "dio", "harvest", "praat"])
def test_windows_lie_on_the_absolute_grid(name):
    needs(name)
    chosen = tracker(name)
    hz = 200.0 * 2.0 ** (np.arange(4 * WINDOW) / 16000)
    audio = harmonic(hz, 16000)
    first = 2 * WINDOW
    found = chosen.track(audio[first - chosen.before : first + WINDOW + chosen.after])
    truth = hz[first - 160 + 160 * np.arange(32)]
    assert found.voiced.all()
    assert np.abs(1200 * np.log2(found.f0_hz / truth)).max() < 15  # a frame is 12 cents
    assert abs(np.median(1200 * np.log2(found.f0_hz / truth))) < 3
