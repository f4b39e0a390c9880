"""A repository of voices as it is written, hf:owner/repo[@revision][/folder], and what it holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from svcfx.errors import VoiceError

SCHEME = "hf:"
_SOURCE = re.compile(r"^hf:(?P<repo>[\w.-]+/[\w.-]+?)(?:@(?P<revision>[\w.%-]+))?(?:/(?P<below>.+))?$")


@dataclass(frozen=True)
class Repository:
    """A repository, at a revision or as it is now, and a folder in it ("" for all)."""

    repo: str
    revision: str | None = None
    below: str = ""

    def __str__(self) -> str:
        revision = f"@{self.revision}" if self.revision else ""
        return f"{SCHEME}{self.repo}{revision}{f'/{self.below}' if self.below else ''}"


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository: bytes, and its SHA-256 where the hub knows it (large files)."""

    size: int
    sha256: str = ""


@dataclass(frozen=True)
class Listing:
    """A repository at one commit; paths are relative to the source's folder, the licence is its page's."""

    source: Repository
    commit: str
    files: Mapping[str, RemoteFile]
    licence: str = ""


def parse(text: str) -> Repository:
    """Read hf:owner/repo[@revision][/subfolder]; raises `VoiceError` when it is none."""
    found = _SOURCE.match(text)
    below = PurePosixPath(found["below"] or "") if found else PurePosixPath("..")
    if found is None or ".." in below.parts:
        raise VoiceError(
            f"'{text}' names no repository", hint="write hf:owner/repo, hf:owner/repo@revision/folder"
        )
    revision = found["revision"].replace("%2F", "/") if found["revision"] else None
    return Repository(found["repo"], revision, "" if str(below) == "." else str(below))


def is_inside(name: str) -> bool:
    """Whether a path of a repository stays in it, and is one that no system reads otherwise."""
    path = PurePosixPath(name)
    return not (path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not path.parts)
