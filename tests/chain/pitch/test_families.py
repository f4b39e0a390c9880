"""Every tracker on a whole take, by the rules of the so-vits-svc families."""

import numpy as np
import pytest
import torch
from chain.pitch.takes import HOP, QUICK, RATE, harmonic, needs

from svcfx.chain.nets.torchaudio_import import ensure_torchaudio
from svcfx.chain.pitch import crepe_path
from svcfx.chain.pitch.families import family_track


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("hz", [110.0, 392.0])
def test_a_tone_has_its_pitch_at_any_level(name, hz):
    needs(name)
    audio = harmonic(np.full(RATE // 2, hz))
    found = family_track(audio, RATE, HOP, name)
    assert found.shape == (len(audio) // HOP,)
    assert abs(1200 * np.log2(np.median(found[found > 0]) / hz)) < 12
    np.testing.assert_allclose(family_track(audio / 64, RATE, HOP, name), found, rtol=1e-6)


def test_the_likeliest_path_passes_over_a_single_leap():
    activation = np.full((9, 360), 0.01, np.float32)
    activation[:, 150] = 0.6
    activation[4, 210] = 0.7
    np.testing.assert_array_equal(crepe_path._path(activation), np.full(9, 150))


def _likeliest(logits):
    """torchcrepe's own decoder, in numpy: librosa's is compiled for eight seconds when it is first used."""
    import torchcrepe

    bins = np.arange(360)
    moves = np.maximum(12 - np.abs(bins[:, None] - bins), 0).astype(np.float64)
    with np.errstate(divide="ignore"):
        moves = np.log(moves / moves.sum(1, keepdims=True))
        scores = np.log(torch.softmax(logits, dim=1)[0].double().numpy().T)  # (frames, 360)
    best, back = scores[0] - np.log(360), []
    for score in scores[1:]:
        arriving = best[:, None] + moves
        back.append(arriving.argmax(0))
        best = arriving.max(0) + score
    path = [int(best.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    found = torch.tensor(path[::-1])[None]
    return found, torchcrepe.convert.bins_to_frequency(found)


@pytest.mark.slow  # torchcrepe's filters are compiled on their first call
def test_crepe_in_41_is_what_torchcrepes_own_filters_make_of_it():
    ensure_torchaudio()
    import torchcrepe

    hz = 220.0 * 2.0 ** np.linspace(0.0, 0.5, RATE // 2)
    rng = np.random.default_rng(0)
    audio = np.pad(harmonic(hz) + 0.003 * rng.standard_normal(len(hz)), 8000).astype(np.float32)
    wave = torch.from_numpy(audio)[None]
    pitch, sure = torchcrepe.predict(
        wave, RATE, HOP, 50, 1100, "tiny", decoder=_likeliest, batch_size=1024, return_periodicity=True
    )
    sure = torchcrepe.threshold.Silence(-60.0)(torchcrepe.filter.median(sure, 3), wave, RATE, HOP)
    theirs = torchcrepe.filter.mean(torchcrepe.threshold.At(0.05)(pitch, sure), 3)[0].nan_to_num().numpy()
    ours = crepe_path.crepe_voiced_track(audio, RATE, HOP, "tiny")
    np.testing.assert_array_equal(ours > 0, theirs > 0)
    both = ours > 0
    assert np.abs(1200 * np.log2(ours[both] / theirs[both])).max() < 20  # its random dither
