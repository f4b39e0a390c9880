"""Turn 4.1's pickled retrieval index into a bank that opens without a pickle."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from svcfx.atomic import atomic
from svcfx.chain.checkpoint import stored
from svcfx.chain.checkpoint.bank import BANK_FORM, read_bank
from svcfx.chain.checkpoint.faiss_file import load_faiss
from svcfx.chain.checkpoint.unpickle_index import MOST_SECONDS
from svcfx.errors import OutputExistsError, VoiceError

_CHILD = Path(__file__).with_name("unpickle_index.py")
_PASSED = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What a program needs to start; the rest of the environment, tokens among it, stays here."""


def convert_index(path: Path, out: Path | None = None, *, trust: bool = False) -> Path:
    """Unpickle in a child process, compare what it wrote, and put it at `out` whole or not at all.

    Args:
        path: feature_and_index.pkl.
        out: A .safetensors file that is not there yet, for `open_bank`; by default beside `path`.
        trust: Whether the person vouches for the file. Without it nothing is unpickled.

    Returns:
        Where the bank lies, its tables under the names or numbers that the file has.

    Raises:
        VoiceError: Not trusted, not such a pickle, or its indexes are no tables of content.
        OutputExistsError: There is such a file already.
        MissingPartError: faiss is not installed.
    """
    out = out or path.with_suffix(".safetensors")
    if out.exists():
        raise OutputExistsError(f"'{out}' exists already", hint="name another file with `out`")
    if not path.is_file():
        raise VoiceError(f"'{path}' is not a file")
    if not trust:
        raise VoiceError(
            f"'{path.name}' is a pickle, which runs whatever its maker put into it, and was not opened",
            hint="Where you know the maker, add `trust`: it is then read in a process of its own.",
        )
    load_faiss()
    with tempfile.TemporaryDirectory(prefix="svcfx-index-") as folder:
        made = Path(folder) / "made.safetensors"
        _run(path, made, folder)
        bank = read_bank(made)
        with atomic(out) as temporary:
            stored.write(temporary, BANK_FORM, {"kind": bank.kind}, bank.tables)
    return out


def _run(path: Path, made: Path, folder: str) -> None:
    """Let the child write `made`; its complaint becomes ours."""
    command = [sys.executable, "-P", str(_CHILD), str(path.resolve()), str(made)]
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=MOST_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise VoiceError(f"'{path.name}' was not read within {MOST_SECONDS} seconds") from error
    if done.returncode != 0 or not made.is_file():
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[-1][:200] if said else f"exit code {done.returncode}"
        raise VoiceError(
            f"'{path.name}' is no retrieval index of so-vits-svc 4.1: {reason}",
            hint="The file is a pickle with one faiss index for each speaker.",
        )
