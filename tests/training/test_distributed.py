import pytest
import torch

from svcfx.errors import TrainingError
from svcfx.training import distributed


class Two:
    """Two devices; the other one was asked for `other`."""

    world_size, device = 2, torch.device("cpu")

    def __init__(self, other):
        self.other = other

    def all_gather(self, own):
        if self.other is None:
            return torch.stack([own, own])
        first = Two(None)
        kept = []
        first.all_gather = lambda number: kept.append(number) or torch.stack([number, number])
        distributed.require_alike(first, self.other)
        return torch.stack([own, kept[0]])


def test_devices_that_were_asked_for_the_same_begin():
    asked = {"recipe": {"batch": 2}, "dataset": "a"}
    distributed.require_alike(Two(dict(reversed(asked.items()))), asked)


@pytest.mark.parametrize("other", [{"recipe": {"batch": 1}, "dataset": "a"}, {"recipe": {"batch": 2}}])
def test_devices_that_were_not_are_told(other):
    with pytest.raises(TrainingError, match="the 2 devices were not asked for the same") as error:
        distributed.require_alike(Two(other), {"recipe": {"batch": 2}, "dataset": "a"})
    assert "the same command on every host" in error.value.hint
