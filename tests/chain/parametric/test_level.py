import numpy as np
import pytest
import torch

from svcfx.chain import mel
from svcfx.chain.parametric import level

REFERENCE = np.full(80, -7.0, np.float32)
HALF = 0.5 * level.GRID / level.NEPER


def noise_mel(amplitude=0.1, seconds=1.0):
    audio = torch.randn(1, int(seconds * mel.RATE), generator=torch.Generator().manual_seed(1)) * amplitude
    return mel.log_mel(audio)[0].T


def test_ten_decibels_more_are_ten_decibels_more_to_the_nearest_point_of_the_grid():
    quiet, loud = level.measure(noise_mel(0.01)), level.measure(noise_mel(0.01 * 10**0.5))
    assert loud.loudness_db - quiet.loudness_db == pytest.approx(10, abs=HALF * 1.01)
    np.testing.assert_allclose(loud.mean_mel, quiet.mean_mel, atol=1e-3)


def test_what_the_encoder_sees_of_a_copy_at_eight_times_the_amplitude_is_the_same():
    seen = [level.normalise(m, level.measure(m), REFERENCE) for m in (noise_mel(0.03), noise_mel(0.24))]
    torch.testing.assert_close(seen[0], seen[1], atol=1e-4, rtol=0)


def test_what_the_encoder_sees_hardly_depends_on_the_level():
    seen = [level.normalise(m, level.measure(m), REFERENCE) for m in (noise_mel(0.02), noise_mel(0.3))]
    torch.testing.assert_close(seen[0], seen[1], atol=level.GRID / level.SCALE, rtol=0)


def test_a_stem_that_is_a_tenth_of_a_decibel_louder_or_duller_is_mostly_seen_where_it_was():
    rng, stayed = np.random.default_rng(3), 0
    for _ in range(50):
        at = level.Level(-20.0, REFERENCE + rng.normal(0.0, 0.3) + np.linspace(0, rng.normal(), 80))
        duller = level.Level(at.loudness_db, at.mean_mel + 0.1 * level.NEPER * np.linspace(-1, 1, 80))
        frames = noise_mel(seconds=0.1)
        stayed += torch.equal(*(level.normalise(frames, one, REFERENCE) for one in (at, duller)))
    assert 25 < stayed < 50


def test_most_of_a_channels_colour_is_taken_out():
    plain = noise_mel()
    tilted = plain + torch.linspace(-1.5, 1.5, 80)
    seen = [level.normalise(m, level.measure(m), REFERENCE) for m in (plain, tilted)]
    left = (seen[1] - seen[0]).mean(0) * level.SCALE
    assert float((left - left.mean()).abs().max()) < 0.35 * 1.5


def test_silence_measures_as_a_harmless_level_and_is_gated():
    silent = torch.full((50, 80), mel.FLOOR)
    measured = level.measure(silent)
    assert measured.loudness_db == -60.0
    assert torch.isfinite(level.normalise(silent, measured, REFERENCE)).all()
    assert not torch.any(level.gate(silent))
    assert torch.all(level.gate(noise_mel(0.01)) == 1)


def test_silence_around_a_phrase_does_not_move_its_level():
    phrase = noise_mel()
    padded = torch.cat([torch.full((200, 80), mel.FLOOR), phrase])
    assert level.measure(padded).loudness_db == pytest.approx(level.measure(phrase).loudness_db, abs=1e-3)


def test_loud_frames_lie_about_zero():
    frames = noise_mel()
    relative = level.relative_loudness(frames, level.measure(frames))
    assert float(torch.quantile(relative, 0.95)) == pytest.approx(0, abs=0.51 * level.GRID)
