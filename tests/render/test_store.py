"""What is kept comes back to the bit, or not at all."""

import contextlib
import errno
import hashlib
import json
import multiprocessing
import os
import pickle
import sqlite3
import subprocess
import sys
import threading
import tracemalloc

import numpy as np
import pytest
from faults import killed

from svcfx import digest, scratch
from svcfx.events import Note
from svcfx.render import behind, database, entries, files, packed
from svcfx.render.entries import ENTRIES, Entries
from svcfx.render.files import LEAST_FREE, Files
from svcfx.render.index import NAME, Index
from svcfx.render.store import Entry, Memory

SONG = np.random.default_rng(0).standard_normal((2, 500)).astype(np.float32)
WHOLE = Entry(
    {"samples": SONG, "f0_hz": np.arange(3.0)}, {"ringing": 7, "name": "é"}, (Note("octave", "up"),)
)


def key(number):
    return f"{number:064x}"


def put(store, *numbers):
    """Keep an entry under each number, to the end."""
    for number in numbers:
        store.put(key(number), WHOLE)
    store.settle()


def files_in(folder):
    return sorted((folder / ENTRIES).glob("*/*.step"))


def same(found, kept):
    assert found is not None
    assert list(found.arrays) == list(kept.arrays)
    for name, array in kept.arrays.items():
        assert found.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(found.arrays[name], array)
    return dict(found.facts) == dict(kept.facts) and found.notes == kept.notes


@pytest.fixture(params=["memory", "files"])
def store(request, tmp_path):
    return Memory() if request.param == "memory" else Files(tmp_path / "cache", 10**8)


def test_what_is_asked_for_ahead_is_what_get_finds(store):
    store.put(key(1), WHOLE)
    store.ahead(key(1))
    store.ahead(key(2))
    assert same(store.get(key(1)), WHOLE)
    assert store.get(key(2)) is None
    assert same(store.get(key(1)), WHOLE)


@pytest.mark.parametrize(
    "entry",
    [
        WHOLE,
        Entry(),
        Entry({"samples": np.zeros((2, 0), np.float32)}),
        Entry({"samples": np.asfortranarray(SONG), "one": np.array(3, np.int64), "is": SONG > 0}),
    ],
)
def test_an_entry_comes_back_to_the_bit(store, entry):
    assert store.get(key(1)) is None
    store.put(key(1), entry)
    assert same(store.get(key(1)), entry)
    assert store.get(key(2)) is None
    assert store.trouble() == ()


@pytest.mark.parametrize("copied", [0, 10**6])
@pytest.mark.parametrize("part", ["all", "rows", "view", "broadcast"])
def test_nobody_can_write_to_what_is_kept(store, part, copied, monkeypatch):
    monkeypatch.setattr(files, "COPIED_BYTES", copied)
    mine = np.concatenate([SONG, SONG])
    given = {
        "all": mine,
        "rows": mine[:2],
        "view": mine.reshape(-1),
        "broadcast": np.broadcast_to(mine[:1], (3, mine.shape[1])),
    }[part]
    was = given.copy()
    store.put(key(1), Entry({"samples": given}))
    with contextlib.suppress(ValueError):  # refused, or what is kept is another
        mine[:] = 0.0
    store.settle()
    found = store.get(key(1))
    np.testing.assert_array_equal(found.arrays["samples"], was)
    with pytest.raises(ValueError, match="read-only"):
        found.arrays["samples"].flat[0] = 1.0


def test_what_is_on_its_way_is_found(tmp_path, monkeypatch):
    goes_on, write = threading.Event(), Entries.write
    monkeypatch.setattr(Entries, "write", lambda *given: goes_on.wait(60) and write(*given))
    store = Files(tmp_path)
    store.put(key(1), WHOLE)
    assert files_in(tmp_path) == []
    assert store.holds(key(1))
    assert same(store.get(key(1)), WHOLE)
    goes_on.set()
    store.settle()
    assert same(Files(tmp_path).get(key(1)), WHOLE)


def test_a_small_part_of_an_array_is_kept_as_it_was_given_and_not_waited_for(tmp_path, monkeypatch):
    written, write = threading.Event(), Entries.write
    monkeypatch.setattr(Entries, "write", lambda *args: written.wait(60) and write(*args))
    store, whole = Files(tmp_path), np.arange(20.0)
    store.put(key(1), Entry({"samples": whole[4:8]}))
    whole[:] = 0.0
    written.set()
    store.settle()
    np.testing.assert_array_equal(store.get(key(1)).arrays["samples"], [4.0, 5.0, 6.0, 7.0])


def test_what_cannot_be_written_is_said_once_and_costs_no_other(tmp_path, monkeypatch):
    write = Entries.write

    def fails(entries, name, *given):
        if name in (key(1), key(3)):
            raise OSError(errno.EIO, "Input/output error")
        return write(entries, name, *given)

    monkeypatch.setattr(Entries, "write", fails)
    store = Files(tmp_path)
    put(store, 1, 2, 3, 4)
    assert [store.holds(key(number)) for number in (1, 2, 3, 4)] == [False, True, False, True]
    assert store.trouble() == (f"the cache in '{tmp_path}' could not be used: input/output error",)
    assert store.verify() == 2


def test_what_was_written_and_not_taken_down_is_no_entry_and_is_made_again(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Index, "keep", raising(sqlite3.OperationalError("disk I/O error")))
        store = Files(tmp_path)
        put(store, 1)
        assert len(store.trouble()) == 1
    [path] = files_in(tmp_path)
    assert Files(tmp_path).get(key(1)) is None
    put(store, 1)
    assert same(Files(tmp_path).get(key(1)), WHOLE)
    assert files_in(tmp_path) == [path]


def test_a_mistake_of_ours_is_not_hidden(tmp_path):
    store = Files(tmp_path)
    store.put(key(1), Entry(facts={"no JSON": object()}))
    with pytest.raises(TypeError):
        store.settle()
    put(store, 2)
    assert store.get(key(2)) is not None


def raising(error):
    def call(*_given, **_named):
        raise error

    return call


@pytest.mark.parametrize("operation", range(1, 12))
def test_a_process_that_is_killed_leaves_whole_entries(tmp_path, operation):
    def work():
        store = Files(tmp_path)
        put(store, *range(4))

    killed.killed(work, tmp_path, operation)
    store = Files(tmp_path)
    for number in range(4):
        found = store.get(key(number))
        assert found is None or same(found, WHOLE)
    assert store.trouble() == ()
    assert store.verify() == store.facts().entries
    put(store, *range(4))
    assert all(same(store.get(key(number)), WHOLE) for number in range(4))


LEAVES = """
import sys, threading
import numpy as np
from pathlib import Path
from svcfx.render import behind, packed
from svcfx.render.files import Files
from svcfx.render.store import Entry

behind._LAST_SECONDS = 0.0
begun, pieces = threading.Event(), packed.pieces
def noted(entry):
    begun.set()
    yield from pieces(entry)
    while True:
        yield bytes(1 << 20)
packed.pieces = noted
Files(Path(sys.argv[1])).put("1" * 64, Entry({"samples": np.zeros(4)}))
begun.wait()
"""


def test_python_ends_in_the_middle_of_an_entry_and_leaves_nothing(tmp_path):
    done = subprocess.run([sys.executable, "-c", LEAVES, str(tmp_path)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [path for path in (tmp_path / ENTRIES).rglob("*") if path.is_file()] == []


def test_what_waits_takes_little_memory(monkeypatch):
    monkeypatch.setattr(behind, "MOST_BYTES", 3 * WHOLE.size)
    seen = []
    writer = behind.Behind(seen.append)
    for number in range(50):
        writer.give(key(number), WHOLE)
    writer.give(key(50), Entry({"samples": np.zeros(10 * WHOLE.size)}))
    writer.settle()
    assert [name for entries in seen for name in entries] == [key(number) for number in range(51)]
    assert max(len(entries) for entries in seen) <= 3
    assert len(seen[-1]) == 1


def test_a_large_entry_is_read_without_taking_its_size_of_memory(tmp_path, monkeypatch):
    """A strip of hours is one; it comes back to the bit, and the disk holds it."""
    store, song = Files(tmp_path / "cache", 10**9), Entry({"samples": np.resize(SONG, (2, 1_000_000))})
    store.put(key(1), song)
    store.settle()
    monkeypatch.setattr(scratch, "HELD", 0)
    monkeypatch.setattr(entries, "IN_MEMORY", song.size // 2)
    tracemalloc.start()
    try:
        found = Files(tmp_path / "cache", 10**9).get(key(1))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert same(found, song)
    assert not found.arrays["samples"].flags.writeable
    assert peak < song.size / 4


def test_a_store_goes_to_another_process_while_it_is_at_work(tmp_path):
    store = Files(tmp_path, 10**6)
    store.ahead(key(2))
    store.put(key(1), WHOLE)
    there = pickle.loads(pickle.dumps(store))
    store.settle()
    assert (there.folder, there.most) == (tmp_path, 10**6)
    assert same(there.get(key(1)), WHOLE)


def test_another_process_finds_what_this_one_kept(tmp_path):
    put(Files(tmp_path), 1)
    assert same(Files(tmp_path).get(key(1)), WHOLE)


def cut(path):
    path.write_bytes(path.read_bytes()[:-5])


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [cut, flip, lambda path: path.write_bytes(b""), lambda p: p.unlink()])
def test_a_damaged_entry_is_dropped_and_made_again(tmp_path, damage):
    store = Files(tmp_path)
    put(store, 1)
    damage(files_in(tmp_path)[0])
    assert store.get(key(1)) is None
    assert files_in(tmp_path) == []
    put(store, 1)
    assert same(store.get(key(1)), WHOLE)
    assert len(store.trouble()) <= 1
    assert all("damaged" in said for said in store.trouble())


def test_a_damaged_index_costs_what_was_kept_and_no_more(tmp_path):
    killed.killed(lambda: put(Files(tmp_path), 1), tmp_path, 0)
    for ending in database.ENDINGS:
        (tmp_path / f"{NAME}{ending}").write_bytes(b"no database" * 1000)
    store = Files(tmp_path)
    assert store.get(key(1)) is None
    assert store.trouble()
    put(store, 1)
    assert same(Files(tmp_path).get(key(1)), WHOLE)


def test_an_index_that_another_process_took_away_is_begun_anew(tmp_path):
    store = Files(tmp_path)
    put(store, 1)
    (tmp_path / NAME).unlink()
    assert store.get(key(1)) is None
    put(store, 2)
    database.close(tmp_path / NAME)
    assert Files(tmp_path).holds(key(2))


def test_what_is_held_is_counted_as_it_comes_and_goes_in_an_old_index_too(tmp_path):
    with sqlite3.connect(tmp_path / NAME) as base:
        base.execute("CREATE TABLE steps (key TEXT PRIMARY KEY, size INTEGER, checksum TEXT, used INTEGER)")
        base.execute("INSERT INTO steps VALUES (?, 1000, 'x', 1)", (key(9),))
    base.close()
    store, index = Files(tmp_path), Index(tmp_path)
    assert index.size() == 1000
    put(store, 1, 2, 1)
    assert index.size() == sum(size for _, size, _ in index.rows()) > 1000
    assert store.get(key(9)) is None
    assert index.size() == sum(size for _, size, _ in index.rows())
    store.clear()
    assert index.size() == 0


def test_a_fork_shares_no_connection(tmp_path):
    store = Files(tmp_path)
    put(store, 1)
    child = os.fork()
    if child == 0:
        put(store, 2)
        os._exit(0 if store.get(key(1)) is not None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.get(key(2)) is not None


def test_the_least_recently_used_goes_first(tmp_path):
    size = WHOLE.size
    store = Files(tmp_path, 3 * size + 3 * 600)
    put(store, 0, 1, 2)
    assert store.get(key(0)) is not None
    put(store, 3)
    assert [store.get(key(number)) is not None for number in range(4)] == [True, False, True, True]
    assert store.facts().size <= store.most


def test_memory_has_a_cap_too():
    store = Memory(2 * WHOLE.size)
    for number in range(3):
        store.put(key(number), WHOLE)
    assert store.get(key(0)) is None
    assert store.size <= 2 * WHOLE.size


def test_an_entry_larger_than_the_cap_is_not_kept_and_costs_no_other(tmp_path):
    store = Files(tmp_path, 2 * WHOLE.size)
    store.put(key(1), WHOLE)
    store.put(key(2), Entry({"samples": np.zeros((2, 10**6), np.float32)}))
    assert store.get(key(2)) is None
    assert store.get(key(1)) is not None


def test_a_read_only_folder_keeps_nothing_and_says_so_once(read_only_folder):
    store = Files(read_only_folder / "cache")
    for number in range(3):
        put(store, number)
        assert store.get(key(number)) is None
    assert len(store.trouble()) == 1
    assert str(read_only_folder) in store.trouble()[0]


def test_a_full_disk_keeps_nothing_and_says_so(small_disk, monkeypatch):
    monkeypatch.setattr("svcfx.render.files.LEAST_FREE", 0)
    store = Files(small_disk, 10**9)
    large = Entry({"samples": np.ones((2, 100_000), np.float32)})
    store.put(key(1), large)
    store.settle()
    assert store.get(key(1)) is None
    assert store.trouble()
    store.put(key(2), Entry({"samples": SONG}))
    store.settle()
    assert store.get(key(2)) is not None
    assert len(store.trouble()) == 1
    assert not [path for path in small_disk.rglob(".*") if path.is_file()]


def test_room_is_left_on_the_disk_for_others(tmp_path, monkeypatch):
    store = Files(tmp_path, 10**8)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": LEAST_FREE + 10}))
    put(store, 1)
    assert store.get(key(1)) is None
    assert "full" in store.trouble()[0]


def test_clear_takes_all_and_says_how_much_there_was(tmp_path):
    store = Files(tmp_path)
    put(store, 0, 1, 2)
    assert store.clear().entries == 3
    assert (store.facts().entries, files_in(tmp_path)) == (0, [])


def test_verify_counts_the_whole_and_drops_the_rest(tmp_path):
    store = Files(tmp_path)
    put(store, 0, 1, 2)
    flip(files_in(tmp_path)[1])
    stray = files_in(tmp_path)[0].with_name(f"{key(9)}.step")
    stray.write_bytes(b"nobody's")
    os.utime(stray, (0, 0))
    assert store.verify() == 2
    assert len(store.trouble()) == 1
    assert len(files_in(tmp_path)) == 2


@pytest.mark.parametrize(
    "head",
    [
        b"{}",
        b"[]",
        b'{"facts": {}, "notes": [], "arrays": ["a"]}',
        b'{"facts": {}, "notes": [["no-such-code", "x"]], "arrays": []}',
        b'{"facts": [], "notes": [], "arrays": []}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_foreign_bytes_are_no_entry(head):
    with pytest.raises(packed.Unreadable):
        packed.read(memoryview(packed.MARK + head + b"\n"))
    with pytest.raises(packed.Unreadable):
        packed.read(memoryview(head))


def test_no_pickle_is_run_and_no_array_is_larger_than_its_file():
    whole = b"".join(bytes(piece) for piece in packed.pieces(Entry({"a": np.zeros(4, np.float32)})))
    for old, new in ((b"'<f4'", b"'|O' "), (b"(4,)", b"(9,)"), (b"'<f4'", b"'|S4'"), (b"(4,)", b"(-4,")):
        with pytest.raises(packed.Unreadable):
            packed.read(memoryview(whole.replace(old, new)))
    with pytest.raises(ValueError, match="holds an array"):
        list(packed.pieces(Entry({"a": np.array([json], object)})))


@pytest.mark.parametrize("seed", range(40))
def test_any_flipped_byte_gives_an_entry_or_a_refusal(seed):
    random = np.random.default_rng(seed)
    data = bytearray(b"".join(bytes(piece) for piece in packed.pieces(WHOLE)))
    for place in random.integers(0, len(data), 3):
        data[place] = random.integers(256)
    with contextlib.suppress(packed.Unreadable):
        packed.read(memoryview(bytes(data)))


def _work(folder, seed):
    store = Files(folder, 40 * WHOLE.size)
    random = np.random.default_rng(seed)
    wrong = 0
    for number in random.integers(0, 60, 120):
        found = store.get(key(int(number)))
        if found is None:
            store.put(key(int(number)), Entry({"samples": SONG + np.float32(number)}))
        elif not np.array_equal(found.arrays["samples"], SONG + np.float32(number)):
            wrong += 1
    store.settle()
    os._exit(10 * bool(store.trouble()) + bool(wrong))


def test_many_processes_share_one_cache(tmp_path):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_work, args=(tmp_path, seed)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    store = Files(tmp_path, 40 * WHOLE.size)
    assert store.facts().size <= store.most
    assert store.verify() == store.facts().entries
    assert store.trouble() == ()


@pytest.fixture
def hashed(tmp_path, monkeypatch):
    """Hash a file as another process would that looks in the same cache, and say whether it was read."""
    read = digest.read

    def of(path):
        seen = []
        monkeypatch.setattr(digest, "read", lambda one: seen.append(one) or read(one))
        digest._remembered.cache_clear()
        digest.look_in(Files(tmp_path / "cache"))
        return digest.of_file(path), bool(seen)

    monkeypatch.setattr(digest, "_books", [])
    monkeypatch.setattr(digest, "_SETTLED_SECONDS", -1.0)
    return of


def clock_goes_on(folder):
    """Return once what is written now has another time than what was: many a file system counts by 4 ms."""
    probe = folder / "probe"
    probe.touch()
    first = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == first:
        os.utime(probe)
    probe.unlink()


def test_a_file_that_stays_as_it_is_is_read_once_for_all_processes(tmp_path, hashed):
    path = tmp_path / "lead.wav"
    path.write_bytes(b"one")
    first, was_read = hashed(path)
    assert was_read
    assert first == hashlib.sha256(b"one").hexdigest()
    assert hashed(path) == (first, False)
    Files(tmp_path / "cache").verify()
    assert hashed(path) == (first, True)


@pytest.mark.parametrize("how", ["in place", "by another file"])
def test_a_file_that_changed_is_read_again_though_its_length_and_time_say_nothing(tmp_path, hashed, how):
    path, other = tmp_path / "lead.wav", tmp_path / "other.wav"
    path.write_bytes(b"one")
    hashed(path)
    before = path.stat()
    clock_goes_on(tmp_path)
    target = path if how == "in place" else other
    target.write_bytes(b"two")
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    target.replace(path)
    assert hashed(path) == (hashlib.sha256(b"two").hexdigest(), True)


def test_a_file_that_changed_a_moment_ago_is_read_each_time(tmp_path, hashed, monkeypatch):
    monkeypatch.setattr(digest, "_SETTLED_SECONDS", 60.0)
    path = tmp_path / "lead.wav"
    path.write_bytes(b"one")
    assert hashed(path)[1]
    assert hashed(path)[1]


def test_a_folder_is_read_once_for_all_processes_and_again_when_a_file_of_it_changes_or_comes(
    tmp_path, hashed, monkeypatch
):
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "a.py").write_bytes(b"one")
    hashed(folder / "a.py")  # looks in the cache
    read = []
    was = digest.read
    monkeypatch.setattr(digest, "read", lambda path: read.append(path.name) or was(path))

    def again():
        read.clear()
        return digest.of_tree(folder), sorted(read)

    first, files = again()
    assert files == ["a.py"]
    assert again() == (first, [])
    clock_goes_on(tmp_path)
    (folder / "a.py").write_bytes(b"two")
    second, files = again()
    assert files == ["a.py"]
    (folder / "b.py").write_bytes(b"two")
    third, files = again()
    assert files == ["a.py", "b.py"]
    (folder / "b.py").rename(folder / "c.py")
    assert len({first, second, third, again()[0]}) == 4


def test_hashes_of_the_last_files_are_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr("svcfx.render.index.MOST_FILES", 3)
    store = Files(tmp_path / "cache")
    for inode in range(5):
        store.note_hash((1, inode, 0, 0, 0), f"hash {inode}")
    known = [store.hash_of((1, inode, 0, 0, 0)) for inode in range(5)]
    assert known == ["", "", "hash 2", "hash 3", "hash 4"]
