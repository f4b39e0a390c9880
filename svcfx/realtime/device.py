"""What sound comes from and goes to while time runs: a sound card, or a recording that plays its part."""

import time
from types import TracebackType
from typing import Protocol

import numpy as np

from svcfx.audio import Audio, Samples
from svcfx.errors import InputError


class Device(Protocol):
    """Gives and takes frames on one clock, inside `with`: while frame n is captured, frame n is played."""

    sample_rate: int
    channels: int
    speed: float
    """Seconds of sound in a second of the clock; 0 where no clock runs."""

    def __enter__(self) -> object: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None: ...

    @property
    def captured(self) -> int:
        """Frames captured so far, read or not; as many have been played."""
        ...

    @property
    def position(self) -> int:
        """Frames that were read or lost so far."""
        ...

    def read(self, frames: int) -> Samples:
        """The next frames, shape (channels, frames), once they are captured; fewer only at the end."""
        ...

    def skip(self, frames: int) -> None:
        """Go past frames that are captured and were not read."""
        ...

    def play(self, samples: Samples) -> None:
        """Play these behind what was given before."""
        ...

    def fell_silent(self, frames: int) -> None:
        """Take note that so many frames passed with nothing to play."""
        ...


class Clock(Protocol):
    """Seconds that pass."""

    def now(self) -> float:
        """Seconds since some beginning."""
        ...

    def wait_until(self, seconds: float) -> None:
        """Return when `now()` is there."""
        ...


class WallClock:
    """The clock of the machine."""

    def now(self) -> float:
        """Seconds since some beginning."""
        return time.perf_counter()

    def wait_until(self, seconds: float) -> None:
        """Sleep; return at once where the time is over."""
        time.sleep(max(seconds - self.now(), 0.0))


class RecordedInput:
    """A recording that arrives as a microphone's sound would, `speed` times as fast; 0 is at once.

    What a sound card would have played, from the first frame on, is in `played`.
    """

    def __init__(self, sound: Audio, speed: float, clock: Clock) -> None:
        if not (np.isfinite(speed) and speed >= 0.0):
            raise InputError(f"the realtime factor is {speed:g}, must be 0 (no clock) or above")
        self.sample_rate, self.channels, self.speed = sound.sample_rate, len(sound.samples), float(speed)
        self._samples, self._clock = sound.samples, clock
        self._at, self._begun = 0, clock.now()
        self._pieces = [np.zeros((self.channels, 0), np.float32)]

    def __enter__(self) -> "RecordedInput":
        self._begun = self._clock.now()
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is left open."""

    @property
    def captured(self) -> int:
        """Frames that have arrived."""
        if not self.speed:
            return self._at
        arrived = int((self._clock.now() - self._begun) * self.sample_rate * self.speed)
        return max(self._at, min(arrived, len(self._samples[0])))

    @property
    def position(self) -> int:
        """Frames that were read so far."""
        return self._at

    def read(self, frames: int) -> Samples:
        """The next frames, when they have arrived."""
        start, self._at = self._at, min(self._at + frames, self._samples.shape[1])
        if self.speed:
            self._clock.wait_until(self._begun + self._at / (self.sample_rate * self.speed))
        return self._samples[:, start : self._at]

    def skip(self, frames: int) -> None:
        """Go past frames."""
        self._at += frames

    def play(self, samples: Samples) -> None:
        """Keep them."""
        self._pieces.append(samples)

    def fell_silent(self, frames: int) -> None:
        """Keep the silence."""
        self._pieces.append(np.zeros((self.channels, frames), np.float32))

    @property
    def played(self) -> Samples:
        """All that was played, shape (channels, frames)."""
        return np.concatenate(self._pieces, axis=1)
