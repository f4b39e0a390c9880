"""Which files a document may name: those in its own folder, and what its user allowed.

A document may come from elsewhere, and must not be able to pull in a file that its reader did not mean to
give. So a path that it names may lead, after all links are followed, only

- into the document's own folder,
- where `beside` says so, into a folder beside it, written `../<folder>/...`, that is no link itself,
- into a folder that the user allowed.

An absolute path, `../file`, `../../anything` or a link that leaves those folders is refused. A backslash is
a slash where no file is spelled with it, because paths are copied from Windows.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from svcfx.documents.form import Form
from svcfx.errors import InputError

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\x1b": "\\e"})
"""What TOML makes of `"stems\\tone.wav"`: a tabulator; here it is turned back into what was typed."""


def is_path(written: str) -> bool:
    """Whether a text names a file, and not something by its name: it has a folder or ends in .toml."""
    return "/" in written or "\\" in written or written.lower().endswith(".toml")


@dataclass(frozen=True, slots=True)
class Reach:
    """The folder that relative paths start from, for a document of some form.

    `allowed` are folders that the user allowed besides, `beside` says whether folders next to it may be
    read. `hint` is for a path that leads outside, its {folder} the one to be allowed.
    """

    folder: Path
    form: Form
    allowed: tuple[Path, ...] = ()
    beside: bool = False
    hint: str = "put the file there"

    @classmethod
    def of(
        cls, document: Path, form: Form, allowed: Sequence[Path] = (), *, beside: bool = False, hint: str = ""
    ) -> "Reach":
        """The reach of the document in the file `document`."""
        roots = tuple(path.resolve() for path in allowed)
        return cls(document.absolute().parent.resolve(), form, roots, beside, hint or "put the file there")

    def find(self, written: str, key: str) -> Path:
        """The real path of the file `written`, the value of `key`.

        Raises:
            InputError: `self.form.error`; it leaves the folders that may be read, or does not exist (the
                right spelling is told where a name differs in case or by a letter).
        """
        for spelled in _spellings(written):
            real = self._real(spelled, key)
            inside = self._reaches(spelled, real)
            if inside and real.exists():
                return real
        if not inside or _DRIVE.match(written):
            raise self._outside(written, key, real)
        near = near_path(self.folder, written, self._roots(spelled))
        escaped = "in double quotes a backslash begins an escape: write /, or single quotes"
        hint = escaped if written != written.translate(_ESCAPES) else ""
        shown = written.translate(_ESCAPES)
        raise self.form.error(f"{key} is '{shown}', which does not exist{near}", hint=hint)

    def _real(self, spelled: str, key: str) -> Path:
        try:
            return (self.folder / spelled).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL byte
            raise self.form.error(f"{key} is {spelled!r}, which is no path ({error})") from error

    def _reaches(self, spelled: str, real: Path) -> bool:
        return any(real.is_relative_to(root) for root in self._roots(spelled))

    def _roots(self, spelled: str) -> list[Path]:
        return [self.folder, *self.allowed, *self._beside(spelled)]

    def _beside(self, spelled: str) -> list[Path]:
        parts = PurePosixPath(spelled).parts
        if not self.beside or len(parts) < 3 or parts[0] != ".." or parts[1] == "..":
            return []
        beside = self.folder.parent / parts[1]
        return [] if beside.is_symlink() or beside.parent == beside else [beside]

    def _outside(self, written: str, key: str, real: Path) -> InputError:
        more = " and folders beside it ('../stems/...')" if self.beside else ""
        return self.form.error(
            f"{key} is '{written}', which leads outside the {self.form.name}'s folder; "
            f"a {self.form.name} may read its own folder{more}",
            hint=self.hint.replace("{folder}", str(real.parent)),
        )


def _spellings(written: str) -> list[str]:
    return [written, written.replace("\\", "/")] if "\\" in written else [written]


def near_path(folder: Path, written: str, roots: Sequence[Path] | None = None) -> str:
    """ " (did you mean 'stems/tone.wav'?)" for the file most like `written` below `folder`, or "".

    Every part of the path is compared without case and accents' encoding; a part that is not there is
    replaced by the one most like it. With `roots` no folder outside them is listed.
    """
    at, spelled = folder, []
    for part in PurePosixPath(written.translate(_ESCAPES).replace("\\", "/")).parts:
        found = part if part in (".", "..") or _is_there(at / part) else _alike(part, _listed(at, roots))
        if not found:
            return ""
        at /= found
        spelled.append(found)
    right = str(PurePosixPath(*spelled)) if spelled else ""
    return f" (did you mean '{right}'?)" if right and right != written else ""


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _listed(folder: Path, roots: Sequence[Path] | None) -> Iterator[str]:
    try:
        if roots is None or any(folder.resolve().is_relative_to(root) for root in roots):
            yield from (entry.name for entry in folder.iterdir())
    except (OSError, ValueError, RuntimeError):
        return


def _alike(part: str, names: Iterator[str]) -> str:
    folded = {_folded(name): name for name in sorted(names)}
    match = difflib.get_close_matches(_folded(part), list(folded), n=1, cutoff=0.5)
    return folded[match[0]] if match else ""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
