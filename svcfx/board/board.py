"""`Board`: what pedalboard calls `Pedalboard`, in a form that also holds our nodes."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.board import automate
from svcfx.board.build import Curves, RowPlan, row_of
from svcfx.board.cut import moved
from svcfx.board.nodes import Nodes
from svcfx.board.play import Row, RowKeeper
from svcfx.board.spec import Slot, refuse_twice, tree
from svcfx.board.stream import BoardStream, check_rate, shape_of
from svcfx.errors import BoardError
from svcfx.events import Events
from svcfx.node import frozen, native, native_run
from svcfx.node.arrays import Layout, check_buffer_size, inward
from svcfx.node.native import NativePlugin
from svcfx.node.protocol import Node


class Board(Nodes):
    """Effects in order: pedalboard plugins, native `Chain`, `Mix` and `Pedalboard`, VST3s, svcfx nodes,
    other boards, and `None`, which passes audio on.

    A superset of `pedalboard.Pedalboard`. Each maximal run of native plugins is one native call.
    Boards copy and pickle, though native plugins do not. One board is played by one thread at a time.

    Args:
        nodes: Any iterable of nodes, or of `Slot`s where a node has a name or is bypassed.

    Raises:
        AudioTypeError: An element is nothing that processes audio.
        InputError: An element is an instrument.
    """

    is_effect = True
    is_instrument = False
    sums_branches = False

    def __init__(self, nodes: Iterable[Node | Slot | None] = ()) -> None:
        super().__init__(nodes)
        self._lock = threading.RLock()
        self._stream: BoardStream | None = None
        self._rate = 44_100.0

    def process(
        self,
        input_array: NDArray[np.floating],
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
        automation: Mapping[str, Any] | None = None,
    ) -> Samples:
        """Run audio through the board; float32 out, in the layout that came in.

        Args:
            input_array: float32 or float64, (frames,), (channels, frames) or (frames, channels).
            sample_rate: In Hz, above 0.
            buffer_size: A memory hint of at least 1 frame; the output does not depend on it.
            reset: True keeps the length and compensates latency. False goes on with a stream, and may
                return fewer frames than came in; `flush()` returns the rest. The two together equal the
                one-shot call, but for `PitchShift` and `GSMFullRateCompressor`, which pedalboard streams
                differently from its own one-shot call.
            automation: Curves by address (`svcfx.board.address`): a `Lane`, any `Curve` in seconds from
                the start of this array, or an array with one value a sample; for a choice or a switch also
                a name, or (seconds, name) pairs, each of which holds until the next. A stream takes lanes and
                numbers, the same in each of its calls, in seconds from its first frame; until its
                `flush()` the parameters stand where they put them.

        Raises:
            AudioShapeError, AudioTypeError: The array, rate or buffer size is not as above.
            BoardError: One node stands at two places; a stream under way is given other lanes.
            ParamError: An address or a value of the automation is wrong.
        """
        with self._playing(sample_rate) as rate:
            buffer_size = check_buffer_size(buffer_size)
            if automation and reset:
                return self._automated(input_array, buffer_size, automation, None)
            return self._with(automation or {}, reset).process(input_array, rate, buffer_size, reset)

    __call__ = process

    def perform(
        self,
        input_array: NDArray[np.floating],
        sample_rate: float,
        automation: Mapping[str, Any],
        events: Events,
    ) -> Samples:
        """The whole of `input_array` as `process` gives it; what its nodes have to say, and how far they
        are, goes to `events`.

        Raises:
            Cancelled: `events` asked to stop.
        """
        with self._playing(sample_rate):
            return self._automated(input_array, 8192, automation, events)

    def resumed(
        self,
        shape: tuple[int, int],
        fetch: Callable[[], Samples],
        sample_rate: float,
        automation: Mapping[str, Any],
        events: Events,
        keeper: RowKeeper,
    ) -> Samples:
        """As `perform`, from the last part on that `keeper` knows; what each part gives is shown to it.

        Args:
            shape: Channels and frames.
            fetch: Gives the samples, float32, where a part has to hear them; they may come back themselves.

        Raises:
            Cancelled: `events` asked to stop.
        """
        with self._playing(sample_rate) as rate:
            self._end()
            with self._held(automation, *shape, events) as row:
                return row.kept(shape, fetch, rate, 8192, keeper)

    @contextmanager
    def _playing(self, sample_rate: float) -> Iterator[float]:
        """Nobody else plays meanwhile; gives the rate, checked."""
        rate = check_rate(sample_rate)
        refuse_twice(self)
        with self._lock:
            self._rate = rate
            yield rate

    @contextmanager
    def planned(
        self, channels: int, frames: int, sample_rate: float, automation: Mapping[str, Any]
    ) -> Iterator[Row]:
        """The row that `perform` would play, with what stands still in its place; nothing is played."""
        refuse_twice(self)
        with self._lock:
            before, self._rate = self._rate, check_rate(sample_rate)
            try:
                with self._held(automation, channels, frames, None) as row:
                    yield row
            finally:
                self._rate = before

    def flush(self) -> Samples:
        """End a stream: the frames that it still owes, in the layout of the last call."""
        with self._lock:
            left = self._current().flush()
            self._end()
            return left

    def reset(self) -> None:
        """Forget all state; parameters stay."""
        with self._lock:
            for slot in self._slots:
                if slot.node is not None:
                    slot.node.reset()
            self._end()

    @property
    def latency_samples(self) -> int:
        """Frames that a stream is late, at the rate of the last call (44.1 kHz before the first)."""
        with self._lock:
            return self._current().latency(self._rate)

    def native(self) -> NativePlugin:
        """These plugins as pedalboard's own `Chain` (a `Mix` as its `Mix`), to stand in a native container.

        The plugins are the same objects; what is added to the board later is not in it.

        Raises:
            BoardError: A node is not pedalboard's, or is bypassed or played another way; it is named.
        """
        return native_run.container([_as_native(slot) for slot in self._slots], sums=self.sums_branches)

    def _row(
        self, curves: Curves, stream_rate: float = 0.0, channels: int = 0, events: Events | None = None
    ) -> Row:
        slots = [Slot(self)] if self.sums_branches else self._slots
        return row_of(slots, RowPlan(moved, curves, stream_rate, channels, events))

    def _with(self, lanes: Mapping[str, Any], reset: bool) -> BoardStream:
        """The stream that these lanes move; one that is under way keeps those that it began with."""
        now = self._current()
        if now.lanes == lanes:
            return now
        if now.runs and not reset:
            raise BoardError(
                "a stream that is under way was given other lanes than those that it began with",
                hint="call flush() or reset() first, or give it the same automation in each call",
            )
        return self._begin(lanes)

    def _current(self) -> BoardStream:
        """The stream of the board as it is built now; a change of its tree begins another one."""
        if self._stream is None or self._stream.shape != shape_of(self._slots):
            return self._begin({})
        return self._stream

    def _begin(self, lanes: Mapping[str, Any]) -> BoardStream:
        layout: Layout | None = self._stream.layout if self._stream else None
        self._end()
        moves = automate.moves_of(self._slots, lanes, None, self._rate)
        with ExitStack() as held:
            held.enter_context(automate.held(moves))
            nodes = tuple(tree(self))  # kept alive: pedalboard makes children anew when asked, and ids recur
            row_by = partial(self._row, automate.moving(moves))
            self._stream = BoardStream(row_by, shape_of(self._slots), layout, nodes, lanes, held.pop_all())
        return self._stream

    def _end(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    @contextmanager
    def _held(
        self, automation: Mapping[str, Any], channels: int, frames: int, events: Events | None
    ) -> Iterator[Row]:
        moves = automate.moves_of(self._slots, automation, frames, self._rate)
        with automate.held(moves):
            yield self._row(automate.moving(moves), channels=channels, events=events)

    def _automated(
        self,
        audio: NDArray[np.floating],
        buffer_size: int,
        automation: Mapping[str, Any],
        events: Events | None,
    ) -> Samples:
        layout = self._current().layout
        inlet = inward(audio, layout)
        self._end()
        with self._held(automation, inlet.channels, inlet.frames, events) as row:
            given = row.one_shot(inlet.block(0, inlet.frames), self._rate, buffer_size)
        self._current().layout = layout if inlet.layout == "mono" else inlet.layout
        return inlet.outward(given)

    def __reduce__(self) -> tuple[Any, ...]:
        places = [(frozen.freeze(slot.node), slot.name, slot.bypassed) for slot in self._slots]
        return _thaw, (type(self), places)


class Mix(Board):
    """Branches beside each other, added at unity and aligned to the latest; `None` is the dry branch.

    As pedalboard's `Mix`, but it also holds our nodes, and may be appended to.
    """

    sums_branches = True
    stands_for = "Mix"


def _as_native(slot: Slot) -> NativePlugin | None:
    if isinstance(slot.node, Board) and not slot.bypassed:
        return slot.node.native()
    if slot.bypassed or not native.runs_natively(slot.node):
        why = "is bypassed" if slot.bypassed else "is none of pedalboard's own"
        raise BoardError(
            f"this board cannot stand in a native container: its {slot.called} {why}",
            hint="put the board into svcfx.board.Mix([...]) or Board([...]) instead",
        )
    assert slot.node is None or native.is_plugin(slot.node)
    return slot.node


def _thaw(kind: type[Board], places: list[tuple[object, str, bool]]) -> Board:
    return kind([Slot(frozen.thaw(node), name, bypassed) for node, name, bypassed in places])
