"""What a long call has to say while it works: notes, how far it is, and whether it should stop.

Whoever calls hands an `Events` down; nothing travels by Python's warnings or by hidden state, so two calls
in one process do not hear each other, and equal calls say the same. Only at the door of a node that is
called by itself do notes become warnings, as Python's users expect them: `AsWarnings`.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from svcfx.errors import Cancelled, SvcfxWarning
from svcfx.keeping import Keeper, afresh

if TYPE_CHECKING:  # commands import this, and their --help loads no numpy
    from svcfx.time_map import Recorded

Code = Literal[
    "resampled",
    "mended-file",
    "padded",
    "silent",
    "exempt",
    "stretcher",
    "tempo",
    "loudness-matched",
    "mid-dropped",
    "midi-ignored",
    "midi-doubtful",
    "unsung",
    "polyphonic",
    "out-of-range",
    "untuned",
    "clips",
    "turned-down",
    "ceiling",
    "whole-song",
    "does-not-repeat",
    "voice-changed",
    "plugin-changed",
    "licence",
    "octave",
    "slow-tracker",
    "tail-cut",
    "made-otherwise",
    "cache",
    "journal",
    "other-processor",
]
_WARNINGS = (
    "mended-file",
    "mid-dropped",
    "midi-doubtful",
    "polyphonic",
    "out-of-range",
    "untuned",
    "clips",
    "does-not-repeat",
    "voice-changed",
    "plugin-changed",
    "tail-cut",
    "made-otherwise",
    "other-processor",
)


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence with a stable code for programs. A warning is what `--strict` fails on."""

    code: Code
    text: str

    @property
    def is_warning(self) -> bool:
        """Whether the result may not be what was meant."""
        return self.code in _WARNINGS


@dataclass(frozen=True, slots=True)
class Progress:
    """One report: the `stage` ("stem", "mix", "write"), what it works on, and 0 to 1 of the whole.

    Of many files it says too to what `share` the one is done, and how many `seconds` of audio it is.
    """

    stage: str
    stem: str
    done_fraction: float
    share: float = 0.0
    seconds: float = 0.0


OnProgress = Callable[[Progress], None]


def unheard(progress: Progress) -> None:
    """Take no notice: the default callback."""


def never() -> bool:
    """Nobody asks to stop: the default."""
    return False


class Events(Protocol):
    """Who hears what a call says."""

    def note(self, note: Note) -> None:
        """Take a note; the same one may come more than once."""
        ...

    def progress(self, at: Progress) -> None:
        """Take a report of how far the call is."""
        ...

    def cancelled(self) -> bool:
        """Whether the call should stop."""
        ...

    @property
    def keep(self) -> Keeper:
        """Who may know results of the call's work already."""
        ...

    @property
    def recorded(self) -> "Recorded | None":
        """What the call's samples were recorded as, where they are played at another tempo."""
        ...

    @property
    def wanted(self) -> tuple[int, int] | None:
        """Frames of what the call gives, the first and the one behind the last, that anybody hears: others
        may be left silent. None where all are."""
        ...


def go_on(events: Events) -> None:
    """Return, unless the call was cancelled.

    Raises:
        Cancelled: It was.
    """
    if events.cancelled():
        raise Cancelled("the work was cancelled")


class Unheard:
    """Hears nothing, keeps nothing, and never asks to stop."""

    keep: Keeper = staticmethod(afresh)
    recorded: "Recorded | None" = None
    wanted: tuple[int, int] | None = None

    def note(self, note: Note) -> None:
        """Take no notice."""

    def progress(self, at: Progress) -> None:
        """Take no notice."""

    def cancelled(self) -> bool:
        """Never."""
        return False


UNHEARD = Unheard()


class AsWarnings(Unheard):
    """For a node that is called by itself: each note becomes a `SvcfxWarning` of its caller's."""

    def note(self, note: Note) -> None:
        """Warn."""
        warnings.warn(note.text, SvcfxWarning, stacklevel=5)


@dataclass(slots=True)
class Kept:
    """Keeps notes, each once, in order; hands progress to `on_progress`."""

    on_progress: OnProgress = unheard
    is_cancelled: Callable[[], bool] = never
    notes: list[Note] = field(default_factory=list)
    keep: Keeper = afresh
    recorded: "Recorded | None" = None
    wanted: tuple[int, int] | None = None

    def note(self, note: Note) -> None:
        """Keep it, if it is new."""
        if note not in self.notes:
            self.notes.append(note)

    def progress(self, at: Progress) -> None:
        """Hand it on."""
        self.on_progress(at)

    def cancelled(self) -> bool:
        """What `is_cancelled` says."""
        return self.is_cancelled()
