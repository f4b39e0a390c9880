"""What is kept comes back to the bit, or not at all."""

import contextlib
import hashlib
import json
import multiprocessing
import os
import sqlite3

import numpy as np
import pytest

from svcfx import digest
from svcfx.events import Note
from svcfx.render import database, packed
from svcfx.render.files import ENTRIES, LEAST_FREE, Files
from svcfx.render.index import NAME, Index
from svcfx.render.store import Entry, Memory

SONG = np.random.default_rng(0).standard_normal((2, 500)).astype(np.float32)
WHOLE = Entry(
    {"samples": SONG, "f0_hz": np.arange(3.0)}, {"ringing": 7, "name": "é"}, (Note("octave", "up"),)
)


def key(number):
    return f"{number:064x}"


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


def test_nobody_can_write_to_what_is_kept(store):
    mine = SONG.copy()
    store.put(key(1), Entry({"samples": mine}))
    mine[:] = 0.0
    found = store.get(key(1))
    np.testing.assert_array_equal(found.arrays["samples"], SONG)
    with pytest.raises(ValueError, match="read-only"):
        found.arrays["samples"][0, 0] = 1.0


def test_another_process_finds_what_this_one_kept(tmp_path):
    Files(tmp_path).put(key(1), WHOLE)
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
    store.put(key(1), WHOLE)
    damage(files_in(tmp_path)[0])
    assert store.get(key(1)) is None
    assert files_in(tmp_path) == []
    store.put(key(1), WHOLE)
    assert same(store.get(key(1)), WHOLE)
    assert len(store.trouble()) <= 1
    assert all("damaged" in said for said in store.trouble())


def test_a_damaged_index_costs_what_was_kept_and_no_more(tmp_path):
    Files(tmp_path).put(key(1), WHOLE)
    database.close(tmp_path / NAME)
    (tmp_path / NAME).write_bytes(b"no database" * 1000)
    store = Files(tmp_path)
    assert store.get(key(1)) is None
    assert store.trouble()
    store.put(key(1), WHOLE)
    assert same(Files(tmp_path).get(key(1)), WHOLE)


def test_an_index_that_another_process_took_away_is_begun_anew(tmp_path):
    store = Files(tmp_path)
    store.put(key(1), WHOLE)
    (tmp_path / NAME).unlink()
    assert store.get(key(1)) is None
    store.put(key(2), WHOLE)
    database.close(tmp_path / NAME)
    assert Files(tmp_path).holds(key(2))


def test_what_is_held_is_counted_as_it_comes_and_goes_in_an_old_index_too(tmp_path):
    with sqlite3.connect(tmp_path / NAME) as base:
        base.execute("CREATE TABLE steps (key TEXT PRIMARY KEY, size INTEGER, sha256 TEXT, used INTEGER)")
        base.execute("INSERT INTO steps VALUES (?, 1000, 'x', 1)", (key(9),))
    base.close()
    store, index = Files(tmp_path), Index(tmp_path)
    assert index.size() == 1000
    for number in (1, 2, 1):
        store.put(key(number), WHOLE)
    assert index.size() == sum(size for _, size, _ in index.rows()) > 1000
    store.get(key(9))
    assert index.size() == sum(size for _, size, _ in index.rows())
    store.clear()
    assert index.size() == 0


def test_a_fork_shares_no_connection(tmp_path):
    store = Files(tmp_path)
    store.put(key(1), WHOLE)
    child = os.fork()
    if child == 0:
        store.put(key(2), WHOLE)
        os._exit(0 if store.get(key(1)) is not None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.get(key(2)) is not None


def test_the_least_recently_used_goes_first(tmp_path):
    size = WHOLE.size
    store = Files(tmp_path, 3 * size + 3 * 600)
    for number in range(3):
        store.put(key(number), WHOLE)
    assert store.get(key(0)) is not None
    store.put(key(3), WHOLE)
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
        store.put(key(number), WHOLE)
        assert store.get(key(number)) is None
    assert len(store.trouble()) == 1
    assert str(read_only_folder) in store.trouble()[0]


def test_a_full_disk_keeps_nothing_and_says_so(small_disk, monkeypatch):
    monkeypatch.setattr("svcfx.render.files.LEAST_FREE", 0)
    store = Files(small_disk, 10**9)
    large = Entry({"samples": np.ones((2, 100_000), np.float32)})
    store.put(key(1), large)
    assert store.get(key(1)) is None
    assert store.trouble()
    store.put(key(2), Entry({"samples": SONG}))
    assert not [path for path in small_disk.rglob(".*") if path.is_file()]


def test_room_is_left_on_the_disk_for_others(tmp_path, monkeypatch):
    store = Files(tmp_path, 10**8)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": LEAST_FREE + 10}))
    store.put(key(1), WHOLE)
    assert store.get(key(1)) is None
    assert "full" in store.trouble()[0]


def test_clear_takes_all_and_says_how_much_there_was(tmp_path):
    store = Files(tmp_path)
    for number in range(3):
        store.put(key(number), WHOLE)
    assert store.clear().entries == 3
    assert (store.facts().entries, files_in(tmp_path)) == (0, [])


def test_verify_counts_the_whole_and_drops_the_rest(tmp_path):
    store = Files(tmp_path)
    for number in range(3):
        store.put(key(number), WHOLE)
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
    os._exit(10 * bool(store.trouble()) + bool(wrong))


def test_many_processes_share_one_cache(tmp_path):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_work, args=(tmp_path, seed)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
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


def test_hashes_of_the_last_files_are_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr("svcfx.render.index.MOST_FILES", 3)
    store = Files(tmp_path / "cache")
    for inode in range(5):
        store.note_hash((1, inode, 0, 0, 0), f"hash {inode}")
    known = [store.hash_of((1, inode, 0, 0, 0)) for inode in range(5)]
    assert known == ["", "", "hash 2", "hash 3", "hash 4"]
