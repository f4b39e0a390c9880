"""The sound card, through pedalboard's AudioStream: one stream that records, one that plays.

pedalboard's `write` returns when what it got was played, so a thread of its own feeds it.
"""

import queue
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import numpy as np

from svcfx.audio import Samples
from svcfx.errors import MissingPartError, UnknownNameError, nearest

_NONE = "this machine has no sound card that pedalboard sees"
_INSTEAD = "a recording and a file can stand for microphone and loudspeaker"


def audio_stream() -> Any:
    """pedalboard's class.

    Raises:
        MissingPartError: This build of pedalboard has none.
    """
    try:
        from pedalboard.io import AudioStream
    except ImportError as error:
        raise MissingPartError("this build of pedalboard drives no sound card", hint=_INSTEAD) from error
    return AudioStream


def devices() -> tuple[Sequence[str], Sequence[str]]:
    """Names of what records, and of what plays."""
    kind = audio_stream()
    return tuple(kind.input_device_names), tuple(kind.output_device_names)


def chosen(asked: str | None, default: str | None, names: Sequence[str]) -> str:
    """The device of that name, or the system's own where none is asked for.

    Raises:
        MissingPartError: There is no device at all.
        UnknownNameError: No device has that name.
    """
    if not names:
        raise MissingPartError(_NONE, hint=_INSTEAD)
    if asked is None:
        return default or names[0]
    if asked not in names:
        known = ", ".join(names)
        raise UnknownNameError(f"no sound device is called '{asked}'{nearest(asked, names)}", hint=known)
    return asked


class SoundCard:
    """One microphone channel in, and out what was made of it; it runs inside `with`, until Ctrl-C.

    Raises:
        MissingPartError: There is no device, or it cannot be opened.
        UnknownNameError: No device has that name.
    """

    channels = 1
    speed = 1.0

    def __init__(self, microphone: str | None, loudspeaker: str | None, *, recorded: bool) -> None:
        kind = audio_stream()
        record = chosen(microphone, kind.default_input_device_name, kind.input_device_names)
        play = chosen(loudspeaker, kind.default_output_device_name, kind.output_device_names)
        try:
            self._in = kind(input_device_name=record, num_input_channels=1)
            self.sample_rate = round(self._in.sample_rate)
            self._out = kind(output_device_name=play, sample_rate=self._in.sample_rate)
        except (RuntimeError, ValueError) as error:
            raise MissingPartError(f"'{record}' and '{play}' could not be opened: {error}") from error
        self._in.ignore_dropped_input = True
        self._at, self._recorded = 0, recorded
        self._pieces = [np.zeros((1, 0), np.float32)]
        self._due: queue.SimpleQueue[Samples | None] = queue.SimpleQueue()
        self._stack = ExitStack()
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._failed = ""
        self._over = False

    def __enter__(self) -> "SoundCard":
        # The microphone first, and until it runs: were the loudspeaker ahead, each block would come too late.
        self._stack.enter_context(self._in)
        self._in.read(1)
        self._stack.enter_context(self._out)
        self._in.read(int(self._in.buffered_input_sample_count or 0))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._over = True
        self._due.put(None)
        self._thread.join()
        self._stack.close()
        return kind is KeyboardInterrupt  # which is how one stops to sing

    @property
    def captured(self) -> int:
        """Frames recorded so far."""
        return self._at + int(self._in.buffered_input_sample_count or 0)

    @property
    def position(self) -> int:
        """Frames that were read or lost so far."""
        return self._at

    def read(self, frames: int) -> Samples:
        """The next frames, when they were recorded; those that the card lost count as passed."""
        lost = int(self._in.dropped_input_frame_count or 0)
        samples = np.asarray(self._in.read(frames), np.float32).reshape(1, -1)
        self._at += samples.shape[1] + lost
        return samples

    def skip(self, frames: int) -> None:
        """Go past frames."""
        self._at += np.asarray(self._in.read(frames)).size

    def play(self, samples: Samples) -> None:
        """Play behind what is waiting.

        Raises:
            MissingPartError: The device that plays gave up.
        """
        if self._failed:
            raise MissingPartError(f"the sound card stopped playing: {self._failed}")
        self._keep(samples)
        if samples.shape[1]:
            self._due.put(samples)

    def fell_silent(self, frames: int) -> None:
        """The card was silent by itself."""
        self._keep(np.zeros((1, frames), np.float32))

    @property
    def played(self) -> Samples:
        """All that was played where it is recorded, shape (1, frames)."""
        return np.concatenate(self._pieces, axis=1)

    def _keep(self, samples: Samples) -> None:
        if self._recorded:
            self._pieces.append(samples)

    def _feed(self) -> None:
        channels = max(int(self._out.num_output_channels), 1)
        while (samples := self._due.get()) is not None and not self._over:
            try:
                self._out.write(np.repeat(samples, channels, axis=0), self.sample_rate)
            except Exception as error:  # it is told where the next block is played
                self._failed = str(error)
                return
