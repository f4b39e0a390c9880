"""A folder is worked on again when a file in it changes, once it has come to rest."""

import os

import pytest

from svcfx.session.watching import state, watch


class Ended(Exception):
    """The test has seen enough."""


@pytest.fixture
def folder(tmp_path):
    """A folder with a file and results in it."""
    (tmp_path / "session.toml").write_text("one")
    (tmp_path / "out").mkdir()
    return tmp_path


def watched(folder, *changes):
    """What was at work after each pause, when each of `changes` happens in one."""
    worked: list[int] = []
    left = list(changes)

    def pause():
        if not left:
            raise Ended
        left.pop(0)()

    with pytest.raises(Ended):
        watch(folder, folder / "out", lambda: worked.append(len(changes) - len(left)), pause)
    return worked


def nothing():
    pass


def test_a_change_is_worked_on_once_it_has_come_to_rest(folder):
    take = folder / "take.wav"
    grows = [lambda size=size: take.write_bytes(b"x" * size) for size in (10, 20, 30)]
    assert watched(folder, nothing, nothing, *grows, nothing, nothing, nothing) == [0, 6]


def test_a_file_that_goes_and_one_that_is_only_touched_count(folder):
    path = folder / "session.toml"
    assert watched(folder, lambda: os.utime(path, (1, 1)), nothing, path.unlink, nothing, nothing) == [
        0,
        2,
        4,
    ]


def test_results_and_hidden_files_do_not_count(folder):
    changes = [lambda name=name: (folder / name).write_text("x") for name in ("out/a.wav", ".a.wav")]
    assert watched(folder, *changes, nothing, nothing) == [0]
    assert set(state(folder, folder / "out")) == {folder / "session.toml"}


def test_a_change_while_it_works_is_worked_on_too(folder):
    worked = []

    def work():
        worked.append(1)
        if len(worked) == 2:
            (folder / "session.toml").write_text("three")

    pauses = iter([lambda: (folder / "session.toml").write_text("two more"), *[nothing] * 4])

    def pause():
        try:
            next(pauses)()
        except StopIteration:
            raise Ended from None

    with pytest.raises(Ended):
        watch(folder, folder / "out", work, pause)
    assert len(worked) == 3
