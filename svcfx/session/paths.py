"""Which files a session may read: its own folder, and a folder next to it.

A session may come from elsewhere, and must not be able to pull in a file that its reader did not mean to
give. So a path it names may lead, after all links are followed, only

- into the session's own folder,
- into a folder beside it, written `../<folder>/...` (the user's own `../stems`), that is no link itself,
- into a folder that the user allowed with `--allow-path`.

An absolute path, `../file`, `../../anything` or a link that leaves those folders is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from svcfx.errors import SessionError


@dataclass(frozen=True, slots=True)
class Reach:
    """The folder that relative paths start from, and the folders that the user allowed besides."""

    folder: Path
    allowed: tuple[Path, ...] = ()

    @classmethod
    def of(cls, session_file: Path, allowed: Sequence[Path] = ()) -> "Reach":
        """The reach of a session file."""
        return cls(session_file.absolute().parent.resolve(), tuple(path.resolve() for path in allowed))

    def find(self, written: str, key: str) -> Path:
        """Return the real path of `written`, the value of `key`.

        Raises:
            SessionError: It leaves the folders that this session may read.
        """
        try:
            real = (self.folder / written).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL byte
            raise SessionError(f"{key} is {written!r}, which is no path ({error})") from error
        roots = [self.folder, *self.allowed, *self._beside(written)]
        if any(real.is_relative_to(root) for root in roots):
            return real
        raise SessionError(
            f"{key} is '{written}', which leads outside the session's folder; "
            "a session may read its own folder and folders beside it ('../stems/...')",
            hint=f"move the file there, or allow its folder with --allow-path '{real.parent}'",
        )

    def _beside(self, written: str) -> list[Path]:
        parts = PurePosixPath(written.replace("\\", "/")).parts
        if len(parts) < 3 or parts[0] != ".." or parts[1] == "..":
            return []
        beside = self.folder.parent / parts[1]
        return [] if beside.is_symlink() or beside.parent == beside else [beside]
