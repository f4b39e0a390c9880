import numpy as np

from factory.align import locate, match, place
from factory.engines.speech import Phone


def timed(names, step=0.1):
    return [Phone(name, i * step, (i + 1) * step) for i, name in enumerate(names.split())]


def test_equal_phones_match_one_to_one():
    assert match(["s", "ih", "ng"], ["s", "ih", "ng"]) == [(0, 0), (1, 1), (2, 2)]


def test_a_missing_phone_has_no_partner_and_a_vowel_takes_a_vowel():
    assert match(["k", "ae", "t", "s"], ["k", "ah", "t"]) == [(0, 0), (1, 1), (2, 2)]


def test_a_time_lies_at_the_same_part_of_the_same_phone():
    index, part = place(timed("s ih ng"), np.array([0.15]))
    seconds, weight = locate(timed("s ih ng"), timed("s ih ng", 0.4), index, part)
    np.testing.assert_allclose(seconds, 0.6)
    np.testing.assert_allclose(weight, 1.0)


def test_trust_is_full_for_the_same_less_for_another_and_none_without_partner():
    source = timed("s ae ng k")
    index, part = place(source, np.array([0.05, 0.15, 0.35]))
    weight = locate(source, timed("s ah ng"), index, part)[1]
    np.testing.assert_allclose(weight, [1.0, 0.3, 0.0])


def test_times_outside_are_held_at_the_ends():
    index, part = place(timed("s ih"), np.array([-1.0, 9.0]))
    assert index.tolist() == [0, 1]
    assert part.tolist() == [0.0, 1.0]
