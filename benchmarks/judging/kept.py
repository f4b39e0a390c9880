"""Work that no voice changes, kept under `build/` for the next run of the benchmark.

Ground truth and the judges' hearing of the sources depend on files of this repository alone; a result is kept
under a digest of those files, so a change of any of them makes it anew.
"""

import hashlib
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import factory
import judging
import svcfx

FOLDER = Path("build/benchmarks/kept")
_JUDGES = [
    "pairs",
    "sources",
    "pitch",
    "spectrum",
    "speaker",
    "clicks",
    "phones",
    "phone_material",
    "truth",
    "reference",
    "singer",
]
Made = TypeVar("Made")


def kept(name: str, make: Callable[[], Made]) -> Made:
    """What `make` gives, from the last run if nothing that it depends on has changed."""
    path = FOLDER / f"{name.replace(' ', '_').replace('>', '')}-{_digest()}.pickle"
    if path.exists():
        found: Made = pickle.loads(path.read_bytes())
        return found
    made = make()
    FOLDER.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(pickle.dumps(made))
    partial.replace(path)
    return made


@cache
def _digest() -> str:
    package, judges = Path(svcfx.__file__).parent, Path(judging.__file__).parent
    files = sorted(Path(factory.__file__).parent.rglob("*.py"))
    files += [package / "training" / "world.py", package / "chain" / "mel.py"]
    files += [package / "chain" / "parametric" / f"{name}.py" for name in ("synthesis", "bands", "level")]
    files += [judges / f"{name}.py" for name in _JUDGES]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
