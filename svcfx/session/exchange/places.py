"""Where the recordings lie that a song of another program names."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from svcfx.documents import Form, Reach
from svcfx.errors import InputError
from svcfx.session.exchange.song import Lost

FORM = Form("project", InputError, 128 << 20)
_ALLOW = "put the recording beside the project, or allow its folder with `allow_path` '{folder}'"


def reach_of(project: Path, allow_paths: Sequence[Path]) -> Reach:
    """The files that the project in that file may name: those that a session there may."""
    return Reach.of(project, FORM, allow_paths, beside=True, hint=_ALLOW)


def place(written: str, reach: Reach, lost: Lost) -> Path | None:
    """Where a recording lies, None where it may not be read or is not there, which is said.

    A project that moved names its recordings by where they were: one of its name beside it is taken then.
    """
    name = unquote(written.removeprefix("file://")) if written.startswith("file://") else written
    try:
        return reach.find(name, "a recording")
    except InputError as error:
        said = error.message
    alone = PurePosixPath(name.replace("\\", "/")).name
    try:
        found = reach.find(alone, "a recording")
    except InputError:
        lost.add(said)
        return None
    lost.add(f"a recording is '{written}': the one of its name beside the project is taken")
    return found
