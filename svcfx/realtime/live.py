"""A board between what comes in and what goes out, block by block.

A block is processed while the next is captured and the one before is played, so what is heard is late by two
blocks and by what the board's stream withholds. A board that takes longer leaves nothing to play: the gap is
as long as it was late, and as many frames of input are dropped, so the next frame has its latency again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from svcfx.audio import Samples
from svcfx.board import Board
from svcfx.errors import InputError
from svcfx.realtime.controls import Controls
from svcfx.realtime.device import Device

BLOCKS_LATE = 2
MOST_BEHIND_SECONDS = 1.0
"""Later than this, what the board still holds is forgotten, too."""
BLOCK_MS = (1.0, 2000.0)


@dataclass(frozen=True, slots=True)
class Overload:
    """One block that took longer than its length, or came when there was nothing left to play."""

    at_seconds: float
    """Where in the input the block ends."""
    took_seconds: float
    allowed_seconds: float
    dropped_frames: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How a live run went."""

    sample_rate: int
    block_frames: int
    latency_samples: int
    """From a frame captured to the same frame played: two blocks, and what the board withholds."""
    blocks: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    overloads: int
    dropped_frames: int
    most_behind_samples: int
    """How much later than its latency anything was ready."""


def block_frames(block_ms: float, sample_rate: int) -> int:
    """Frames of a block.

    Raises:
        InputError: It is outside `BLOCK_MS`.
    """
    low, high = BLOCK_MS
    if not low <= block_ms <= high:
        raise InputError(f"a block is {block_ms:g} ms, outside {low:g} to {high:g} ms")
    return max(round(block_ms * sample_rate / 1000.0), 1)


class Live:
    """A run of `board`, turned by `controls`, between the two ends of `device`; `now` gives seconds."""

    def __init__(
        self,
        board: Board,
        device: Device,
        block_ms: float,
        *,
        controls: Controls | None = None,
        on_overload: Callable[[Overload], None] = lambda _overload: None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._board, self._device, self._rate = board, device, device.sample_rate
        self._controls = controls
        self._lanes = controls.lanes if controls else {}
        self._block = block_frames(block_ms, self._rate)
        self._on_overload, self._now = on_overload, now
        self.latency_samples = BLOCKS_LATE * self._block + self._warmed()
        self._position = self._fed = self._owed = self._scheduled = 0
        self._holes: list[tuple[int, int]] = []  # frames fed before input was dropped, and how much it was
        self._took: list[float] = []
        self._overloads = self._dropped = self._most_behind = 0

    def run(self) -> None:
        """Play until the device has no more, and then what the board still holds."""
        with self._device:
            self._play(self._zeros(self.latency_samples))
            while (block := self._device.read(self._block)).shape[1]:
                self._one(block)
            self._play(self._board.flush() if self._owed else self._zeros(0))
        self._board.reset()

    def figures(self) -> Figures:
        """How it went so far."""
        times = 1000.0 * np.asarray(self._took or [0.0])
        p50, p95, p99 = (float(value) for value in np.percentile(times, (50, 95, 99)))
        return Figures(
            self._rate, self._block, self.latency_samples, len(self._took), p50, p95, p99,
            float(times.max()), self._overloads, self._dropped, self._most_behind,
        )  # fmt: skip

    def _warmed(self) -> int:
        """Have weights loaded before the clock runs; frames that the board's stream withholds."""
        self._board.process(self._zeros(self._block), self._rate, reset=False, automation=self._lanes)
        withheld = self._board.latency_samples
        self._board.reset()
        return withheld

    def _one(self, block: Samples) -> None:
        begun = self._now()
        if self._controls is not None:
            starts, ends, fed = self._position, self._position + block.shape[1], self._fed
            self._controls.play(starts / self._rate, ends / self._rate, fed / self._rate)
        given = self._board.process(block, self._rate, reset=False, automation=self._lanes)
        self._took.append(self._now() - begun)
        self._position += block.shape[1]
        self._fed += block.shape[1]
        self._owed += block.shape[1] - given.shape[1]
        before = self._dropped
        self._play(self._on_time(given))
        self._tell(self._dropped - before)

    def _on_time(self, given: Samples) -> Samples:
        """What of `given` is played, after input was dropped for as long as there was nothing to play."""
        captured = self._device.captured
        behind = captured - self._scheduled
        if behind <= 0:
            return given
        oldest = self._fed - self._owed - given.shape[1]
        self._holes = [hole for hole in self._holes if hole[0] > oldest]
        stale = behind + sum(frames for _, frames in self._holes)  # each of them was a gap before these
        self._most_behind = max(self._most_behind, stale)
        self._device.fell_silent(behind)
        self._scheduled = captured
        if stale > MOST_BEHIND_SECONDS * self._rate:
            return self._afresh(captured, given)
        self._holes.append((self._fed, behind))
        self._drop(behind)
        return given

    def _afresh(self, captured: int, given: Samples) -> Samples:
        """Forget all that came in so far; the silence that then stands for the latency."""
        self._board.reset()
        if self._controls is not None:
            self._controls.begin()
        self._dropped += self._owed + given.shape[1]
        self._fed = self._owed = 0
        self._holes.clear()
        self._drop(captured - self._position)
        return self._zeros(self.latency_samples)

    def _drop(self, frames: int) -> None:
        self._device.skip(frames)
        self._position += frames
        self._dropped += frames

    def _play(self, samples: Samples) -> None:
        self._device.play(samples)
        self._scheduled += samples.shape[1]

    def _tell(self, dropped: int) -> None:
        speed = self._device.speed
        allowed = self._block / (self._rate * speed) if speed else np.inf
        if dropped or self._took[-1] > allowed:
            self._overloads += 1
            at = self._position / self._rate
            self._on_overload(Overload(at, self._took[-1], allowed, dropped))

    def _zeros(self, frames: int) -> Samples:
        return np.zeros((self._device.channels, frames), np.float32)
