"""`transpose_semitones = "auto"`: the octave that suits a singer, settled before anything is rendered.

Takes that were found in one folder are one singer's: all of them are heard, and one octave is chosen for
them, so that no take jumps away from the others. A file that was named decides for itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from svcfx import audio
from svcfx.audio import Samples
from svcfx.errors import AudioFileError, printable
from svcfx.events import Events, Note, Progress, go_on
from svcfx.session import singers
from svcfx.session.outputs import signed
from svcfx.session.sources import Source

if TYPE_CHECKING:
    from svcfx.board import Board

STAGE = "listen"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Values of parameters by address, the variables of names that they change, and why."""

    values: Mapping[str, float] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


FIXED = Chosen()
"""Nothing was left to choose."""


def of_files(
    board: "Board",
    voices: Sequence[str],
    named: str,
    sources: Sequence[Source],
    events: Events,
) -> dict[Path, Chosen]:
    """What each file is transposed by, by its path.

    Args:
        board: What the files go through; it stays as it is.
        voices: Addresses of its voices that sing in the octave that suits.
        named: Address of the voice that names speak of.
        sources: The files; one that cannot be read decides nothing.
        events: Told how far the listening is, and asked before each file whether to stop.

    Raises:
        VoiceError: The range of a singer is not known.
        Cancelled: `events` asked to stop.
    """
    groups: dict[Path, list[Source]] = {}
    for source in sources:
        groups.setdefault(source.found_in or source.path, []).append(source)
    found: dict[Path, Chosen] = {}
    for place, takes in groups.items():
        heard = _read(takes, len(found), len(sources), events)
        values, notes = singers.octaves(board, voices, heard, _who(place, len(takes)))
        at = values.get(f"{named}.{singers.TRANSPOSE}")
        variables = {} if at is None else {"transpose": signed(at)}
        found |= {take.path: Chosen(values, variables, tuple(notes)) for take in takes}
    return found


def _who(place: Path, takes: int) -> str:
    """The subject of the sentence that says how high is sung."""
    return "it is" if takes == 1 else f"the takes in '{printable(Path(place.resolve().name))}' are"


def _read(takes: Sequence[Source], done: int, of: int, events: Events) -> Iterator[tuple[Samples, int]]:
    """Samples (channels, frames) and rate of each file that can be read; others fail when they are due."""
    for number, take in enumerate(takes, done):
        go_on(events)
        events.progress(Progress(STAGE, take.label, number / of))
        try:
            sound = audio.read(take.path)
        except AudioFileError:
            continue
        yield sound.samples, sound.sample_rate
