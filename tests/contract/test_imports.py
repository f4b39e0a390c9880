"""Imports point down the layers, and each library has one door: what import-linter says of the tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = shutil.which("lint-imports", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.skipif(LINTER is None and "CI" not in os.environ, reason="import-linter is not installed")
def test_layers_and_doors_are_kept() -> None:
    assert LINTER is not None, "CI needs import-linter"
    done = subprocess.run([LINTER, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["studio", "--help"], ["demo", "--help"], ["render", "--help"], ["convert", "--help"]],
)
def test_help_loads_neither_torch_nor_numpy_nor_pedalboard(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom svcfx.cli.main import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'numpy', 'pedalboard', 'pydantic', 'matplotlib'} & set(sys.modules)\n"
        "print('loaded:', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = done.stdout.rsplit("loaded:", 1)[1].strip()
    assert heavy == "[]" if arguments == ["--help"] else "torch" not in heavy and "pedalboard" not in heavy
