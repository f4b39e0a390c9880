"""`svcfx separate` as it is typed."""

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("onnx")

from separation import nets

from svcfx import audio


def run(*args, cwd):
    return subprocess.run(
        [sys.executable, "-m", "svcfx", "separate", *map(str, args)], cwd=cwd, capture_output=True, text=True
    )


def test_a_song_becomes_two_files(tmp_path):
    model = nets.write(tmp_path / "mask.onnx", nets.below(2000.0))
    audio.write(tmp_path / "song.wav", np.zeros((2, 44_100), np.float32), 44_100)
    done = run("song.wav", "-o", "stems", "--model", model, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["stems/song.vocals.wav", "stems/song.accompaniment.wav"]
    assert "the accompaniment is the song minus the vocals" in done.stderr
    assert sorted(path.name for path in (tmp_path / "stems").iterdir()) == [
        "song.accompaniment.wav",
        "song.vocals.wav",
    ]
    again = run("song.wav", "-o", "stems", "--model", model, cwd=tmp_path)
    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_offline_without_a_model_the_way_out_is_printed(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("SVCFX_HOME", str(tmp_path / "home"))
    audio.write(tmp_path / "song.wav", np.zeros((2, 4410), np.float32), 44_100)
    done = run("song.wav", cwd=tmp_path)
    assert done.returncode == 1
    assert "UVR-MDX-NET-Voc_FT.onnx is not here yet" in done.stderr
    assert str(tmp_path / "home/separators/UVR-MDX-NET-Voc_FT.onnx") in done.stderr
    assert "Traceback" not in done.stderr
