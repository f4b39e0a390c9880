"""What a machine and its libraries add to every key: an entry is only found where its bytes would be made.

Kernels round otherwise from processor to processor, so a cache that two machines share serves each its own.
"""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import MappingProxyType
from typing import Any

import svcfx
from svcfx import cores, digest

LIBRARIES = (
    "av", "faiss-cpu", "numpy", "pedalboard", "praat-parselmouth", "pylibrb", "pyrubberband", "pyworld",
    "scipy", "soundfile", "soxr", "swift-f0", "torch", "torchaudio", "torchcrepe", "torchfcpe",
    "onnxruntime",
)  # fmt: skip
"""Those that can change a sample."""
SETTINGS = (
    "ATEN_CPU_CAPABILITY", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "NPY_DISABLE_CPU_FEATURES",
    "ONEDNN_MAX_CPU_ISA", "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
)  # fmt: skip
"""Environment variables by which their kernels are chosen."""
_NO_SOUND = ("cli", "report", "training", "separation", "ui", "demo", "voices/builtin", "preset/shipped")
"""Folders of svcfx whose code makes no sample of a render."""
_TOLD = ("vendor_id", "cpu family", "model", "model name", "stepping", "flags", "Features", "CPU part")


def facts() -> tuple[Any, ...]:
    """The processor, versions and the code of svcfx as one hash, and what chooses kernels."""
    return _fixed(), tuple((name, os.environ[name]) for name in SETTINGS if name in os.environ)


@cache
def _fixed() -> str:
    told = [sorted(processor().items()), sorted(versions().items()), code()]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@cache
def versions() -> Mapping[str, str]:
    """Versions of svcfx, Python and the libraries that can change a sample."""
    found = {"svcfx": svcfx.__version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = _version(name)
        except PackageNotFoundError:
            continue
    return MappingProxyType(found)


def _version(library: str) -> str:
    """What `importlib.metadata.version` says, without a parser of mail for a line of text."""
    made = distribution(library)
    lines = (made.read_text("METADATA") or "").splitlines()
    said = (line.removeprefix("Version:").strip() for line in lines if line.startswith("Version:"))
    return next(said, "") or made.version


@cache
def processor() -> Mapping[str, str]:
    """What tells this processor from others, as far as the system says."""
    found = {
        "system": platform.system(),
        "machine": platform.machine(),
        "libc": "-".join(platform.libc_ver()),
        "cores": str(cores.count()),
    }
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").partition("\n\n")[0].splitlines()
    except OSError:
        return MappingProxyType({**found, "processor": platform.processor()})
    pairs = (line.partition(":") for line in lines)
    told = {name.strip(): value.strip() for name, _, value in pairs if name.strip() in _TOLD}
    return MappingProxyType({**found, **told})


@cache
def code() -> str:
    """A hash of svcfx's own code that makes samples: another version of it makes its steps again."""
    root, files = Path(svcfx.__file__).parent, list[str]()
    silent = {str(root / folder) for folder in _NO_SOUND}
    for folder, folders, names in os.walk(root):
        whole = {name: os.path.join(folder, name) for name in (*folders, *names)}
        folders[:] = [name for name in folders if whole[name] not in silent]
        files += [whole[name] for name in names if name.endswith(".py")]
    return digest.of_files(root, files)
