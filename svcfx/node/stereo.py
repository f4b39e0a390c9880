"""Several channels through a mono conversion, and back.

`mid` converts the mean of the channels and leaves what tells them apart out; `mid_with_side` adds that
back dry; `dual_mono` converts each channel by itself.
"""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.events import Events, Note

Gains = NDArray[np.float32]
MOST_LOST_DB = 3.0
AUDIBLE_POWER = 1e-8


def sources(samples: Samples, policy: str) -> Samples:
    """The mono signals to convert, (sources, frames), of (channels, frames)."""
    if policy == "dual_mono" or len(samples) == 1:
        return samples
    return np.asarray(samples.mean(0, keepdims=True, dtype=np.float32), np.float32)


def blend(dry: Samples, wet: Samples, policy: str, mix: Gains, gain: Gains) -> Samples:
    """Output (channels, frames) of the input `dry` and the conversion `wet` (sources, frames).

    `mix` and `gain` are linear, (frames,); where `mix` is 0 the output is `dry` to the bit.
    """
    voice = wet * gain
    if policy == "mid_with_side":
        voice = voice + (dry - sources(dry, policy))
    return np.asarray(dry * (1.0 - mix) + voice * mix, np.float32)


def tell_of_mid(blocks: Iterable[Samples], events: Events) -> None:
    """Say so when a stem, in blocks (channels, frames), loses more than 3 dB by the policy `mid`."""
    meter = MidMeter()
    for block in blocks:
        meter.push(block)
    meter.tell(events)


class MidMeter:
    """How much of a stem the policy `mid` leaves out."""

    def __init__(self) -> None:
        self._channels = self._mid = 0.0

    def push(self, samples: Samples) -> None:
        """Add (channels, frames)."""
        if len(samples) > 1:
            self._channels += float(np.square(samples, dtype=np.float64).sum()) / len(samples)
            self._mid += float(np.square(sources(samples, "mid"), dtype=np.float64).sum())

    @property
    def lost_db(self) -> float:
        """By how much the mid is quieter than the channels; 0 for silence and mono."""
        if self._channels <= AUDIBLE_POWER:
            return 0.0
        return -10.0 * math.log10(max(self._mid / self._channels, 1e-12))

    def tell(self, events: Events) -> None:
        """Say so when more than 3 dB are lost."""
        if self.lost_db > MOST_LOST_DB + 0.02:  # one channel alone loses 3.01 dB, and nothing with it
            text = (
                f"stereo='mid' converts a mid that is {min(self.lost_db, 120.0):.1f} dB below the channels "
                f"(more than {MOST_LOST_DB:g} dB): this vocal is wide or out of phase; "
                "use stereo='dual_mono', or a mono take"
            )
            events.note(Note("mid-dropped", text))
