"""The sung line drawn to notes or moved by steps of a scale: which note is meant, how far off it is sung.

A singer means one note for a while. Another one is meant from the frame on at which it lies nearer and stays
so: what it lies nearer by, added up over a quarter of a second, must pass `EVIDENCE`. The swings of a vibrato
do not. What lies slower than 4 Hz in the way off the note is the detuning, found under a Hann window whose
first null lies there and which does not look past the note; the rest is vibrato.

T frames. All depends on `frames_ahead` frames that follow and on what was sung since the last breath, never
on where the line is cut into pieces.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.scales import OCTAVE, Scale, note_numbers
from svcfx.chain.track import RowBuffer
from svcfx.chain.voice import Curves, first_up

Values = NDArray[np.float64]
Notes = NDArray[np.bool_]
VIBRATO_HZ = 4.0
NOTE_SECONDS = 0.25
"""How far ahead of a frame the note that is meant there is looked for."""
EVIDENCE = 0.06
"""Semitone seconds. A vibrato of 60 cents about a line 40 cents off gives 0.057 to the next note; a new note
a semitone away has that much after 60 ms."""
SPREAD_SECONDS = 0.15
"""How early or late a singer may reach a note of `target_note`."""
HELD_FROM, HELD_FULL, HELD_SECONDS = 0.15, 0.45, 1.0
"""Age of a note in seconds from which `humanize` works, and works in full; then its time constant."""
NAMES = ("retune", "scale_steps", "part_note")
"""Knobs that ask which notes are meant, where they do not stand at 0."""
CHANGE_SECONDS = 0.05
"""How long before and behind a new note a line that moves by steps changes over to its interval."""


def at_work(curves: Curves) -> str:
    """The first knob that asks which notes are meant; "" where none does."""
    return first_up(curves, NAMES)


@dataclass(slots=True)
class Melody:
    """Draws one line as the curves of the table's rows say, from frame `first` on.

    Attributes:
        scale: Notes that are allowed where no `target_note` says which.
        frame_seconds: Time from one frame to the next; frame 0 lies at `origin_seconds` of the curves.
    """

    scale: Scale
    frame_seconds: float
    origin_seconds: float = 0.0
    first: int = 0
    _f0: RowBuffer = field(init=False)
    _line: RowBuffer = field(init=False)
    _notes: RowBuffer = field(init=False)
    _pull: float = 0.0
    done: int = field(init=False)

    def __post_init__(self) -> None:
        self._f0, self._line = RowBuffer(dtype=np.float64), RowBuffer(dtype=np.float64, fill=np.nan)
        self._notes = RowBuffer((2,), np.int64, fill=-1)
        for track in (self._f0, self._line, self._notes):
            track.start = self.first
        self.done = self.first

    @property
    def frames_ahead(self) -> int:
        """Frames behind one that must be known before it is drawn."""
        return self._frames(NOTE_SECONDS) + self._reach

    @property
    def _reach(self) -> int:
        return self._frames(1.0 / VIBRATO_HZ)

    def _frames(self, seconds: float) -> int:
        return round(seconds / self.frame_seconds)

    def push(self, f0_hz: Values, curves: Curves) -> Values:
        """Take the next frames (T,), 0 where unvoiced; return those that are settled, in order, as drawn."""
        self._f0.append(f0_hz)
        with np.errstate(divide="ignore"):
            semitones = note_numbers(f0_hz)
        self._line.append(np.where(f0_hz > 0, semitones, np.nan))
        self._find(self._line.end - self._frames(NOTE_SECONDS), curves)
        first, stop = self.done, self._notes.end - self._reach
        if stop <= first:
            return np.zeros(0)
        drawn = self._f0.read(first, stop) * self._ratios(first, stop, curves)
        self.done = stop
        for track in (self._f0, self._line, self._notes):
            track.forget(stop - self._reach)
        return np.asarray(drawn)

    def flush(self, curves: Curves) -> Values:
        """What is left."""
        left = self._line.end - self.done
        return self.push(np.zeros(self.frames_ahead), curves)[:left]

    def _find(self, stop: int, curves: Curves) -> None:
        """Settle what note is meant in frames up to `stop`."""
        first = self._notes.end
        if stop <= first:
            return
        ahead = self._frames(NOTE_SECONDS)
        line = self._line.read(first, stop + ahead)
        allowed = self._allowed(first, stop, curves)
        off = np.abs(_folded(line[:, None] - np.arange(OCTAVE)))
        found = self._notes.read(first - 1, first).tolist()
        for frame in range(stop - first):
            before, since = found[-1]
            note = -1
            if not np.isnan(line[frame]):
                note = _meant(before, off[frame : frame + ahead], allowed[frame], self.frame_seconds)
            found.append((note, since if note == before else first + frame))
        self._notes.append(np.array(found[1:], np.int64))

    def _allowed(self, first: int, stop: int, curves: Curves) -> Notes:
        """Notes (T, 12) that a line may be drawn to: those of `target_note` round about, else the scale's."""
        spread = self._frames(SPREAD_SECONDS)
        targets = self._values("target_note", first - spread, stop + spread, curves)
        targets = np.round(targets).astype(np.int64)
        named = np.zeros((len(targets) + 1, OCTAVE), np.int64)
        rows = np.flatnonzero(targets > 0)
        named[rows + 1, targets[rows] % OCTAVE] = 1
        counted = np.cumsum(named, axis=0)
        near = counted[2 * spread + 1 :] > counted[: len(counted) - 2 * spread - 1]
        return np.where(near.any(1, keepdims=True), near, np.array(self.scale.notes))

    def _ratios(self, first: int, stop: int, curves: Curves) -> Values:
        """Factors of f0 for frames `first` to `stop`; 1 exactly where nothing is to be done."""
        notes, since = self._notes.read(first, stop).T
        off = _folded(self._line.read(first, stop) - notes)
        slow = self._slow(first, stop)
        read = {
            name: self._values(name, first, stop, curves)
            for name in ("retune", "retune_ms", "humanize", "keep_vibrato", "bias_cents")
        }
        wanted = read["bias_cents"] / 100.0 - slow - (1.0 - read["keep_vibrato"]) * (off - slow)
        age = (np.arange(first, stop) - since) * self.frame_seconds
        held = np.clip((age - HELD_FROM) / (HELD_FULL - HELD_FROM), 0.0, 1.0)
        lag = read["retune_ms"] / 1000.0 + HELD_SECONDS * read["humanize"] * held
        share = np.where(lag > 0, -np.expm1(-self.frame_seconds / np.where(lag > 0, lag, 1.0)), 1.0)
        moved = read["retune"] * self._followed(wanted, share) + self._intervals(first, stop, curves)
        return np.where((notes < 0) | (moved == 0.0), 1.0, 2.0 ** (moved / OCTAVE))

    def _intervals(self, first: int, stop: int, curves: Curves) -> Values:
        """Semitones to the note of `part_note`, or else up by `scale_steps`, changing over as notes do."""
        reach = self._frames(CHANGE_SECONDS)
        low, high = first - reach, stop + reach
        steps, parts = (
            np.round(self._values(name, low, high, curves)).astype(np.int64)
            for name in ("scale_steps", "part_note")
        )
        notes = self._notes.read(low, high)[:, 0]
        line = self._line.read(low, high)
        meant = np.round(np.where(notes < 0, 0.0, line - _folded(line - notes)))
        counts, which = np.unique(steps, return_inverse=True)
        by_steps = np.array([self.scale.shifts(count) for count in counts.tolist()])
        moved = np.where(parts > 0, parts - meant, by_steps[which, notes])
        sung = (notes >= 0).astype(np.float64)
        kernel = np.hanning(2 * reach + 3)[1:-1]
        total = np.convolve(np.where(sung > 0, moved, 0.0), kernel, "valid")
        return np.asarray(total / np.maximum(np.convolve(sung, kernel, "valid"), 1e-9))

    def _followed(self, wanted: Values, share: Values) -> Values:
        """What is wanted, followed by a low-pass of first order that begins at 0 with each voiced stretch."""
        out = np.zeros(len(wanted))
        for frame, (target, part) in enumerate(zip(wanted.tolist(), share.tolist(), strict=True)):
            self._pull = 0.0 if target != target else self._pull + part * (target - self._pull)
            out[frame] = self._pull
        return out

    def _slow(self, first: int, stop: int) -> Values:
        """How far off its note the line is without its vibrato, NaN where unvoiced: a weighted mean of the
        frames around each that are of one note with it."""
        reach = self._reach
        notes, since = self._notes.read(first - reach, stop + reach).T
        off = _folded(self._line.read(first - reach, stop + reach) - notes)
        off = np.where(notes < 0, 0.0, off)
        middle = slice(reach, reach + stop - first)
        total, weights = np.zeros(stop - first), np.zeros(stop - first)
        for shift, weight in zip(range(-reach + 1, reach), np.hanning(2 * reach + 1)[1:-1], strict=True):
            beside = slice(reach + shift, reach + shift + stop - first)
            same = weight * (since[beside] == since[middle])
            total += same * off[beside]
            weights += same
        return np.where(notes[middle] < 0, np.nan, total / np.maximum(weights, 1e-9))

    def _values(self, name: str, first: int, stop: int, curves: Curves) -> Values:
        seconds = self.origin_seconds + np.arange(first, stop) * self.frame_seconds
        return np.asarray(curves[name].at(np.maximum(seconds, 0.0)), np.float64)


def drawn(f0_hz: Values, voiced: Values, melody: Melody, curves: Curves) -> Values:
    """A whole line (T,) drawn to its notes; frames that are not `voiced` keep what fills them."""
    heard = np.where(voiced > 0, f0_hz, 0.0)
    line = np.concatenate([melody.push(heard, curves), melody.flush(curves)])
    return np.where(heard > 0, line, f0_hz)


def _folded(semitones: Values) -> Values:
    """The same distance to the nearest octave of a note, -6 to 6."""
    return np.asarray((semitones + OCTAVE / 2) % OCTAVE - OCTAVE / 2)


def _meant(note: int, off: Values, allowed: Notes, frame_seconds: float) -> int:
    """The note that is meant at the first of some frames, `off` (n, 12) their distances to each; `note` was
    meant before, -1 after a breath."""
    there = ~np.isnan(off[:, 0])
    off = off[: int(np.argmin(there))] if not there.all() else off
    if note < 0 or not allowed[note]:
        onset = (1.0 - np.arange(len(off)) * frame_seconds / NOTE_SECONDS) @ np.minimum(off, 1.0)
        return int(np.argmin(np.where(allowed, onset, np.inf)))
    nearer = np.where(allowed, off[0], np.inf)
    if np.argmin(nearer) == note:
        return note
    gained = np.cumsum(off[:, note, None] - off, axis=0) * frame_seconds
    won = np.where(np.logical_and.accumulate(gained > 0, axis=0) & allowed, gained, 0.0)
    enough = np.flatnonzero(won.max(1) > EVIDENCE)
    return int(np.argmax(won[enough[0]])) if len(enough) else note
