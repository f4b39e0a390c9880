import numpy as np
import pytest

from factory.engines.identities import SHIPPED, morph, random_identity
from svcfx.chain.parametric import bands


def test_the_shipped_singers_are_no_voice_warped_alone():
    for singer in SHIPPED:
        assert max(singer.weights) < 0.6
        assert sum(singer.weights) == pytest.approx(1)


def test_the_high_singer_has_the_shorter_tract():
    vela, corin = SHIPPED
    assert (vela.name, corin.name) == ("vela", "corin")
    assert vela.tract > 1.2 * corin.tract


def test_identities_repeat_and_differ():
    assert random_identity(3) == random_identity(3)
    assert random_identity(3) != random_identity(4)


def test_a_morph_of_one_envelope_in_all_three_is_one_speaker_of_the_sum():
    flat = np.ones((3, 5, bands.BANDS))
    made = morph(SHIPPED[0])
    np.testing.assert_allclose(made.envelope(flat) - made.bias, 1.0, atol=1e-9)


def test_aperiodicity_stays_between_zero_and_one():
    base = np.random.default_rng(1).uniform(0, 1, (3, 20, 6))
    for seed in range(5):
        breath = morph(random_identity(seed)).aperiodicity(base)
        assert 0 < breath.min() <= breath.max() <= 1
