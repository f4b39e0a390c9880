"""An actor of a Ray is killed before its result has a name: its file is done again, to a calm run's bytes."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from faults import killed, naming
from render.test_cluster import skip_where_ray_gave_up

from svcfx import audio
from svcfx.session.files import batch
from svcfx.session.isolate import Destination

if not os.environ.get("CI"):
    pytest.importorskip("ray", reason="the cluster extra is not installed")

WHERE = ("--on", "ray", "--jobs", "2", "--json")


@pytest.mark.slow
def test_a_file_whose_actor_is_killed_is_done_again(tmp_path):
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (3, 2, 1_500_000)).astype(np.float32)
    for number, samples in enumerate(noise):
        audio.write(tmp_path / "takes" / f"{number}.wav", samples, 44_100)
    (tmp_path / "wet.toml").write_text(killed.PRESET)

    batch(
        [tmp_path / "takes"], tmp_path / "wet.toml", output=Destination(tmp_path / "calm", "{stem}_{preset}")
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "svcfx", "batch", "takes", "-p", "wet.toml", "-o", "other", *WHERE],
        cwd=tmp_path,
        env=naming.killing(tmp_path, "other", 1, "[os.getpid()]"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines, said = run.communicate()
    skip_where_ray_gave_up(said)
    assert run.returncode == 0, said
    told = [json.loads(line) for line in lines.splitlines()]
    assert len(list((tmp_path / "marks").iterdir())) == 4  # the first was begun twice
    assert sorted((one["file"], one["status"]) for one in told) == [(f"{n}.wav", "done") for n in range(3)]
    assert killed.results(tmp_path / "other") == killed.results(tmp_path / "calm")
    assert not [path for path in (tmp_path / "other").glob(".*") if path.is_file()]
