"""What kind of document a file is meant to be."""

from dataclasses import dataclass
from pathlib import Path

from svcfx.errors import InputError


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of document: its name in messages, the error of a wrong one, and how long one may be."""

    name: str
    error: type[InputError]
    max_bytes: int

    def refused(self, path: Path, said: str, *, hint: str = "") -> InputError:
        """The error that `said` of the document at `path`."""
        return self.error(f"{self.name} '{path}' {said}", hint=hint)
