"""One-shot conversion of an array of any length, block by block, into the output itself."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from svcfx.audio import Samples
from svcfx.chain.config import ChainSettings
from svcfx.chain.svc import phrases
from svcfx.chain.voice import Curves, Stem, Voice, first_up
from svcfx.dsp.gated import GatedLoudness
from svcfx.events import Events, Note, Progress, go_on
from svcfx.node import colour, growl, stereo
from svcfx.node.arrays import Inlet
from svcfx.node.ramps import ramp

BLOCK_SECONDS = 8
STRETCHED = "what moves or sings before the voice is heard at the song's tempo, not as it was recorded"
LARGEST_DB = 12.0
"""A match never moves a voice by more."""
FADE_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class WholeConversion:
    """A conversion of whole arrays with one voice, one stereo policy, at one rate."""

    voice: Voice
    settings: ChainSettings
    sample_rate: float
    policy: str

    def convert(self, inlet: Inlet, curves: Curves, events: Events) -> Samples:
        """Convert an array; returns a new one in the caller's layout, as long as the input.

        Beside input and output only a few seconds of audio are held, or two signals more where one is
        coloured or loosened: the conversion is written into the output, then mixed with the input in place.
        """
        array, out = inlet.outlet(inlet.frames)
        count = inlet.channels if self.policy == "dual_mono" else 1
        gains = np.array([self._fill(inlet, curves, i, out[i], events) for i in range(count)], np.float32)
        for signal in out[:count]:
            self._colour(signal, curves)
        for first, stop in spans(inlet.frames, self.sample_rate):
            mix = ramp(curves["mix"], first, stop, self.sample_rate)
            decibels = ramp(curves["output_gain_db"], first, stop, self.sample_rate)
            gain = np.float32(10.0) ** (decibels / np.float32(20.0))
            wet = out[:count, first:stop] * gains[:, None]
            out[:, first:stop] = stereo.blend(inlet.block(first, stop), wet, self.policy, mix, gain)
        return array

    def _colour(self, signal: Samples, curves: Curves) -> None:
        """Growl, colour and timing of one converted signal (frames,), in place, where they are up."""
        rate, seed, loose = self.sample_rate, self.settings.seed, self.settings.timing_ms
        if first_up(curves, growl.NAMES):
            signal[:] = growl.growled(signal, rate, curves)
        if first_up(curves, colour.NAMES):
            signal[:] = colour.coloured(signal, rate, curves, seed)
        if loose:
            signal[:] = loosened(signal, rate, loose, seed)

    def _mono(self, inlet: Inlet, source: int) -> Iterator[Samples]:
        """Blocks of one signal that is to be converted."""
        for first, stop in spans(inlet.frames, self.sample_rate):
            yield stereo.sources(inlet.block(first, stop), self.policy)[source]

    def _stem(self, inlet: Inlet, source: int, events: Events) -> Stem:
        """One signal that is to be converted, with its recording where it is played at another tempo."""
        blocks = partial(self._mono, inlet, source)
        stem = Stem(inlet.frames, self.sample_rate, blocks, wanted=events.wanted)
        recorded = events.recorded
        if recorded is None:
            return stem
        if not recorded.is_of(inlet.planes):
            events.note(Note("tempo", STRETCHED))
            return stem
        before = replace(inlet, planes=recorded.read())
        heard = Stem(before.frames, self.sample_rate, partial(self._mono, before, source))
        return replace(stem, recording=heard, time=recorded.time)

    def _fill(self, inlet: Inlet, curves: Curves, source: int, out: Samples, events: Events) -> float:
        """Convert one signal into `out` (frames,); returns the gain that matches it to its source."""
        stem = self._stem(inlet, source, events)
        matched = self.voice.matched_to_source and self.settings.level != "card"
        after = GatedLoudness(self.sample_rate)
        done = 0
        sung = replace(self.settings, timing_ms=0.0)  # what is sung does not depend on where it is put
        for made in self.voice.render(stem, sung, curves, events.keep):
            out[done : done + len(made)] = made
            done += len(made)
            count = inlet.channels if self.policy == "dual_mono" else 1
            events.progress(Progress("", "", (source + done / len(out)) / count))
            go_on(events)
            if matched:
                after.push(made)
        if not matched:
            return 1.0
        before = GatedLoudness(self.sample_rate)
        for block in stem.blocks():
            before.push(block)
        return float(10.0 ** (match_db(before, after) / 20.0))


def spans(frames: int, sample_rate: float) -> Iterator[tuple[int, int]]:
    """Blocks of a few seconds that cover `frames`."""
    block = int(BLOCK_SECONDS * sample_rate)
    return ((first, min(first + block, frames)) for first in range(0, frames, block))


def match_db(source: GatedLoudness, made: GatedLoudness) -> float:
    """Decibels that bring `made` to the loudness of `source`; 0 when either is too quiet to measure."""
    difference = source.lufs - made.lufs
    return min(max(difference, -LARGEST_DB), LARGEST_DB) if math.isfinite(difference) else 0.0


def loosened(audio: Samples, sample_rate: float, most_ms: float, seed: int) -> Samples:
    """`audio` (n,) with each stretch between rests moved by up to `most_ms`, as long as before.

    How far is a function of the seed and of where the stretch begins; a rest is what lies 60 dB below the
    loudest moment for a third of a second. What is moved beyond an end is cut.
    """
    out = np.zeros_like(audio)
    fade = round(FADE_SECONDS * sample_rate)
    for low, high in phrases.runs(audio, round(sample_rate)):
        first, stop = max(low - fade, 0), min(high + fade, len(audio))
        piece = audio[first:stop] * _edges(stop - first, low - first, stop - high)
        drawn = np.random.default_rng((seed, low)).uniform(-most_ms, most_ms)
        begin = first + round(drawn / 1000.0 * sample_rate)
        inside = slice(max(-begin, 0), max(len(audio) - begin, 0))
        kept = piece[inside]
        at = max(begin, 0)
        out[at : at + len(kept)] += kept
    return out


def _edges(frames: int, rise: int, fall: int) -> Samples:
    """Gains (frames,) that rise from 0 over the first and fall to 0 over the last so many frames."""
    gains = np.ones(frames, np.float32)
    gains[:rise] = np.arange(rise) / max(rise, 1)
    gains[frames - fall :] = np.arange(fall)[::-1] / max(fall, 1)
    return gains
