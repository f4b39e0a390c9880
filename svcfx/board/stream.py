"""A board that is being played: its row, and what went in and came out of it so far."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.board.play import Row
from svcfx.board.spec import Slot, inert, slots_of
from svcfx.errors import AudioTypeError, BoardError, InputError
from svcfx.node.arrays import Inlet, Layout, inward
from svcfx.node.channels import misfit
from svcfx.node.protocol import Node

Shape = tuple[Any, ...]
_FLUSH_ROUNDS = 12


def shape_of(slots: Sequence[Slot]) -> Shape:
    """What a row depends on. While this stays the same, so does the row."""
    return tuple(
        (id(slot.node), slot.bypassed, inert(slot.node), shape_of(slots_of(slot.node))) for slot in slots
    )


def check_rate(sample_rate: float) -> float:
    """`sample_rate` as a float above 0; pedalboard takes 0 and NaN in silence.

    Raises:
        AudioTypeError: It is no number.
        InputError: It is not finite, or not above 0.
    """
    if isinstance(sample_rate, (str, bytes, bool)) or not hasattr(sample_rate, "__float__"):
        raise AudioTypeError(f"sample_rate must be a number of Hz, got {sample_rate!r}")
    rate = float(sample_rate)
    if not math.isfinite(rate) or rate <= 0:
        raise InputError(f"sample_rate is {rate:g} Hz, must be above 0 Hz")
    return rate


class BoardStream:
    """Plays a row one-shot or piece by piece, and knows what it still owes.

    `lanes` are the automation that moves the row; until it is closed, parameters stand where they put them.
    """

    def __init__(
        self,
        row_by: Callable[[float, int], Row],
        shape: Shape,
        layout: Layout | None,
        nodes: tuple[Node, ...],
        lanes: Mapping[str, Any],
        held: ExitStack,
    ) -> None:
        self.lanes = dict(lanes)
        self._held = held
        self._row_by = row_by
        self._channels = 0
        self.row = self._row_for(0.0)
        self.shape = shape
        self.layout = layout
        self._nodes = nodes
        self._last: tuple[Inlet, float, int] | None = None
        self._owed = 0
        self._running = False

    def process(self, audio: NDArray[Any], rate: float, buffer_size: int, reset: bool) -> Samples:
        """One call, as `Board.process` describes it."""
        inlet = inward(audio, self.layout)
        self.layout = inlet.layout if inlet.layout != "mono" else self.layout
        samples = inlet.block(0, inlet.frames)
        channels = inlet.channels
        if not reset:
            self._refuse_another(channels, rate)
        self._fit(channels)
        if reset:
            return inlet.outward(self._one_shot(samples, rate, buffer_size))
        self._last = (Inlet(np.zeros((channels, 0), np.float32), inlet.layout), rate, buffer_size)
        if not self._running and self.row.sums_late(rate):
            self.row = self._row_for(rate)
        self._running = True
        given = self.row.push(samples, rate, buffer_size)
        self._owed += inlet.frames - given.shape[1]
        return inlet.outward(given)

    def flush(self) -> Samples:
        """The frames still owed; pedalboard's own advice, a last call with `reset=True`, loses them."""
        if self._last is None:
            return np.zeros(0, np.float32)
        inlet, rate, buffer_size = self._last
        channels = inlet.channels
        pieces = [np.zeros((channels, 0), np.float32)]
        missing = self._owed
        for turn in range(_FLUSH_ROUNDS):
            if missing <= 0:
                break
            silence = np.zeros((channels, max(missing, (channels + 1) << turn)), np.float32)
            pieces.append(self.row.push(silence, rate, buffer_size)[:, :missing])
            missing -= pieces[-1].shape[1]
        self.row.reset()
        self.row = self._row_for(0.0)
        self._owed, self._running = 0, False
        return inlet.outward(np.concatenate(pieces, axis=1))

    @property
    def runs(self) -> bool:
        """Whether it was given frames since it began or was flushed."""
        return self._running

    def close(self) -> None:
        """Put back what its lanes moved."""
        self._held.close()

    def latency(self, rate: float) -> int:
        """Frames that the stream is late at `rate` Hz."""
        return self.row.latency(rate)

    def _row_for(self, stream_rate: float) -> Row:
        return self._row_by(stream_rate, self._channels)

    def _fit(self, channels: int) -> None:
        """Play VST3s as these channels need it; where all take them, the row stays as it is."""
        before, self._channels = self._channels, channels
        if any(misfit(node, channels) or misfit(node, before) for node in self._nodes) and before != channels:
            self.row.reset()
            self.row = self._row_for(0.0)
            self._owed, self._running = 0, False

    def _refuse_another(self, channels: int, rate: float) -> None:
        if not self._owed or self._last is None:
            return
        before, rate_before, _ = self._last
        if (before.channels, rate_before) != (channels, rate):
            raise BoardError(
                f"a stream of {before.channels} channels at {rate_before:g} Hz was given {channels} channels "
                f"at {rate:g} Hz while it owed {self._owed} frames",
                hint="call flush() or reset() before another stream",
            )

    def _one_shot(self, samples: Samples, rate: float, buffer_size: int) -> Samples:
        if self._running:
            self.row.reset()
            self.row = self._row_for(0.0)
        self._owed, self._running = 0, False
        return self.row.one_shot(samples, rate, buffer_size)
