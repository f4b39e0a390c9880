"""A stream through a so-vits-svc voice: windows on one absolute grid, each sung with a second of its past.

A window ends with the audio that has come in and gives the frames whose pitch is settled; what lies behind
them is only heard. Windows overlap by two frames and share pitch, phase and noise, which all count from the
start of the stem, so any block size gives the same samples.
"""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain import device
from svcfx.chain.analysis import LOUDEST
from svcfx.chain.config import ANALYSIS_RATE, FRAMES_PER_SECOND, ChainSettings
from svcfx.chain.parametric.level import Level
from svcfx.chain.pitch import tracker
from svcfx.chain.pitch.contour import Contour
from svcfx.chain.pitch.frames import between
from svcfx.chain.svc import rvc, singing
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.svc.phrases import SILENT_PEAK
from svcfx.chain.svc.take import Scorer
from svcfx.chain.track import RowBuffer
from svcfx.chain.voice import Curves
from svcfx.dsp.overlap import crossfade
from svcfx.dsp.resample import StreamResampler

BACK_SECONDS = 1.0
TAIL, OVERLAP = 4, 2
"""Frames behind the last one given whose pitch is settled already, and those of them that windows share."""
LEVEL_DB = -20.0
"""Loudness that a stem is taken to have, for its pitch tracker and the builtin content encoder."""
RESAMPLERS_SECONDS, RESAMPLERS_SLOW_SECONDS = 0.13, 0.22
"""What the resamplers hold back at most, from 16 kHz on and below."""


class SvcStream:
    """One mono conversion in progress at the caller's rate."""

    def __init__(self, parts: VoiceParts, sample_rate: float, settings: ChainSettings) -> None:
        parts = parts.about(lambda encoder: Level(LEVEL_DB, encoder.reference))
        self._parts, self._rate, self._settings = parts, sample_rate, settings
        self._inward = StreamResampler(sample_rate, parts.sample_rate)
        self._to_tracker = StreamResampler(sample_rate, ANALYSIS_RATE)
        self._outward = StreamResampler(parts.sample_rate, sample_rate)
        self._audio, self._tracked = RowBuffer(), RowBuffer()
        chosen = tracker(settings.pitch, octave_repair=settings.octave_repair)
        self._contour = Contour(chosen, settings.octave_repair, LEVEL_DB)
        self._line = SungLine(parts, settings)
        self._done = 0
        self._tail = np.zeros(OVERLAP * parts.hop, np.float32)
        self._taken = self._given = 0

    @property
    def latency_seconds(self) -> float:
        """How far the output may lag behind the input."""
        windows = range(8, 40)  # any: needs and results grow alike, but for rounding to frames
        frame = self._parts.hop / self._parts.sample_rate
        lag = max(self._contour.needs(n + 1) / ANALYSIS_RATE - (self._gives(n) - 1) * frame for n in windows)
        return lag + (RESAMPLERS_SECONDS if self._rate >= 16000 else RESAMPLERS_SLOW_SECONDS)

    def push(self, samples: Samples, curves: Curves) -> Samples:
        """Take (n,) samples, return those that are settled, never more than were taken so far."""
        self._taken += len(samples)
        sane = np.clip(samples, -LOUDEST, LOUDEST)[None]
        return self._advance(self._inward.push(sane)[0], self._to_tracker.push(sane)[0], curves)

    def flush(self, curves: Curves) -> Samples:
        """The rest: as many samples as are still owed. The stream ends."""
        nothing = np.zeros((1, 0), np.float32)
        last = self._inward.push(nothing, last=True)[0], self._to_tracker.push(nothing, last=True)[0]
        pieces = [self._advance(*last, curves)]
        silence = np.zeros(self._parts.sample_rate // 2, np.float32), np.zeros(ANALYSIS_RATE // 2, np.float32)
        wanted = math.ceil(self._taken * self._parts.sample_rate / self._rate) + self._parts.sample_rate // 4
        while self._done * self._parts.hop < wanted:
            pieces.append(self._advance(*silence, curves))
        pieces.append(self._give(self._outward.push(nothing, last=True)[0]))
        return np.concatenate([*pieces, np.zeros(self._taken - self._given, np.float32)])

    def _advance(self, audio: Samples, tracked: Samples, curves: Curves) -> Samples:
        self._audio.append(audio)
        self._tracked.append(tracked)
        made = [np.zeros(0, np.float32)]
        while self._ready(self._contour.windows + 1):
            self._contour.advance(self._tracked)
            made.append(self._window(self._contour.windows, curves))
            self._forget()
        return self._give(self._outward.push(np.concatenate(made)[None])[0])

    def _ready(self, windows: int) -> bool:
        enough = self._tracked.end >= self._contour.needs(windows)
        return enough and self._audio.end >= self._hears(windows) * self._parts.hop

    def _hears(self, windows: int) -> int:
        """Frames that have come in whole when that many windows can be settled."""
        return int(
            self._contour.needs(windows) * self._parts.sample_rate // (ANALYSIS_RATE * self._parts.hop)
        )

    def _settles(self, windows: int) -> int:
        """Frames whose pitch is settled after that many windows."""
        last = self._contour.settled(windows) - 1
        return last * self._parts.sample_rate // (FRAMES_PER_SECOND * self._parts.hop) + 1

    def _gives(self, windows: int) -> int:
        """Frames given after that many windows."""
        return max(self._settles(windows) - TAIL, 0)

    def _window(self, windows: int, curves: Curves) -> Samples:
        """Samples that this window adds to what was given."""
        hop, stop = self._parts.hop, self._gives(windows)
        self._line.extend(self._contour, self._settles(windows), curves)
        if stop <= self._done:
            return np.zeros(0, np.float32)
        first, heard = self._done - self._back, self._hears(windows)
        shared, given = OVERLAP * hop, (stop - self._done) * hop
        kept = self._back, self._back + stop - self._done + OVERLAP
        made = self._sung(first, heard, kept, curves)[self._back * hop :]
        made[:shared] = crossfade(self._tail[None], made[None, :shared])[0]
        self._tail = made[given : given + shared].copy()
        self._done = stop
        return made[:given]

    @property
    def _back(self) -> int:
        return math.ceil(BACK_SECONDS * self._parts.sample_rate / self._parts.hop)

    def _sung(self, first: int, stop: int, kept: tuple[int, int], curves: Curves) -> Samples:
        """Audio of frames `first` to `stop`, a function of the stem around them alone; `kept`, counted from
        `first`, are those of them that are wanted."""
        audio = self._audio.read(first * self._parts.hop, stop * self._parts.hop)
        if float(np.abs(audio).max()) < SILENT_PEAK:
            return np.zeros(len(audio), np.float32)
        ear = Scorer(self._parts, self._settings, curves)
        with device.inference(threads=None):
            pitch, cycles = self._line.read(first, stop)
            heard = self._heard(first, stop)
            take = ear.take(first * self._parts.hop, audio, pitch, start_cycles=cycles, heard=heard)
        return singing.sing(self._parts, self._settings, [replace(take, kept=kept)])[0]

    def _heard(self, first: int, stop: int) -> Samples | None:
        """The same frames at 16 kHz, for a family that hears at that rate."""
        if self._parts.family.around == "silence":
            return None
        hop = self._parts.hop * ANALYSIS_RATE // self._parts.sample_rate
        return rvc.high_passed(self._tracked.read(first * hop, stop * hop))

    def _forget(self) -> None:
        keep = self._done - self._back
        self._audio.forget(keep * self._parts.hop)
        self._tracked.forget(int(self._contour.needs(self._contour.windows) - 2 * ANALYSIS_RATE))
        self._line.forget(keep)
        self._contour.forget(self._contour.settled(self._contour.windows) - 2 * FRAMES_PER_SECOND)

    def _give(self, samples: Samples) -> Samples:
        ready = samples[: self._taken - self._given]
        self._given += len(ready)
        return ready


class SungLine:
    """The sung line on the voice's frames: f0 with gaps held or open, voicing, and the phase that adds up."""

    def __init__(self, parts: VoiceParts, settings: ChainSettings) -> None:
        self._parts, self._settings = parts, settings
        self._f0, self._voiced, self._cycles = (RowBuffer(dtype=np.float64) for _ in range(3))
        self._cycles.append(np.zeros(1))
        self._held = 0.0

    def extend(self, contour: Contour, stop: int, curves: Curves) -> None:
        """Add frames up to `stop` from 10 ms frames that are settled."""
        first = self._f0.end
        if stop <= first:
            return
        place = np.arange(first, stop) * (self._parts.hop * FRAMES_PER_SECOND / self._parts.sample_rate)
        heard = _heard(contour, np.asarray(place))
        line = heard.copy()
        is_open = self._parts.family.gaps == "open" and self._settings.unvoiced_f0 == "zero"
        for index, hz in enumerate(heard if not is_open else ()):
            self._held = line[index] = hz or self._held
        self._f0.append(line)
        self._voiced.append((heard > 0).astype(np.float64))
        ear = Scorer(self._parts, self._settings, curves)
        steps = ear.transposed(first * self._parts.hop, line) * self._parts.hop / self._parts.sample_rate
        self._cycles.append((self._cycles.rows[-1] + np.cumsum(steps)) % 1.0)

    def read(self, first: int, stop: int) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], float]:
        """f0 and voicing of frames `first` to `stop`, the last settled one held, and the phase at `first`."""
        known = min(stop, self._f0.end)
        beyond = (0, stop - known)
        f0, voiced = self._f0.read(first, known), self._voiced.read(first, known)
        cycles = float(self._cycles.read(first, first + 1)[0])
        return (np.pad(f0, beyond, mode="edge"), np.pad(voiced, beyond, mode="edge")), cycles

    def forget(self, before: int) -> None:
        """Drop frames before that index."""
        for track in (self._f0, self._voiced, self._cycles):
            track.forget(before)


def _heard(contour: Contour, place: NDArray[np.float64]) -> NDArray[np.float64]:
    """f0 at places in 10 ms frames, 0 where unvoiced."""
    low, high = math.floor(place[0]), min(math.floor(place[-1]) + 2, contour.f0.end)
    known = contour.f0.read(low, high)
    voiced = known > 0
    logs = np.log(np.where(voiced, known, 1.0))
    return between(logs, voiced.astype(np.float64), place - low).f0_hz
