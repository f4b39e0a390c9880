"""Whether a render was cut while its effects still sounded."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.dsp import levels
from svcfx.events import Note
from svcfx.keeping import Arrays, afresh
from svcfx.render.engine import NO_STORE
from svcfx.render.job import Job
from svcfx.render.steps import Steps

if TYPE_CHECKING:
    from svcfx.board import Board

LAST_SECONDS = 0.01
QUIET_DB = -60.0
"""Against the peak: what a reverb's decay time is measured down to (RT60)."""
_ENDING_SECONDS = 4.0
_BEHIND_SECONDS = 0.06
_BLOCK = 1 << 20


class Sound(Protocol):
    """Samples that need not all be there at once."""

    @property
    def frames(self) -> int:
        """How many."""
        ...

    def part(self, first: int, last: int) -> NDArray[np.floating]:
        """Frames from `first` to `last`, shape (channels, n)."""
        ...

    def peak(self, first: int, last: int) -> float:
        """Largest of these without its sign."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """Samples that are there, shape (channels, frames)."""

    samples: Samples

    @property
    def frames(self) -> int:
        """How many."""
        return int(self.samples.shape[1])

    def part(self, first: int, last: int) -> Samples:
        """Frames from `first` to `last`."""
        return self.samples[:, first:last]

    def peak(self, first: int, last: int) -> float:
        """Largest of these without its sign."""
        return levels.peak(self.part(first, last))


def notes(sound: Sound, sample_rate: int, ringing: int, label: str, longer: str) -> list[Note]:
    """A warning when the last 10 ms of a render are above -60 dB of its peak though the source was over.

    Args:
        sound: What the effects made.
        sample_rate: Its rate.
        ringing: The frame from which only effects sound (`ringing_from`).
        label: What was rendered, for the sentence.
        longer: How to make the tail longer.
    """
    last = max(round(LAST_SECONDS * sample_rate), 1)
    frames = sound.frames
    if frames <= last or ringing > frames - last:
        return []
    level = float(np.sqrt(np.mean(np.square(sound.part(frames - last, frames), dtype=np.float64))))
    peak = 0.0
    for first in range(0, frames, _BLOCK):  # most often what is loud enough comes soon
        peak = max(peak, sound.peak(first, min(first + _BLOCK, frames)))
        if level <= peak * 10.0 ** (QUIET_DB / 20.0):
            return []
    against_peak = 20.0 * math.log10(level / peak)
    return [
        Note(
            "tail-cut",
            f"{label} still sounds where it ends, at {20.0 * math.log10(level):.1f} dBFS RMS, "
            f"{-against_peak:.0f} dB below its peak: {longer}",
        )
    ]


def ringing_from(job: Job, steps: Steps = NO_STORE) -> int:
    """The frame from which only effects sound, as `notes` takes it; the job's samples go into its board.

    That is where the source is over. Where it sounds to its last frame, its end is played once more with
    silence behind it: effects that ring on into that are cut from the last 10 ms on, others never.
    """
    frames = job.shape[1]
    if job.board is None:
        return frames
    keep = steps.part if job.source else afresh
    found = keep("over", 1, (job.source,), lambda: _over(job.samples))
    over, threshold = int(found["over"].item()), float(found["threshold"].item())
    last = max(round(LAST_SECONDS * job.sample_rate), 1)
    if over <= frames - last:
        return over
    return frames - last if _rings(job.board, job.samples, job.sample_rate, threshold) else frames


def _over(samples: Samples) -> Arrays:
    """The frame behind the last that sounds, and 60 dB below the loudest as a gain."""
    threshold = levels.peak(samples) * 10.0 ** (QUIET_DB / 20.0)
    over = _last_above(samples, threshold) if threshold > 0.0 else 0
    return {"over": np.array(over), "threshold": np.array(threshold)}


def _last_above(samples: Samples, threshold: float) -> int:
    """The frame behind the last one that is louder; looked for from the end."""
    for stop in range(samples.shape[1], 0, -_BLOCK):
        first = max(stop - _BLOCK, 0)
        loud = np.flatnonzero(np.abs(samples[:, first:stop]).max(axis=0) > threshold)
        if loud.size:
            return first + int(loud[-1]) + 1
    return 0


def _rings(board: "Board", samples: Samples, sample_rate: int, threshold: float) -> bool:
    """Whether the board's effects sound on behind the end of `samples`; its voices are left out."""
    from svcfx.board import Board
    from svcfx.node import VoiceConversion

    effects = Board([slot for slot in board.slots if not isinstance(slot.node, VoiceConversion)])
    if len(effects) == 0:
        return False
    ending = samples[:, -round(_ENDING_SECONDS * sample_rate) :]
    behind = round(_BEHIND_SECONDS * sample_rate)
    played = effects(np.pad(ending, ((0, 0), (0, behind))), sample_rate)
    rest = played[:, -round(LAST_SECONDS * sample_rate) :]
    return float(np.sqrt(np.mean(np.square(rest, dtype=np.float64)))) > threshold
