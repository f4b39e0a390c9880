"""What a voice sings to in the contract tests: a vowel-like tone with gaps of digital silence."""

import os

import numpy as np
import pytest

RATE = 44100


def tone(seconds: float, rate: float, hz: float = 220.0, level: float = 0.1) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * np.cumsum(hz * 2 ** (0.3 * np.sin(2 * np.pi * 5 * t) / 12)) / rate
    harmonics = [k for k in range(1, 12) if k * hz * 1.05 < rate / 2]
    sound = sum(np.sin(k * phase) / k for k in harmonics) * level
    return (sound * (np.sin(2 * np.pi * 0.8 * t) > -0.5)).astype(np.float32)


@pytest.fixture(scope="session")
def sung():
    """Makes a tone of `seconds` at `rate`, shape (frames,)."""
    return tone


@pytest.fixture(scope="session")
def stem():
    return tone(1.7, RATE)


@pytest.fixture(scope="module", params=["parametric", "so-vits-svc"])
def any_voice(request):
    """Each kind of voice in turn: one that ships, one of so-vits-svc."""
    if request.param == "parametric":
        yield request.getfixturevalue("synthetic_voice")
        return
    folder = request.getfixturevalue("svc_voice_folder")
    with pytest.MonkeyPatch.context() as patch:
        there = os.environ.get("SVCFX_VOICES")
        patch.setenv("SVCFX_VOICES", f"{there}{os.pathsep}{folder}" if there else str(folder))
        yield "duo"


@pytest.fixture
def node(any_voice):
    """A node of each kind of voice: what is asked of it is law for both."""
    import svcfx

    return svcfx.VoiceConversion(any_voice)


@pytest.fixture
def clear_node(synthetic_voice):
    """A node whose voice sings a clear tone, for what only ears or meters could tell."""
    import svcfx

    return svcfx.VoiceConversion(synthetic_voice)


@pytest.fixture(scope="module")
def dry_node_output(any_voice, stem):
    """The one-shot conversion of `stem`, made once."""
    import svcfx

    return svcfx.VoiceConversion(any_voice)(stem, RATE)
