"""Several processes do many tasks: none is lost or done for nothing, and none outlives its parent."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from render.working import Doubles

from svcfx.errors import Cancelled, InputError, SvcfxError
from svcfx.events import Kept
from svcfx.render.processes import Workers

TASKS = [3, 13, 5, 7, 11, 2]


def collected(work, tasks=TASKS, events=None, count=2):
    shares = {}
    done = dict(Workers(work, count).run(tasks, events or Kept(), shares.__setitem__))
    return done, shares


def workers(folder):
    return [int(path.name.removeprefix("pid-")) for path in folder.glob("pid-*")]


def alive(pid):
    """Whether a process is at work, which may end whenever it is looked for."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def begun_in(folder):
    """Living processes that were begun by one that has `folder` as `BEGUN_IN` in its environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"BEGUN_IN={folder}\0".encode() in (process / "environ").read_bytes():
                found.append(int(process.name))
    return found


def test_each_task_has_its_result_or_its_error_and_tells_how_far_it_is(tmp_path):
    done, shares = collected(Doubles(tmp_path))
    assert {number: done[number] for number in done if number != 1} == {0: 6, 2: 10, 3: 14, 4: 22, 5: 4}
    assert isinstance(done[1], InputError)
    assert "no luck" in done[1].message
    assert set(shares.values()) == {0.5}


def test_a_worker_that_is_killed_loses_nothing(tmp_path):
    (tmp_path / "deaths").write_text("1")
    done, _ = collected(Doubles(tmp_path))
    assert sorted(done) == list(range(len(TASKS)))
    assert done[3] == 14
    assert not any(isinstance(outcome, SvcfxError) for number, outcome in done.items() if number != 1)


def test_a_task_that_kills_every_worker_is_named_and_ends_alone(tmp_path):
    (tmp_path / "deaths").write_text("99")
    done, _ = collected(Doubles(tmp_path), tasks=[7], count=1)
    assert isinstance(done[0], SvcfxError)
    assert "died 3 times" in done[0].message
    assert int((tmp_path / "deaths").read_text()) == 96


def test_a_task_that_kills_its_workers_takes_no_other_along(tmp_path):
    (tmp_path / "deaths").write_text("99")
    done, _ = collected(Doubles(tmp_path, seconds=0.1), tasks=[7, 3, 5, 11, 2])
    assert "died 3 times" in done.pop(0).message
    assert done == {1: 6, 2: 10, 3: 22, 4: 4}


def test_a_run_that_is_cancelled_stops_its_workers(tmp_path):
    def asked():
        return bool(workers(tmp_path))

    with pytest.raises(Cancelled):
        collected(Doubles(tmp_path, seconds=60.0), events=Kept(is_cancelled=asked))
    assert not any(map(alive, workers(tmp_path)))


PARENT = """
import sys
from pathlib import Path
from render.working import Doubles
from svcfx.events import Kept
from svcfx.render.processes import Workers

if __name__ == "__main__":
    list(Workers(Doubles(Path(sys.argv[1]), seconds=60.0), 2).run([1, 2, 3], Kept(), lambda *_: None))
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_when_the_parent_goes_its_workers_go(tmp_path, end):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    paths = os.pathsep.join(path for path in sys.path if path)
    parent = subprocess.Popen(
        [sys.executable, script, tmp_path],
        env={**os.environ, "PYTHONPATH": paths},
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while len(workers(tmp_path)) < 2:
        assert parent.poll() is None
        time.sleep(0.05)
    parent.send_signal(end)
    parent.wait()
    while any(map(alive, workers(tmp_path))):
        time.sleep(0.05)
