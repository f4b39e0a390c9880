"""What a voice sings to in the contract tests: a vowel-like tone with gaps of digital silence."""

import os
from contextlib import contextmanager

import numpy as np
import pytest
from examples.tremolo import Tremolo

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


VOICES = ("parametric", "so-vits-svc")
EVERY_KIND = (*VOICES, "Formant", "Tremolo")


def pytest_generate_tests(metafunc):
    """What is asked of `any_voice` or `node` is law for both kinds of voices, of `any_node` for all."""
    if "kind" in metafunc.fixturenames:
        kinds = VOICES if "any_voice" in metafunc.fixturenames else EVERY_KIND
        metafunc.parametrize("kind", kinds, indirect=True, scope="module")


@pytest.fixture(scope="module")
def kind(request):
    """The kind of node that is looked at."""
    return request.param


@contextmanager
def on_the_shelf(folder):
    with pytest.MonkeyPatch.context() as patch:
        there = os.environ.get("SVCFX_VOICES")
        patch.setenv("SVCFX_VOICES", f"{there}{os.pathsep}{folder}" if there else str(folder))
        yield


@pytest.fixture(scope="module")
def make_node(kind, request):
    """Makes a node of `kind` that does something: one that ships sings, or one of so-vits-svc, or none."""
    import svcfx

    if kind == "Formant":
        yield lambda: svcfx.Formant(3.0)
    elif kind == "Tremolo":
        yield lambda: Tremolo(rate_hz=7.0, depth=0.8)
    elif kind == "parametric":
        voice = request.getfixturevalue("synthetic_voice")
        yield lambda: svcfx.VoiceConversion(voice)
    else:
        with on_the_shelf(request.getfixturevalue("svc_voice_folder")):
            yield lambda: svcfx.VoiceConversion("duo")


@pytest.fixture
def any_node(make_node):
    """A node of every kind of ours."""
    return make_node()


@pytest.fixture(scope="module")
def any_output(make_node, stem):
    """What a node of every kind makes of `stem`, made once."""
    return make_node()(stem, RATE)


@pytest.fixture(scope="module")
def any_voice(make_node):
    """Each kind of voice in turn: one that ships, one of so-vits-svc."""
    return make_node().voice


@pytest.fixture
def node(any_voice):
    """A node of each kind of voice."""
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
