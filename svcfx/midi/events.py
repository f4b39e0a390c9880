"""One track's events, walked from byte to byte; an event that makes no sense is left out and remembered.

Only what svcfx uses becomes an `Event`: channel messages and the meta events that `read` asks for. The bodies
of all others (sysex, lyrics, sequencers' own) are stepped over unread. An event whose length is known costs
only itself; where it is not known how far to step, the track cannot be read.
Source: Standard MIDI Files 1.0 (RP-001), MIDI Association.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from svcfx.errors import MidiError

MAX_EVENTS = 100_000
META = 0xFF
END_OF_TRACK = 0x2F
EXPORT = "export the song again as a Standard MIDI File, type 1"

_SYSEX, _ESCAPE = 0xF0, 0xF7
_MOST_NUMBER = 0x0FFF_FFFF  # what four bytes of seven bits hold
_MOST_PADDING = 8
_ON_A_CABLE = {0xF1: 1, 0xF2: 2, 0xF3: 1}  # data bytes of system messages; the others have none
_CHANNEL = {
    0x80: "the end of a note",
    0x90: "a note",
    0xA0: "key pressure",
    0xB0: "a controller",
    0xC0: "a program change",
    0xD0: "channel pressure",
    0xE0: "a pitch bend",
}
_SHORT = (0xC0, 0xD0)  # one data byte, the others have two


class Event(NamedTuple):
    """A channel message, or a meta event (`status` 0xFF) with its type in `first`.

    `start` and `end` are the place of a meta event's data among the file's bytes; `at` is the event's own
    first byte, counted from the beginning of its track.
    """

    tick: int
    at: int
    status: int
    first: int
    second: int
    start: int = 0
    end: int = 0


class Odd(NamedTuple):
    """An event that was left out: its byte of the track, and why."""

    at: int
    why: str


@dataclass(frozen=True, slots=True)
class Walked:
    """One track's events and oddities, how many events it holds, and the tick and byte where it ends."""

    events: tuple[Event, ...]
    odd: tuple[Odd, ...]
    tick: int
    count: int
    end: int
    has_end: bool


@dataclass(slots=True)
class Budget:
    """Events that may still be walked in one file, so that work is bounded whatever its lengths say."""

    name: str
    left: int = MAX_EVENTS

    def spend(self) -> None:
        """Count one event.

        Raises:
            MidiError: It is one too many.
        """
        self.left -= 1
        if self.left < 0:
            raise MidiError(
                f"'{self.name}' holds more than {MAX_EVENTS:,} events",
                hint="thin its controller data, or delete tracks that svcfx does not use",
            )


class Broken(Exception):
    """A track cannot be followed from byte `at` on."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at, self.why = at, why


def walk(data: bytes, start: int, claim: int, budget: Budget, used: frozenset[int]) -> Walked:
    """Walk the events of a track.

    Args:
        data: The file.
        start: Where the track's events begin.
        claim: Where its stored length says that they end. Beyond the file, or in the middle of something,
            it is not to be believed: see `is_believable`.
        budget: Events that may be walked.
        used: Types of the meta events that are wanted.

    Returns:
        All that the length covers when it is believed, else all up to the first End of Track.

    Raises:
        Broken: The track makes no sense at some byte, and there was no place before where it could end.
    """
    believed = is_believable(data, claim)
    limit = claim if believed else len(data)
    steps = _Steps(data, start, limit, used)
    end: Walked | None = None  # where the track may end at the earliest
    try:
        while steps.position < limit:
            if steps.has_end and not believed:
                break
            if not believed and data.startswith(b"MTrk", steps.position):
                break
            if end is None and (steps.has_end or start < steps.position == claim):
                end = steps.so_far()
            budget.spend()
            steps.one()
    except Broken:
        if end is None:
            raise
        return end
    return end if end is not None and not steps.has_end else steps.so_far()


def is_believable(data: bytes, end: int) -> bool:
    """Whether a chunk may end at `end`: with the file, or where another chunk begins that fits into it."""
    if end == len(data) or data.startswith(b"MTrk", end):
        return True
    kind, size = data[end : end + 4], int.from_bytes(data[end + 4 : end + 8], "big")
    return all(0x20 <= letter < 0x7F for letter in kind) and end + 8 + size <= len(data)


@dataclass(slots=True)
class _Steps:
    """A place in a track, and what was met on the way."""

    data: bytes
    start: int
    limit: int
    used: frozenset[int]
    position: int = field(init=False)
    tick: int = 0
    running: int = 0
    count: int = 0
    has_end: bool = False
    events: list[Event] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.position = self.start

    def so_far(self) -> Walked:
        return Walked(tuple(self.events), tuple(self.odd), self.tick, self.count, self.position, self.has_end)

    def one(self) -> None:
        """Step over one event."""
        at = self.position - self.start
        self.tick += self._number("time")
        status = self._take(1)[0]
        if status < 0x80:
            if not self.running:
                raise Broken(at, "a data byte where an event should begin")
            self.position -= 1
            status = self.running
        if status < 0xF0:
            self._channel(at, status)
        elif status == META:
            self._meta(at)
        elif status in (_SYSEX, _ESCAPE):
            self._skip(self._number("length"))
        else:
            self._take(_ON_A_CABLE.get(status, 0))
            self.odd.append(Odd(at, f"status {status:#04x}, which has no place in a file"))
        self.count += 1

    def _channel(self, at: int, status: int) -> None:
        self.running = status  # sysex and meta events leave it alone, as common writers expect
        sent = self._take(1 if status & 0xF0 in _SHORT else 2)
        if max(sent) > 0x7F:
            kind = _CHANNEL[status & 0xF0]
            self.odd.append(Odd(at, f"{kind} with a data byte of {max(sent)}, where 127 is the most"))
        else:
            self.events.append(Event(self.tick, at, status, sent[0], sent[-1]))

    def _meta(self, at: int) -> None:
        kind = self._take(1)[0]
        size = self._number("length")
        start = self.position
        self._skip(size)
        if kind == END_OF_TRACK:
            self.has_end = True
        elif kind in self.used:
            self.events.append(Event(self.tick, at, META, kind, 0, start, start + size))

    def _take(self, count: int) -> bytes:
        start = self.position
        self._skip(count)
        return self.data[start : self.position]

    def _skip(self, count: int) -> None:
        if self.position + count > self.limit:
            raise Broken(self.position - self.start, "it ends in the middle of an event")
        self.position += count

    def _number(self, what: str) -> int:
        """A variable-length quantity; more than four bytes are read where their value needs no more."""
        at, value = self.position - self.start, 0
        for _ in range(_MOST_PADDING):
            byte = self._take(1)[0]
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                break
        else:
            raise Broken(at, f"a {what} of more than {_MOST_PADDING} bytes, where four are the most")
        if value > _MOST_NUMBER:
            raise Broken(at, f"a {what} of {value:,}{_signed(value)}, where {_MOST_NUMBER:,} is the most")
        return value


def _signed(value: int) -> str:
    """Some writers store a time before the beginning as a negative number of 32 bits."""
    return f" (-{2**32 - value:,} as a number with a sign)" if 2**31 <= value < 2**32 else ""
