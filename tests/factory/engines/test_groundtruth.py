import numpy as np
import pytest

from factory.engines.identities import CORIN, VELA
from factory.engines.speech import EngineVoice, speak

pytestmark = pytest.mark.usefixtures("engines")
TEXT = "we were away"


def test_ground_truth_has_the_sources_length_pitch_and_silence():
    from factory.engines.groundtruth import ground_truth
    from svcfx.training import world

    phones = speak(TEXT, EngineVoice("espeak", "en-us+m1")).phones
    frames = int(phones[-1].end_s * 100)
    f0 = np.full(frames, 180.0)
    audio = ground_truth(TEXT, VELA, phones, f0)
    assert audio.shape == (441 * frames,)
    from scipy.signal import resample_poly

    found = world.analyse(resample_poly(audio, 160, 441).astype(np.float32)).f0_hz
    assert np.median(abs(1200 * np.log2(found[found > 0] / 180))) < 8
    silent = ground_truth(TEXT, VELA, phones, f0, loudness=np.full(frames, -np.inf))
    assert not np.any(silent)


def test_two_singers_of_one_text_differ():
    from factory.engines.groundtruth import ground_truth

    phones = speak(TEXT, EngineVoice("flite", "rms")).phones
    f0 = np.full(int(phones[-1].end_s * 100), 150.0)
    one, other = (np.abs(np.fft.rfft(ground_truth(TEXT, s, phones, f0))) for s in (VELA, CORIN))
    assert np.corrcoef(one, other)[0, 1] < 0.95
