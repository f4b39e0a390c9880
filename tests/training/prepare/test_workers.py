"""Processes that prepare recordings end with the one that began them."""

import os
import signal
import subprocess
import sys
import time

import needs
import pytest
from render.test_processes import begun_in
from training.prepare import sung

from svcfx import audio

GONE_WITHIN_SECONDS = 10.0
"""Two where nothing else is at work; here others are."""


@pytest.mark.slow
@needs.TRAIN
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_workers_go_with_their_parent_however_it_goes(tmp_path, stop):
    for number in range(6):
        audio.write(tmp_path / "takes" / f"{number}.wav", sung.melody(30.0, number)[None], sung.RATE)
    words = ["train", "prepare", "takes", "--singer", "me", "--family", "parametric", "-o", "data"]
    run = subprocess.Popen(
        [sys.executable, "-m", "svcfx", *words, "--jobs", "2"],
        cwd=tmp_path,
        env=os.environ | {"BEGUN_IN": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's "&" has it ignored
    )
    while not list((tmp_path / "data").rglob("*.npz")):
        assert run.poll() is None
        time.sleep(0.05)
    assert len(begun_in(tmp_path)) > 2
    run.send_signal(stop)
    said = run.communicate(timeout=60.0)[1]
    assert run.returncode == (130 if stop != signal.SIGKILL else -stop)
    assert "Traceback" not in said
    until = time.monotonic() + GONE_WITHIN_SECONDS
    while begun_in(tmp_path) and time.monotonic() < until:
        time.sleep(0.05)
    assert begun_in(tmp_path) == []
