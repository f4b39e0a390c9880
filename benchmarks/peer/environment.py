"""so-vits-svc-fork from PyPI in an environment of its own, which its declared needs alone do not make run."""

import os
import subprocess
import sys
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "svcfx-bench"
FIRST = ("setuptools<80", "torch==2.13.0")
"""What it needs and does not say: pyworld imports pkg_resources, and a torch left open brings CUDA."""
PACKAGES = (FIRST, ("so-vits-svc-fork", *FIRST))


def python_of(module: str, packages: tuple[str, ...]) -> Path:
    """The interpreter of an environment with these packages, installed on the first call."""
    folder = CACHE / module
    found = folder / "bin/python"
    if not any(folder.glob(f"lib/python*/site-packages/{module}/__init__.py")):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([found, "-m", "pip", "install", "-q", *packages], check=True)
    return found


def python() -> Path:
    """Its interpreter; installs on the first call, which takes minutes."""
    folder = CACHE / "peer"
    found = folder / "bin/python"
    if not any(folder.glob("lib/python*/site-packages/so_vits_svc_fork")):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        for packages in PACKAGES:
            subprocess.run([found, "-m", "pip", "install", "-q", *packages], check=True)
    for library in folder.glob("lib/python*/site-packages/torchaudio/lib/*.so"):
        # Built for CUDA; torchaudio goes on without it when the file is not there.
        library.rename(library.with_suffix(".so.away"))
    return found
