"""Long signals lie on the disk and are arrays all the same; without room there, they lie in memory."""

import os

import numpy as np
import pytest

from svcfx import audio, scratch

LONG = (1, scratch.HELD // 4 + 1)


def test_a_long_signal_is_silent_and_holds_what_is_written():
    long = scratch.zeros(LONG)
    assert (long.shape, long.dtype, float(np.abs(long).max())) == (LONG, np.float32, 0.0)
    long[0, ::1000] = 0.5
    assert float(long.sum(dtype=np.float64)) == 0.5 * len(long[0, ::1000])


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="long signals lie in memory on this system")
def test_a_long_signal_is_no_memory_of_the_process_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open("/proc/self/status") as file:
        before = _anonymous(file.read())
    long = scratch.zeros(LONG)
    long[:] = 1.0
    with open("/proc/self/status") as file:
        assert _anonymous(file.read()) - before < long.nbytes / 2
    assert list(tmp_path.iterdir()) == []


def _anonymous(status: str) -> int:
    """Bytes of a process that lie in no file."""
    line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024


def test_where_the_disk_has_no_room_it_lies_in_memory(monkeypatch):
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    assert scratch.zeros(LONG).shape == LONG


def test_a_whole_file_is_read_in_its_own_size(tmp_path):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 300_001)).astype(np.float32)
    audio.write(tmp_path / "a.wav", samples, 44_100, encoding="float")
    np.testing.assert_array_equal(audio.read(tmp_path / "a.wav").samples, samples)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_found_anywhere(bad):
    samples = np.zeros((2, 1000), np.float32)
    assert audio.all_finite(samples)
    samples[1, 500] = bad
    assert not audio.all_finite(samples)


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="long signals lie in memory on this system")
def test_many_arrays_are_together_no_more_memory_than_is_held(monkeypatch):
    monkeypatch.setattr(scratch, "_held", {})

    def made(count: int) -> int:
        """How many of so many lie in memory; they go again."""
        arrays = [scratch.zeros((1, scratch.HELD // 16)) for _ in range(count)]
        return sum(array.flags.owndata for array in arrays)

    assert [made(2), made(20), made(4)] == [2, 4, 4]


def test_a_copy_and_a_louder_one_are_what_numpy_makes():
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 1001))
    np.testing.assert_array_equal(scratch.copied(samples), samples.astype(np.float32))
    quiet, gain = samples.astype(np.float32), np.float32(0.3)
    np.testing.assert_array_equal(scratch.times(quiet, gain), quiet * gain)
    assert scratch.zeros((2, 3), np.float64).dtype == np.float64
