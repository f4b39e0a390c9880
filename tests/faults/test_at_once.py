"""Two batches on one folder of results and one cache at once: each result is whole, and there once."""

import os

import pytest
from faults import killed

from svcfx.render.files import Files
from svcfx.session.entry import RunEntry
from svcfx.session.files import batch
from svcfx.session.isolate import Destination
from svcfx.session.journal import Journal


def begun(work):
    """`work` in a process of its own; whether it ended well is told by `ended`."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return child


def ended(child):
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("on_exists", killed.WAYS)
def test_two_batches_at_once_leave_what_one_leaves(tmp_path, on_exists):
    calm, other = (killed.Batch(tmp_path / name, on_exists) for name in ("calm", "other"))
    calm()
    store = Files(tmp_path / "cache")

    def work():
        batch(
            [other.folder / "takes"],
            other.folder / "wet.toml",
            output=Destination(other.out, on_exists=on_exists),
            store=store,
            entry=RunEntry.of(Journal(other.out), {"settings": {}}),
        ).check()

    both = [begun(work), begun(work)]
    assert [ended(child) for child in both] == [True, True]
    found = killed.results(other.out)
    names = sorted(killed.results(calm.out))
    if on_exists == "rename":  # each may have its own, as two that know nothing of each other
        assert set(names) <= set(found)
    else:
        assert sorted(found) == names
    assert all(found[name] == killed.results(calm.out)[name] for name in names)
    assert store.verify() == store.facts().entries
    assert all(run.state == "done" for run in Journal(other.out).runs())
    assert not [path for path in other.out.rglob(".*") if path.is_file()]
