"""What instruments play, as a plan holds it: tones for the synth, messages for a VST3."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from svcfx import midi
from svcfx.audio import Samples
from svcfx.dsp import synth
from svcfx.dsp.synth import SynthSound, Tone
from svcfx.events import Events, Unheard, go_on
from svcfx.lanes import Curve, Values
from svcfx.render import externals, keys
from svcfx.render.steps import Steps

if TYPE_CHECKING:
    from svcfx.node.instrument import Asked

Held = NDArray[np.bool_]
PROBE_SECONDS, COPIES = 0.25, 2
"""How long into its first note an instrument is compared, and how many of it."""


class TrackScore(Protocol):
    """What an instrument plays."""

    @property
    def end_seconds(self) -> float:
        """Song second at which it is silent again."""
        ...

    @property
    def used(self) -> tuple[midi.Used, ...]:
        """What it plays of the MIDI file."""
        ...

    def key(self, sample_rate: int, steps: Steps) -> str:
        """What its samples depend on; raises `Unkeyable` where nobody can say."""
        ...

    def sounds(self, seconds: Values) -> Held:
        """Whether a note is held at each of these song seconds."""
        ...

    def play(self, frames: int, sample_rate: int, events: Events) -> Samples:
        """Its samples from the song's beginning, shape (2, `frames`)."""
        ...


@dataclass(frozen=True, slots=True)
class PluginScore:
    """Messages for a VST3 in song seconds, when its notes are held, and how long the last one rings."""

    track: str
    name: str
    asked: "Asked"
    messages: tuple[midi.Message, ...]
    spans: tuple[tuple[float, float], ...]
    tail_seconds: float

    @property
    def end_seconds(self) -> float:
        """As `TrackScore`."""
        return max(end for _, end in self.spans) + self.tail_seconds

    @property
    def used(self) -> tuple[midi.Used, ...]:
        """As `TrackScore`: a plugin is given all."""
        return tuple((self.track, what) for what in ("notes", "bend", *range(128)))

    def key(self, sample_rate: int, steps: Steps) -> str:
        """As `TrackScore`."""
        if not self.repeats(sample_rate, steps):
            raise keys.Unkeyable(f"plug-in '{self.name}'", externals.WAYWARD)
        return keys.digest("instrument", externals.VERSION, self._facts(), self.messages, self.end_seconds)

    def sounds(self, seconds: Values) -> Held:
        """As `TrackScore`."""
        return _held(self.spans, seconds)

    def play(self, frames: int, sample_rate: int, events: Events) -> Samples:
        """As `TrackScore`; each time by a plugin that played nothing before."""
        from svcfx.node import instrument

        go_on(events)
        plugin = instrument.opened(self.asked)
        return instrument.play(plugin, self.messages, frames, sample_rate)

    def repeats(self, sample_rate: int, steps: Steps) -> bool:
        """Whether fresh ones give the same samples from the song's beginning into its first note, found out
        once; raises `Unkeyable` where nobody can say what it is."""
        seconds = min(start for start, _ in self.spans) + PROBE_SECONDS
        heard = tuple(message for message in self.messages if message[0] <= seconds)

        def gives() -> Iterator[Samples]:
            yield self.play(round(seconds * sample_rate), sample_rate, Unheard())

        about = (self._facts(), heard, seconds, sample_rate)
        return externals.answered(steps, "plays alike", about, lambda: externals.agree(gives, COPIES))

    def _facts(self) -> tuple[Any, ...]:
        from svcfx.node import instrument, resting

        plugin = instrument.opened(self.asked)
        try:
            return externals.facts(plugin)
        finally:
            resting.give_back([plugin])


@dataclass(frozen=True, slots=True)
class SynthScore:
    """Tones of each channel of a track, with what moves their pitch, and the sound of all."""

    track: str
    channels: tuple[tuple[tuple[Tone, ...], Curve], ...]
    sound: SynthSound

    @property
    def end_seconds(self) -> float:
        """As `TrackScore`."""
        shortest, ringing = self.sound.attack_ms * 1e-3, self.sound.release_ms * 1e-3
        ends = (
            max(tone.end_seconds, tone.start_seconds + shortest)
            for tones, _ in self.channels
            for tone in tones
        )
        return max(ends) + ringing

    @property
    def used(self) -> tuple[midi.Used, ...]:
        """As `TrackScore`."""
        return tuple((self.track, what) for what in ("notes", "bend", midi.SUSTAIN))

    def key(self, sample_rate: int, steps: Steps) -> str:
        """As `TrackScore`."""
        seconds = self.end_seconds
        return keys.digest(
            "synth",
            synth.VERSION,
            [(tones, keys.within(moved, seconds)) for tones, moved in self.channels],
            self.sound,
        )

    def sounds(self, seconds: Values) -> Held:
        """As `TrackScore`."""
        return _held(
            [(tone.start_seconds, tone.end_seconds) for tones, _ in self.channels for tone in tones], seconds
        )

    def play(self, frames: int, sample_rate: int, events: Events) -> Samples:
        """As `TrackScore`."""
        mono = np.zeros(frames)
        for tones, moved in self.channels:
            mono += synth.play(tones, moved, self.sound, frames, sample_rate, lambda: go_on(events))
        return np.repeat(mono.astype(np.float32)[np.newaxis], 2, axis=0)


def _held(spans: Iterable[tuple[float, float]], seconds: Values) -> Held:
    """Whether one of the spans lies over each of `seconds`."""
    starts, ends = np.array(list(spans)).T
    begun = np.searchsorted(np.sort(starts), seconds, side="right")
    ended = np.searchsorted(np.sort(ends), seconds, side="right")
    return np.asarray(begun > ended)
