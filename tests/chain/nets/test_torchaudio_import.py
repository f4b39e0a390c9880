"""Both ways, each in a fresh process: as it is, and with a compiled extension that cannot be loaded."""

import subprocess
import sys

import pytest

BROKEN = """
import torch
real = torch.ops.load_library
def broken(path):
    if "torchaudio" in str(path):
        raise OSError(f"Could not load this library: {path}")
    real(path)
torch.ops.load_library = broken
"""
USE = """
from svcfx.chain.nets.torchaudio_import import ensure_torchaudio
found = ensure_torchaudio()
assert found is ensure_torchaudio()
import torchaudio, torch
assert found is torchaudio
out = torchaudio.transforms.MelSpectrogram(16000)(torch.zeros(1, 4000))
assert out.shape[1] == 128
print("extension", torchaudio._extension._IS_TORCHAUDIO_EXT_AVAILABLE)
"""


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_torchaudio_imports_here_whatever_its_wheel():
    done = run(USE)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_torchaudio_imports_where_its_extension_cannot_be_loaded():
    aligned = "torchaudio.functional.forced_align(torch.zeros(1, 9, 3), torch.ones(1, 2, dtype=torch.int32))"
    done = run(BROKEN + USE + aligned)
    assert "extension False" in done.stdout, done.stderr
    assert "RuntimeError: torchaudio's forced_align needs its compiled extension" in done.stderr


@pytest.mark.slow
def test_without_the_module_a_broken_extension_breaks_the_import():
    done = run(BROKEN + "import torchaudio")
    assert done.returncode != 0
    assert "OSError" in done.stderr
