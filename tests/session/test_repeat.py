import copy

import numpy as np

from svcfx.session.repeat import repeats


class Effect:
    """An effect that adds `offset`; each copy of a wayward one adds another."""

    is_effect = True
    is_instrument = False
    copies = 0

    def __init__(self, wayward):
        self.wayward, self.offset = wayward, 0.0

    def process(self, input_array, sample_rate, buffer_size=8192, reset=True):
        return (input_array + self.offset).astype(np.float32)

    def reset(self):
        pass

    def __deepcopy__(self, memo):
        made = copy.copy(self)
        Effect.copies += 1
        made.offset = 1e-6 * Effect.copies if self.wayward else 0.0
        return made


def test_an_effect_whose_copies_agree_repeats():
    assert repeats(Effect(wayward=False), 44_100)


def test_an_effect_whose_copies_differ_does_not():
    assert not repeats(Effect(wayward=True), 44_100)
