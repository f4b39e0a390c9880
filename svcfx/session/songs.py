"""Several sessions: each is rendered by itself, one that fails leaves the others, processes share them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from svcfx.errors import InputError, PartialFailure, SvcfxError
from svcfx.events import Events, Kept, go_on
from svcfx.session import document
from svcfx.session.outputs import sanitise

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Song:
    """A session file, and the folder of its results; None for `renders/<session>/`."""

    session: Path
    out: Path | None = None

    @property
    def name(self) -> str:
        """What its results are called."""
        return document.name_of(self.session)


def of(sessions: Sequence[Path], out: Path | None = None) -> tuple[Song, ...]:
    """Where the results of each session go: one takes `out` itself, several a folder in it each.

    Raises:
        InputError: Two are called the same, so one would lie over the other.
    """
    if len(sessions) == 1:
        return (Song(sessions[0], out),)
    named: dict[str, Path] = {}
    for session in sessions:
        name = sanitise(document.name_of(session))
        if name in named:
            raise InputError(
                f"'{named[name]}' and '{session}' are both called '{name}', and so would be their results",
                hint="render one of them by itself, into another folder",
            )
        named[name] = session
    return tuple(Song(session, out / name if out else None) for name, session in named.items())


def each(
    work: Callable[[Song, Events], Made], songs: Sequence[Song], jobs: int, events: Kept
) -> Iterator[tuple[int, Made | SvcfxError]]:
    """The number of each song and what `work` gives of it, or the error that it ended with, as they come.

    With several `jobs` that many processes take them as they come; then `work` and what it gives pickle.

    Raises:
        Cancelled: `events` asked to stop.
    """
    from svcfx.render import processes  # here: of a single song there is none to share

    tell = processes.overall("song", [song.name for song in songs], events.progress)
    if jobs > 1 and len(songs) > 1:
        made = processes.Workers(work, min(jobs, len(songs))).run(songs, events, tell)
    else:
        made = _in_order(work, songs, events, tell)
    for number, outcome in made:
        tell(number, 1.0)
        yield number, outcome


def _in_order(
    work: Callable[[Song, Events], Made],
    songs: Sequence[Song],
    events: Kept,
    tell: Callable[[int, float], None],
) -> Iterator[tuple[int, Made | SvcfxError]]:
    from svcfx.render import processes  # here: as above

    for number, song in enumerate(songs):
        tell(number, 0.0)
        heard = Kept(lambda at, of=number: tell(of, at.done_fraction), events.cancelled)  # type: ignore[misc]
        made = processes.outcome(work, song, heard)
        go_on(events)
        assert made is not None  # only what was cancelled gives nothing
        yield number, made


def check(errors: Sequence[SvcfxError], songs: int) -> None:
    """Raise what rendering so many songs ends with; return when none failed.

    Raises:
        SvcfxError: All failed; an `InputError` when every session was at fault itself.
        PartialFailure: Some failed; the others are on disk.
    """
    if not errors:
        return
    if len(errors) < songs:
        raise PartialFailure(f"{len(errors)} of {songs} songs failed; the others are on disk")
    kind = InputError if all(isinstance(error, InputError) for error in errors) else SvcfxError
    raise kind(f"all {songs} songs failed, the first because {errors[0].message}", hint=errors[0].hint)
