"""The session as the page shows it: each change is checked, can be undone and survives a crash.

The file itself is written when saving is asked for.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from svcfx.errors import SessionError, SvcfxError
from svcfx.session import document as documents
from svcfx.session import editing
from svcfx.session.document import Document
from svcfx.session.editing import Change

NAME = ".studio.toml"
"""Where a draft that was not saved yet lies, beside the session: paths in it mean the same."""
MOST_STEPS = 500


class Draft:
    """States of one session, of which one is shown; the file itself changes by `save` alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._states: list[Document] = []
        self._at = -1
        self.saved = ""
        self.revision = 0
        if path.is_file():
            self._put(documents.load(path))
            self.saved = self.document.text
        self._take_up()

    @property
    def is_there(self) -> bool:
        """Whether there is a session at all yet."""
        return self._at >= 0

    @property
    def document(self) -> Document:
        """The session as it is shown.

        Raises:
            SessionError: There is none yet.
        """
        if not self.is_there:
            raise SessionError(
                f"there is no session in '{self.path.parent.name}' yet", hint="drop stems to begin one"
            )
        return self._states[self._at]

    @property
    def is_saved(self) -> bool:
        """Whether the file says what is shown."""
        return self.is_there and self.document.text == self.saved

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier state."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether a state was undone."""
        return self._at < len(self._states) - 1

    def change(self, changes: Sequence[Change]) -> None:
        """Work changes in, all or none.

        Raises:
            SessionError: What comes out would be no session.
        """
        self.put(lambda document: editing.edited(document, changes))

    def put(self, edit: Callable[[Document], Document]) -> None:
        """Show what `edit` makes of the session."""
        with self._lock:
            edited = edit(self.document)
            if edited.text != self.document.text:
                self._put(edited)
                self._keep()

    def begin(self, text: str) -> None:
        """Show a session that is new.

        Raises:
            SessionError: There is one already, or the text is none.
        """
        with self._lock:
            if self.is_there:
                raise SessionError(f"'{self.path.name}' is there already", hint="add stems to it")
            self._put(documents.parse(text, self.path))
            self._keep()

    def undo(self) -> None:
        """Show the state before; nothing where there is none."""
        self._step(-1)

    def redo(self) -> None:
        """Show the state that was undone last; nothing where there is none."""
        self._step(1)

    def save(self) -> None:
        """Write the file, and forget that there was a draft.

        Raises:
            OutputError: It cannot be written.
        """
        with self._lock:
            documents.save(self.document)
            self.saved = self.document.text
            (self.path.parent / NAME).unlink(missing_ok=True)

    def revert(self) -> None:
        """Show what the file says; this can be undone too."""
        with self._lock:
            self._put(documents.load(self.path))
            self.saved = self.document.text
            self._keep()

    def _step(self, by: int) -> None:
        with self._lock:
            if 0 <= self._at + by < len(self._states):
                self._at += by
                self.revision += 1
                self._keep()

    def _put(self, document: Document) -> None:
        del self._states[self._at + 1 :]
        self._states.append(document)
        del self._states[:-MOST_STEPS]
        self._at = len(self._states) - 1
        self.revision += 1

    def _keep(self) -> None:
        """Write the draft beside the session, or take it away where the file says the same."""
        beside = self.path.parent / NAME
        if self.is_saved:
            beside.unlink(missing_ok=True)
        else:
            documents.save(self.document, beside)

    def _take_up(self) -> None:
        """Show the draft that an earlier run left; what the file says is one step back."""
        beside = self.path.parent / NAME
        if not beside.is_file():
            return
        try:
            left = documents.load(beside)
        except SvcfxError:  # half written by hand: the file counts
            return
        self._put(documents.parse(left.text, self.path))
