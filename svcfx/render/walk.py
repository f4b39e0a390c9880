"""A board played with a store at hand: from its end back to the last part whose samples are kept."""

from dataclasses import dataclass, field

from svcfx.audio import Samples
from svcfx.board.play import Row
from svcfx.events import Events, Note, Progress
from svcfx.keeping import Keeper
from svcfx.node.native import External
from svcfx.render import externals, keys, specs
from svcfx.render.keys import Unkeyable
from svcfx.render.steps import Step, Steps
from svcfx.render.store import Entry
from svcfx.time_map import Recorded

VERSION = 3
_SAMPLES = "samples"


@dataclass
class NoteRecorder:
    """Hands on what a board says, and remembers the notes for the entries of its parts; `steps` know what
    its voices heard and sang before, and `wanted` what they are to sing."""

    events: Events
    steps: Steps
    recorded: Recorded | None = None
    wanted: tuple[int, int] | None = None
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


def keys_of(row: Row, source: str, shape: tuple[int, int], sample_rate: float, steps: Steps) -> list[str]:
    """The key of what each part of a row gives, for samples of (channels, frames) whose key is `source`.

    It is "" from the first node on that is none to be kept, which is told to `steps`.
    """
    late, found, before = row.padding(sample_rate), [], source

    def repeats(plugin: External) -> bool:
        return externals.repeats(plugin, shape[0], sample_rate, steps)

    for index, nodes in enumerate(row.nodes):
        try:
            seconds = shape[1] / sample_rate
            played = [specs.of(node, row.curves, seconds, repeats) for node in nodes] if before else []
        except Unkeyable as error:
            steps.always_fresh(str(error))
            before = ""
        given = (shape, float(sample_rate), late.get(index, 0))
        before = keys.key("part", VERSION, before, given, played) if before else ""
        found.append(before)
    return found


def dear_keys(
    row: Row, source: str, shape: tuple[int, int], sample_rate: float, steps: Steps
) -> dict[int, str]:
    """The keys of those parts, by their index, whose samples are worth keeping."""
    found = keys_of(row, source, shape, sample_rate, steps)
    return {index: found[index] for index, nodes in enumerate(row.nodes) if any(map(specs.is_dear, nodes))}


class Walk:
    """Shows a row the samples of parts that were kept, and `keeps` those of parts that are dear."""

    def __init__(
        self, label: str, source: str, steps: Steps, heard: NoteRecorder, *, keeps: bool = True
    ) -> None:
        self._label, self._source, self._steps, self._heard = label, source, steps, heard
        self._keeps = keeps
        self._kept: dict[int, Step] = {}

    def found(self, row: Row, shape: tuple[int, int], sample_rate: float) -> tuple[int, Samples | None]:
        """The part behind the last one whose samples are kept, and those."""
        found = dear_keys(row, self._source, shape, sample_rate, self._steps)
        self._kept = {index: Step("voice", self._label, key) for index, key in found.items() if key}
        for index in sorted(self._kept, reverse=True):
            entry = self._steps.get(self._kept[index], self._heard)
            if entry is not None:
                return index + 1, entry.arrays[_SAMPLES]
        return 0, None

    def took(self, index: int, samples: Samples) -> None:
        """Keep the samples of a dear part, with all that was said until then."""
        step = self._kept.get(index)
        if step is not None and self._keeps:
            self._steps.put(step, Entry({_SAMPLES: samples}, notes=tuple(self._heard.notes)))
