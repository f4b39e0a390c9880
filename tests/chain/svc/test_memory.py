import ctypes
import platform

import pytest

from svcfx.chain.svc import memory


class _Bare:
    """A C library without `malloc_trim`."""

    def __init__(self, _name):
        pass


def test_where_the_c_library_cannot_give_back_nothing_is_done(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", _Bare)
    trim = memory._trim.__wrapped__
    assert trim() is None
    monkeypatch.setattr(memory, "_trim", trim)
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
