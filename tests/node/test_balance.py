import numpy as np
import pytest

from svcfx.dsp.gated import GatedLoudness
from svcfx.node.whole import match_db


def test_what_is_too_short_or_silent_matches_by_nothing():
    short, long = GatedLoudness(44100), GatedLoudness(44100)
    short.push(np.ones(100, np.float32))
    long.push(np.sin(np.arange(44100)).astype(np.float32))
    assert match_db(short, long) == match_db(long, GatedLoudness(44100)) == 0.0
    half = GatedLoudness(44100)
    half.push(0.5 * np.sin(np.arange(44100)).astype(np.float32))
    assert match_db(long, half) == pytest.approx(6.02, abs=0.01)
