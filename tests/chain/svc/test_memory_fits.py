from types import SimpleNamespace

import pytest
import torch

from svcfx.chain.svc.memory import fitting
from svcfx.errors import SvcfxError

TAKES = [SimpleNamespace(audio=torch.full((10,), float(k))) for k in range(7)]


class Memory:
    """A singer whose memory holds `room` takes at once; only a double can run out on demand."""

    def __init__(self, room, error=torch.OutOfMemoryError):
        self.room, self.error, self.asked = room, error, []

    def sing(self, takes):
        self.asked.append(len(takes))
        if len(takes) > self.room:
            raise self.error("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried ...")
        return torch.stack([take.audio for take in takes])


@pytest.mark.parametrize("room", [1, 2, 3, 7])
@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError])
def test_where_memory_ends_half_as_many_are_sung_and_nothing_changes(room, error):
    made = fitting(Memory(room, error).sing, TAKES, 1000)
    assert [float(audio[0]) for audio in made] == [0, 1, 2, 3, 4, 5, 6]


def test_no_more_are_sung_at_once_than_asked_for():
    held = Memory(99)
    fitting(held.sing, TAKES, 30)
    assert held.asked == [3, 3, 1]


def test_a_take_longer_than_the_limit_is_sung_alone():
    held = Memory(99)
    fitting(held.sing, TAKES, 5)
    assert held.asked == [1] * 7


def test_a_single_take_too_large_is_an_error_and_others_pass_through():
    with pytest.raises(SvcfxError, match="a phrase of 10 samples does not fit in memory"):
        fitting(Memory(0).sing, TAKES, 1000)
    with pytest.raises(RuntimeError, match="shapes"):
        fitting(lambda takes: (_ for _ in ()).throw(RuntimeError("shapes")), TAKES, 1000)
