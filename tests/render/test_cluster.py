"""Actors of a Ray do many tasks as processes do: none is lost, and nothing that was begun is left behind."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from render.test_processes import TASKS, alive, begun_in
from render.working import Doubles, UntilHeard, named_for_its_process

from svcfx.errors import Cancelled, InputError, MissingPartError, ParamError
from svcfx.events import Kept
from svcfx.render.cluster import joining
from svcfx.render.cluster.pool import Cluster

if not os.environ.get("CI"):
    pytest.importorskip("ray", reason="the cluster extra is not installed")


@pytest.fixture(scope="module")
def ray():
    """A Ray of two cores, begun once: who is connected already stays so."""
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        patch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
        try:
            begun = stack.enter_context(joining.joined("ray", 2))
        except InputError as error:
            skip_where_ray_gave_up(str(error))
            raise
        yield begun


def skip_where_ray_gave_up(said):
    """Nothing of ours is at fault where this machine had no processor left for Ray to begin."""
    if "timed out during startup" in said:
        pytest.skip("Ray did not begin within the 30 s that it gives itself")


def collected(folder, tasks=TASKS, events=None, same=dict, seconds=0.0):
    shares = {}
    cluster = Cluster(Doubles(folder, seconds), "ray", 2, folder, same)
    done = dict(cluster.run(tasks, events or Kept(), shares.__setitem__))
    return done, shares


@pytest.mark.slow
def test_each_task_has_its_result_or_its_error(ray, tmp_path):
    done, _ = collected(tmp_path)
    assert {number: done[number] for number in done if number != 1} == {0: 6, 2: 10, 3: 14, 4: 22, 5: 4}
    assert isinstance(done[1], InputError)
    assert "no luck" in done[1].message
    assert not list(tmp_path.glob(".*"))


@pytest.mark.slow
def test_tasks_tell_how_far_they_are(ray, tmp_path):
    shares, tasks = {}, [3, 5]

    def on_share(number, share):
        shares[number] = share
        if share:
            (tmp_path / f"heard-{tasks[number]}").touch()

    done = dict(Cluster(UntilHeard(tmp_path), "ray", 2, tmp_path).run(tasks, Kept(), on_share))
    assert (done, shares) == ({0: 6, 1: 10}, {0: 0.5, 1: 0.5})


@pytest.mark.slow
def test_nothing_is_told_of_a_task_that_is_over(ray, tmp_path):
    over, late = set(), []

    def on_share(number, share):
        if number in over:
            late.append((number, share))

    for number, _ in Cluster(Doubles(tmp_path, 0.7), "ray", 2, tmp_path).run([3, 5, 7], Kept(), on_share):
        over.add(number)
    assert (over, late) == ({0, 1, 2}, [])


@pytest.mark.slow
def test_an_actor_that_is_killed_loses_nothing(ray, tmp_path, capfd):
    (tmp_path / "deaths").write_text("1")
    done, _ = collected(tmp_path)
    assert sorted(done) == list(range(len(TASKS)))
    assert done[3] == 14
    assert capfd.readouterr().out == ""


@pytest.mark.slow
def test_a_task_that_kills_every_actor_is_named_and_takes_no_other_along(ray, tmp_path):
    (tmp_path / "deaths").write_text("99")
    done, _ = collected(tmp_path, tasks=[7, 3, 5])
    assert "died 3 times" in done.pop(0).message
    assert done == {1: 6, 2: 10}
    assert int((tmp_path / "deaths").read_text()) == 96


@pytest.mark.slow
def test_a_run_that_is_cancelled_stops_its_actors(ray, tmp_path):
    def asked():
        return bool(list(tmp_path.glob("pid-*")))

    with pytest.raises(Cancelled):
        collected(tmp_path, events=Kept(is_cancelled=asked), seconds=60.0)
    pids = [int(path.name.removeprefix("pid-")) for path in tmp_path.glob("pid-*")]
    while any(map(alive, pids)):
        time.sleep(0.05)


@pytest.mark.slow
def test_a_node_that_differs_is_refused_with_what_differs(ray, tmp_path):
    with pytest.raises(InputError, match=rf"has voice 'vela' \d+ and not {os.getpid()} as this machine"):
        collected(tmp_path, same=named_for_its_process)


SCRIPT = """
import sys
from pathlib import Path
from render.working import Doubles
from svcfx.events import Kept
from svcfx.render.cluster.pool import Cluster

folder = Path(sys.argv[1])
list(Cluster(Doubles(folder, 60.0), "ray", 2, folder).run([1, 2], Kept(), lambda *_: None))
"""


def command(pid):
    """The words that began a process; none of one that has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_of_a_local_ray_is_left(tmp_path, end):
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths, "BEGUN_IN": str(tmp_path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, tmp_path],
        env=environment,
        start_new_session=True,
        stderr=(tmp_path / "said").open("w"),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while len(list(tmp_path.glob("pid-*"))) < 2:
        if parent.poll() is not None:
            skip_where_ray_gave_up((tmp_path / "said").read_text())
            raise AssertionError((tmp_path / "said").read_text())
        time.sleep(0.05)
    folders = set(re.findall(rb"/tmp/svcfx-ray-\w+", b"".join(map(command, begun_in(tmp_path)))))
    assert folders
    os.killpg(parent.pid, end)
    parent.wait()
    while begun_in(tmp_path):
        time.sleep(0.1)
    if end == signal.SIGINT:
        assert not any(map(os.path.exists, folders))
        assert not list(tmp_path.glob(".*"))


def test_without_ray_it_is_said_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingPartError, match="not installed") as caught:
        collected(tmp_path)
    assert caught.value.hint == "pip install 'svcfx[cluster]'"


def test_where_nobody_listens_is_refused_at_once(tmp_path):
    cluster = Cluster(Doubles(tmp_path), "ray:127.0.0.1:9", 2, tmp_path)
    with pytest.raises(InputError, match="nobody answers"):
        list(cluster.run([1], Kept(), lambda *_: None))


@pytest.mark.parametrize("on", ["moon", "ray:", "ray://", "rays", ""])
def test_a_place_that_is_none_is_refused(on):
    with pytest.raises(ParamError, match="allowed are ray, ray://HOST:PORT and ray:ADDRESS"):
        joining.address_of(on)


def test_places_are_what_ray_calls_them():
    told = [joining.address_of(on) for on in ("ray", "ray://head:10001", "ray:auto", "ray:10.0.0.1:6379")]
    assert told == [None, "ray://head:10001", "auto", "10.0.0.1:6379"]


@pytest.mark.parametrize("cores", [[2], [1, 1], [4, 16], [3, 5, 7], [64] * 10, []])
@pytest.mark.parametrize("count", [1, 2, 3, 7, 40])
def test_cores_are_shared_so_that_all_actors_have_a_place(cores, count):
    threads = joining.threads_each(cores, count)
    places = [sum(node // each for node in cores) for each in (threads, threads + 1)]
    assert threads == 1 or places[0] >= count
    assert places[1] < count or threads >= max(cores, default=1)


@pytest.mark.parametrize("gpus", [1, 2, 5])
@pytest.mark.parametrize("count", [1, 2, 3, 11])
def test_gpus_are_shared_in_whole_parts(gpus, count):
    share = joining.gpu_each(gpus, count)
    assert gpus * round(1.0 / share) >= count
    assert 1.0 / share == round(1.0 / share)
    assert joining.gpu_each(0, count) == 0.0
