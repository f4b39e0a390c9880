"""A board played with a store at hand: from its end back to the last part whose samples are kept."""

from dataclasses import dataclass, field
from typing import Any

from svcfx.audio import Samples
from svcfx.board.play import Row
from svcfx.events import Events, Note, Progress
from svcfx.keeping import Keeper
from svcfx.render import keys, specs
from svcfx.render.keys import Unkeyable
from svcfx.render.steps import Step, Steps
from svcfx.render.store import Entry

VERSION = 1
_SAMPLES = "samples"


@dataclass
class Heard:
    """Hands on what a board says, and remembers the notes for the entries of its parts; `steps` know what
    its voices heard and sang before."""

    events: Events
    steps: Steps
    notes: list[Note] = field(default_factory=list)

    @property
    def keep(self) -> Keeper:
        """The steps' store."""
        return self.steps.part

    def note(self, note: Note) -> None:
        """Remember it, and hand it on."""
        if note not in self.notes:
            self.notes.append(note)
        self.events.note(note)

    def progress(self, at: Progress) -> None:
        """Hand it on."""
        self.events.progress(at)

    def cancelled(self) -> bool:
        """What was asked before."""
        return self.events.cancelled()


def keys_of(row: Row, source: str, channels: int, frames: int, sample_rate: float) -> list[str]:
    """The key of what each part of a row gives, for samples whose key is `source`.

    Raises:
        Unkeyable: A node says not what it depends on; it is named.
    """
    late, found, before = row.padding(sample_rate), [], source
    for index, nodes in enumerate(row.nodes):
        played = [specs.of(node, row.curves, frames / sample_rate) for node in nodes]
        shape = (channels, frames, sample_rate, late.get(index, 0))
        before = keys.key("part", VERSION, before, shape, played)
        found.append(before)
    return found


class Walk:
    """Shows a row the samples of parts that were kept, and keeps those of parts that are dear."""

    def __init__(self, label: str, source: str, steps: Steps, heard: Heard) -> None:
        self._label, self._source, self._steps, self._heard = label, source, steps, heard
        self._kept: dict[int, Step] = {}

    def found(self, row: Row, samples: Samples, sample_rate: float) -> tuple[int, Samples]:
        """The part behind the last one whose samples are kept, and those."""
        self._kept = self._plan(row, samples, sample_rate)
        for index in sorted(self._kept, reverse=True):
            entry = self._steps.get(self._kept[index], self._heard)
            if entry is not None:
                return index + 1, entry.arrays[_SAMPLES]
        return 0, samples

    def took(self, index: int, samples: Samples) -> None:
        """Keep the samples of a dear part, with all that was said until then."""
        step = self._kept.get(index)
        if step is not None:
            self._steps.put(step, Entry({_SAMPLES: samples}, notes=tuple(self._heard.notes)))

    def _plan(self, row: Row, samples: Samples, sample_rate: float) -> dict[int, Step]:
        dear = [index for index, nodes in enumerate(row.nodes) if any(map(specs.is_dear, nodes))]
        if not dear or not self._source:
            return {}
        channels, frames = samples.shape
        try:
            found = keys_of(row, self._source, channels, frames, sample_rate)
        except Unkeyable as error:
            self._steps.always_fresh(str(error))
            return {}
        return {index: Step("voice", self._label, found[index]) for index in dear}


def end_key(row: Row, source: str, channels: int, frames: int, sample_rate: float) -> str:
    """The key of all that a row gives; raises as `keys_of`."""
    found: list[Any] = keys_of(row, source, channels, frames, sample_rate)
    return str(found[-1]) if found else source
