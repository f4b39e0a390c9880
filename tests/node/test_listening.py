"""A long conversion tells how far it is."""

import numpy as np
import pytest

import svcfx
from svcfx.node.listening import listening, tell


@pytest.mark.parametrize("stereo", ["mid", "dual_mono"])
def test_a_conversion_tells_its_share_from_0_to_1_in_order(synthetic_voice, stereo):
    node = svcfx.VoiceConversion(synthetic_voice, stereo=stereo)
    told: list[float] = []
    audio = (0.1 * np.sin(np.arange(16_000 * 30) * 0.08)).astype(np.float32)
    with listening(told.append):
        node(np.stack([audio, audio]), 16_000)
    assert told == sorted(told)
    assert len(told) >= 4
    assert all(0.0 < share <= 1.0 for share in told)
    assert told[-1] > 0.9


def test_nobody_need_listen():
    told: list[float] = []
    with listening(told.append):
        tell(0.5)
    tell(0.7)
    assert told == [0.5]
