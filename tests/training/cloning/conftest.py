"""Singers that no training heard, a source, and what was fitted to them; made once a session."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import signal

from svcfx.audio import Samples
from svcfx.chain.analysis import analyse
from svcfx.chain.parametric import network
from svcfx.chain.parametric.network import ParametricNet
from svcfx.voices import shelf

RATE = 44_100
MORPHS = ((8101, 105.0, "rms"), (8102, 190.0, "slt"), (8103, 140.0, "rms"))
"""Seeds beyond those of any training, and not used in choosing how a singer is fitted."""


@dataclass(frozen=True, eq=False)
class Cloned:
    """A singer's takes to clone from and to judge by, and the nets fitted to the former."""

    given: Samples
    other: Samples
    net: ParametricNet


@pytest.fixture(scope="session")
def builtin() -> ParametricNet:
    return network.load(shelf.find("vela").path)


@pytest.fixture(scope="session")
def source(engines) -> Samples:
    """A held-out voice speaking."""
    from factory.engines import heldout
    from factory.engines.speech import speak

    said = speak(heldout.SENTENCES[3], heldout.VOICES[0])
    return signal.resample_poly(said.audio, RATE // 100, said.rate // 100).astype(np.float32)


@pytest.fixture(scope="session")
def clones(engines, builtin) -> list[Cloned]:
    from svcfx.training.cloning.fitting import fit

    made = []
    for seed, hertz, speaker in MORPHS:
        given, other = (take(seed, hertz, speaker, number) for number in (1, 2))
        made.append(Cloned(given, other, fit(builtin, heard(builtin, given), "me")))
    return made


def heard(net, audio):
    from svcfx.training.cloning.frames import hear

    return hear(net, audio, RATE, analyse(audio, RATE, "swift", octave_repair=True))


def take(seed, hertz, speaker, number):
    from factory import texts
    from factory.engines import identities
    from factory.engines.groundtruth import ground_truth
    from factory.engines.speech import EngineVoice, speak
    from svcfx.training import world

    text = texts.sentence(number, 99)
    said = speak(text, EngineVoice("flite", speaker))
    pitch = world.analyse(said.audio).f0_hz[::2]
    pitch = pitch * (hertz / np.median(pitch[pitch > 0]))
    return ground_truth(text, identities.random_identity(seed), said.phones, pitch)
