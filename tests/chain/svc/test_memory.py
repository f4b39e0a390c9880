import ctypes
import platform

import pytest

from svcfx.chain.svc import memory


def test_giving_back_may_be_asked_for_anywhere_and_again():
    memory.give_back()
    memory.give_back()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="not glibc")
def test_a_heap_in_pieces_shrinks():
    malloc = ctypes.CDLL(None)
    malloc.malloc.restype, malloc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    blocks = [malloc.malloc(100_000) for _ in range(2000)]
    for block in blocks:
        ctypes.memset(block, 1, 100_000)
    full = _resident()
    for block in blocks[:-1]:  # the last one keeps the heap from shrinking at its end
        malloc.free(block)
    memory.give_back()
    assert _resident() < full - 150_000_000
    malloc.free(blocks[-1])


def _resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096
