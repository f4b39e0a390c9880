"""Memory that is let go and asked for again is still there."""

import subprocess
import sys

import pytest

from svcfx import heap

FAULTS = """
import resource, sys
import numpy as np
from svcfx import heap
if sys.argv[1] == "keep":
    heap.keep()
def work():
    for megabytes in (1, 2, 3):
        both = [np.ones(megabytes << 20, np.uint8) for _ in range(2)]
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", FAULTS, how], check=True, capture_output=True, text=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's alone")
def test_the_system_clears_no_page_for_what_was_at_hand():
    assert 20 * _faults("keep") < _faults("leave")


def test_it_may_be_asked_for_again():
    heap.keep()
    heap.keep()
