"""Convert a retrieval index once, so that no pickle is read when a voice is added."""

from pathlib import Path

from svcfx.chain import checkpoint
from svcfx.errors import OutputExistsError


def convert(file: Path, out: Path | None, *, trust: bool) -> Path:
    """Write the converted index; returns where.

    Raises:
        VoiceError: The file is not trusted, or is no such index.
        OutputExistsError: There is such a file already.
        MissingPartError: faiss is not installed.
    """
    path = out or file.with_suffix(".safetensors")
    if path.exists():
        raise OutputExistsError(f"'{path}' exists already", hint="name another file with `out`")
    checkpoint.convert_index(file, path, trust=trust)
    return path
