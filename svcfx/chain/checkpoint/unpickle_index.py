"""Run as a program, on one file a person trusts: unpickle a retrieval index and write its vectors.

    python -P unpickle_index.py FILE OUT

FILE is 4.1's feature_and_index.pkl, a pickle of {speaker: faiss index}; OUT is a safetensors file of
{speaker: (N, C) float32}. A pickle runs what it names, with the rights of whoever started this. Being a
process of its own, it cannot reach into the caller's memory, may neither run for long nor write much, and is
handed none of the caller's environment but the paths. It is no prison: files and network are open to it, as
to any program. It imports nothing of svcfx, so that it starts at once.
"""

import pickle
import sys
from typing import Any

MOST_SECONDS = 600
MOST_BYTES = 8 << 30


def limit() -> None:
    """Bound what this process may use, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in (
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard),) * 2)


def vectors_of(faiss: Any, index: Any) -> Any:
    """All vectors of an index in memory, numpy (N, C) float32, in the order of their ids."""
    exact = faiss.downcast_index(index)  # a view, which lives as long as `index`
    if isinstance(exact, faiss.IndexIVF):
        exact.make_direct_map()
    return exact.reconstruct_n(0, exact.ntotal)


def main(file: str, out: str) -> None:
    """Write the vectors of every index in `file`."""
    import faiss
    from safetensors.numpy import save_file

    limit()
    with open(file, "rb") as source:
        loaded: Any = pickle.load(source)
    if not isinstance(loaded, dict):
        sys.exit(f"it holds a {type(loaded).__name__}, not one index for each speaker")
    save_file({str(name): vectors_of(faiss, index) for name, index in loaded.items()}, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
