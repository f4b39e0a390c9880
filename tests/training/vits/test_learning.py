"""What training is for: ten minutes of a singer become a voice that is nearer to the singer than it began.

Preparing and training are the real commands, on the content of the encoder that ships; only the network is
smaller than `--size small`. The judge of who sings is Resemblyzer's GE2E, which no part of a voice reads. The
start is the same network after one step; after so few steps no voice is nearer than the other singer was.
"""

import os
import subprocess
import sys
from pathlib import Path

import needs
import numpy as np
import pytest

if not os.environ.get("CI"):
    pytest.importorskip("resemblyzer", reason="the extra clone is not installed")
from training.vits import singer
from training.vits.singer import RATE, Throat

from svcfx import VoiceConversion
from svcfx.training import history
from svcfx.training.cloning.similarity import similarity

pytestmark = [pytest.mark.slow, pytest.mark.long, needs.TRAIN]
PROGRAM = Path(__file__).with_name("learner.py")
SINGER, OTHER = Throat(0.9, 0.97, 150.0, 0.02), Throat(1.2, 0.93, 230.0, 0.05)
SEEDS, STEPS, RATE_OF_LEARNING = (1, 2, 3), 200, 6e-4
LOWER = round(12.0 * float(np.log2(SINGER.pitch_hz / OTHER.pitch_hz)))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a training a seed, and their voices on the shelf at `home`."""
    folder = tmp_path_factory.mktemp("learning")
    singer.write_takes(folder / "takes", SINGER, 10.0, seconds=3.0)
    quiet = os.environ | {"SVCFX_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1"}
    prepare = (
        "-m",
        "svcfx",
        "train",
        "prepare",
        folder / "takes",
        "-o",
        folder / "dataset",
        "--singer",
        "me",
    )
    subprocess.run(
        [sys.executable, *map(str, prepare), "--encoder", "builtin", "--jobs", "2", "--quiet"],
        check=True, env=quiet, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    running = [
        subprocess.Popen(
            [sys.executable, str(PROGRAM), str(folder / "dataset"), str(folder / str(seed)),
             str(seed), str(STEPS), str(RATE_OF_LEARNING)],
            env=quiet, stdout=subprocess.DEVNULL,
        )
        for seed in SEEDS
    ]  # fmt: skip
    assert [process.wait() for process in running] == [0, 0, 0]
    return folder


@pytest.mark.parametrize("seed", SEEDS)
def test_the_mel_distance_of_the_last_steps_is_at_most_seven_tenths_of_the_first(trained, seed):
    rows = history.rows(trained / str(seed) / "end")
    first, last = _mel(rows, 0, 50), _mel(rows, STEPS - 50, STEPS)
    print(f"seed {seed}: mel L1 {first / 45:.3f} to {last / 45:.3f}, ratio {last / first:.3f}")
    assert last <= 0.7 * first


def test_another_singer_comes_out_nearer_to_the_one_that_was_learnt(trained, monkeypatch):
    monkeypatch.setenv("SVCFX_HOME", str(trained / "home"))
    own, source = singer.phrase(SINGER, 8.0, seed=9001), singer.phrase(OTHER, 6.0, seed=9002)
    print(f"the source itself {similarity(source, own, RATE):.3f}")
    gains = []
    for seed in SEEDS:
        start, end = (similarity(_sung(f"{name}-{seed}", source), own, RATE) for name in ("start", "end"))
        print(f"seed {seed}: {start:.3f} after one step, {end:.3f} at the end")
        gains.append(end - start)
    assert np.mean(gains) >= 0.05


def _mel(rows, first, stop):
    """Mean of the mel term over steps; a row is the mean since the row before."""
    steps = [0, *(int(row["step"]) for row in rows)]
    weights = [
        (steps[i + 1] - steps[i]) * (steps[i] >= first and steps[i + 1] <= stop) for i in range(len(rows))
    ]
    assert sum(weights) == stop - first
    return float(np.average([float(row["mel"]) for row in rows], weights=weights))


def _sung(voice, source):
    return VoiceConversion(voice=voice, transpose_semitones=LOWER)(source[None], RATE)[0]
