"""The conversion itself: 16 kHz in, the voice at 44.1 kHz out, slice by slice on one absolute grid.

A slice is settled once everything it depends on has come in: pitch windows, their repair, the encoder's
and the decoder's look-ahead. A whole stem takes the same road in longer slices, so one-shot and
stream differ by float rounding alone; pitch and phase, which add up, not even by that.
"""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain import device, phrases
from svcfx.chain.config import ANALYSIS_HOP, ANALYSIS_RATE, FRAME_SECONDS, VOICE_HOP, ChainSettings
from svcfx.chain.parametric import bands, clarity, dynamics, level, nets, reach, redrawing, synthesis
from svcfx.chain.parametric.dynamics import Dynamics
from svcfx.chain.parametric.level import NEPER, Level
from svcfx.chain.parametric.listener import Listener
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.parametric.retimed import Content, RetimedLine, TimedRecording, retimed
from svcfx.chain.pitch import vibrato
from svcfx.chain.pitch.contour import Contour, Phase
from svcfx.chain.pitch.melody import Melody
from svcfx.chain.scales import scale
from svcfx.chain.track import RowBuffer
from svcfx.chain.voice import Curves
from svcfx.keeping import Arrays, Keeper, afresh

Frames = NDArray[np.float32]
VERSION = 3
"""Of how a slice is sung."""
KNOBS = ("diffusion_depth", "formant_semitones", "loudness_follow")
"""Those that singing reads itself; others reach it through the line and the content."""
FIRST = -4
"""First frame that is rendered: the ones before hear nothing of sample 0."""


class SliceEngine:
    """Converts one mono signal; `slice_frames` is a multiple of the grid's, 0 is one step of it.

    `keep` may know pitch and content of a slice already, and how it was sung; `weights` is the voice's hash,
    without which only pitch is kept. Where the line is `retuned`, a slice waits for the one behind it, so
    that the same is heard as without. A `recording` is heard in the place of what is pushed, which says only
    how much time has passed.
    """

    def __init__(
        self,
        net: ParametricNet,
        settings: ChainSettings,
        stem_level: Level,
        slice_frames: int = 0,
        weights: str = "",
        keep: Keeper = afresh,
        *,
        retuned: bool = False,
        recording: TimedRecording | None = None,
    ) -> None:
        self._keep, self._weights = keep, weights
        self._net, self._settings, self._level = net, settings, stem_level
        self._reach = reach.of(net, settings)
        self.slice_frames = slice_frames or self._reach.grid
        self._steps = self.slice_frames // self._reach.grid
        self._singer = net.singer(settings.singer)[None]
        self._back = reach.even(net.decoder.lookback_frames)
        self._before = reach.even(net.refiner.lookback_frames) if net.refiner else 0
        self._history = self._before + self._back + reach.even(net.encoder.lookback_frames) + 8
        self._audio = RowBuffer()
        self._listener: Listener | Content = Listener(
            net, stem_level, -2 * self._history, self._reach, weights, keep
        )
        self._contour: Contour | RetimedLine = Contour(
            self._reach.tracker,
            settings.octave_repair,
            stem_level.loudness_db,
            self._reach.called,
            at_once=self._reach.at_once,
        )
        if recording is not None:
            self._contour, self._listener = retimed(recording, self._contour, self._listener, keep)
        self._sung, self._phase = RowBuffer(dtype=np.float64), Phase(FIRST - self._before - self._back - 2)
        self._sung.start = self._phase.cycles.start
        self._taken = self._sung.start
        self._melody = (
            Melody(scale(settings.scale), FRAME_SECONDS, first=self._sung.start) if retuned else None
        )
        self._dynamics = Dynamics(stem_level.loudness_db)
        self._decoded = FIRST
        self._out = RowBuffer()
        self._out.start = (FIRST - 2) * VOICE_HOP

    def push(self, audio16k: Samples, curves: Curves) -> Samples:
        """Take (n,) samples at 16 kHz, return what is settled at 44.1 kHz, from sample 0 on."""
        self._audio.append(audio16k)
        with device.inference():
            while self._audio.end >= self._needs(self._contour.windows + self._steps):
                self._advance(curves)
        return self._emit()

    @property
    def lag_seconds(self) -> float:
        """How far output lags behind input just before a slice is settled."""
        windows = 8  # any: needs and results grow alike
        return self._needs(windows + 1) / ANALYSIS_RATE - (self._settles(windows) - 1) * FRAME_SECONDS

    def _settles(self, windows: int) -> int:
        """Frames that can be rendered after that many pitch windows."""
        stop = self._contour.settled(windows) - max(self._reach.settled, 1)  # a frame goes towards the next
        return stop - stop % 2

    @property
    def _late(self) -> int:
        """Windows that a slice waits for, so that its line can be drawn to notes."""
        slices = math.ceil(self._melody.frames_ahead / self.slice_frames) if self._melody else 0
        return slices * self._steps

    def _needs(self, windows: int) -> int:
        """Samples that must have come in before that many windows can be settled."""
        heard = self._heard(self._settles(windows))
        return max(self._contour.needs(windows), self._listener.needs(heard))

    def _heard(self, stop: int) -> int:
        """Frames of analysis behind a render up to `stop`."""
        return stop + max(self._reach.decoder + self._reach.ear, phrases.REACH, self._reach.release)

    def _advance(self, curves: Curves) -> None:
        self._contour.advance(self._audio, self._steps, self._keep)
        self._listener.hear(self._audio, self._heard(self._settles(self._contour.windows)))
        self._sing(curves)
        stop = self._settles(self._contour.windows - self._late)
        if stop > self._decoded:
            self._render(self._decoded, stop, curves)
            self._decoded = stop
        self._forget()

    def _sing(self, curves: Curves) -> None:
        """Draw the settled f0 to its notes, move it by the transposition and add up its phase."""
        first, f0 = self._sung.end, self._settled_f0()
        if self._melody:
            f0 = self._melody.push(f0, curves)
        stop = first + len(f0)
        seconds = np.maximum(np.arange(first, stop), 0) * FRAME_SECONDS
        moved = curves["transpose_semitones"].at(seconds) + vibrato.semitones(curves, seconds)
        sung = f0 * 2.0 ** (moved / 12.0)
        self._sung.append(sung)
        self._phase.advance(sung)

    def _settled_f0(self) -> NDArray[np.float64]:
        """f0 that was not taken before, up to where it is settled."""
        first, stop = self._taken, self._contour.f0.end
        self._taken = stop
        return np.concatenate([np.zeros(max(-first, 0)), self._contour.f0.read(max(first, 0), stop)])

    def _render(self, first: int, stop: int, curves: Curves) -> None:
        gains = self._gate(first, stop)
        begin, end = phrases.extent(gains)
        self._grow((stop + 1) * VOICE_HOP + synthesis.TAIL)
        if end == 0:
            return
        begin, end = begin - begin % 2, end + end % 2
        sung = self._kept(first + begin, first + end, gains[begin:end], curves)
        place = (first + begin - 1) * VOICE_HOP - self._out.start
        self._out.rows[place : place + len(sung)] += sung

    def _kept(self, first: int, stop: int, gate: Frames, curves: Curves) -> Frames:
        """Frames `first` to `stop` as they are sung, known already or now, from a hop before them on."""
        content = self._content(first - self._before, stop, curves)
        past = self._dynamics.before(first)

        def made() -> Arrays:
            sung = self._sounded(first, stop, content, gate, curves)
            return {"sung": sung, "past": self._dynamics.before(stop)}

        keep = self._keep if self._weights else afresh
        found = keep("sung", VERSION, self._told(first, stop, content, gate, past, curves), made)
        self._dynamics.remember(stop, found["past"])
        return np.asarray(found["sung"])

    def _told(
        self,
        first: int,
        stop: int,
        content: torch.Tensor,
        gate: Frames,
        past: NDArray[np.float64],
        curves: Curves,
    ) -> tuple[Any, ...]:
        """All that how frames `first` to `stop` are sung depends on."""
        low, high = first - self._before - self._back, stop + self._reach.decoder
        moved = [_values(curves, name, first, stop) for name in KNOBS]
        loudness = self._listener.loudness.read(low, max(high, stop + self._reach.release))
        line = self._line(low, high), self._phase.cycles.read(first - 1, stop + 1)
        heard = content.numpy(), loudness, line, gate, past
        return self._weights, self._settings, self._level.loudness_db, first, stop, heard, moved

    def _gate(self, first: int, stop: int) -> Frames:
        loudness = self._listener.loudness.read(first - phrases.REACH, stop + phrases.REACH)
        return phrases.gate(loudness, self._level.loudness_db)

    def _made(self, first: int, stop: int, content: torch.Tensor, curves: Curves) -> nets.Envelope:
        """Control frames (stop - first, ...), `first` and `stop` even, redrawn as deep as the knob stands."""
        depth = _values(curves, "diffusion_depth", first, stop)
        refiner = self._net.refiner
        if refiner is None or not np.any(depth):
            made, _ = self._decode(first, stop, content[:, self._before // 2 :])
            return nets.Envelope(*(part[0] for part in made))
        made, heard = self._decode(first - self._before, stop, content)
        condition = refiner.condition(made, heard, self._singer)[:, self._before :]
        made = nets.Envelope(*(part[:, self._before :] for part in made))
        made = redrawing.redraw(refiner, made, condition, depth, first, self._settings)
        return nets.Envelope(*(part[0] for part in made))

    def _content(self, first: int, stop: int, curves: Curves) -> torch.Tensor:
        """Content (1, steps, C) that the decoder needs for frames `first` to `stop`."""
        low, high = first - self._back, stop + self._reach.decoder
        protect = _values(curves, "protect", low, high) * (self._line(low, high) == 0.0)
        rate = _values(curves, "index_rate", low, high) * (1.0 - protect)
        return self._listener.content(low, high, rate[::2].astype(np.float32))

    def _line(self, first: int, stop: int) -> NDArray[np.float64]:
        """f0 as sung; beyond what is settled it is held."""
        known = self._sung.read(first, min(stop, self._sung.end))
        return np.pad(known, (0, stop - first - len(known)), "edge")

    def _decode(self, first: int, stop: int, content: torch.Tensor) -> tuple[nets.Envelope, torch.Tensor]:
        """Control frames (1, stop - first, ...) of their content, and the controls (1, ..., 4) to them."""
        low, high = first - self._back, stop + self._reach.decoder
        loud = torch.from_numpy(self._listener.loudness.read(low, high)) - self._level.loudness_db * NEPER
        sung = torch.from_numpy(self._line(low, high).astype(np.float32))
        heard = nets.controls(loud, sung)[None]
        made: nets.Envelope = self._net.decoder(content, heard, self._singer)
        core = slice(self._back, self._back + stop - first)
        return nets.Envelope(*(part[:, core] for part in made)), heard[:, core]

    def _sounded(self, first: int, stop: int, content: torch.Tensor, gate: Frames, curves: Curves) -> Frames:
        """Frames `first` to `stop` rendered between one silent frame on each side."""
        made = self._made(first, stop, content, curves)
        decoded = 1.0 - _values(curves, "diffusion_depth", first, stop)
        line = self._sung.read(first, stop)
        envelope = clarity.sharpened(made.envelope.numpy(), decoded, line)
        shift = _values(curves, "formant_semitones", first, stop)
        if np.any(shift):
            envelope = bands.shift_formants(envelope, shift)
            envelope = envelope - level.envelope_loudness(envelope)[:, None]
        breath = made.aperiodicity.numpy()
        louder = dynamics.departure(envelope, breath, line)
        gain = gate * np.exp(self._loudness(first, stop, made, curves) - louder)
        low, high = first - 1, stop + 1
        noise = synthesis.noise_at((low - 1) * VOICE_HOP, (high - low + 1) * VOICE_HOP, self._settings.seed)
        rendered = synthesis.render(
            np.pad(envelope, ((1, 1), (0, 0)), "edge"),
            np.pad(breath, ((1, 1), (0, 0)), "edge"),
            np.pad(gain.astype(np.float32), 1),
            self._sung.read(low, high),
            self._phase.cycles.read(low, high),
            noise,
        )
        return rendered[VOICE_HOP:]  # the silent frame's own hop may have left already

    def _loudness(self, first: int, stop: int, made: nets.Envelope, curves: Curves) -> NDArray[np.float64]:
        source = np.asarray(self._listener.loudness.read(first, stop), np.float64)
        own = made.loudness.numpy() + self._level.loudness_db * NEPER
        follow = _values(curves, "loudness_follow", first, stop)
        return self._dynamics.follow(first, source, own, follow, self._listener.ceiling(first, stop))

    def _grow(self, end: int) -> None:
        self._out.append(np.zeros(max(end - self._out.end, 0), np.float32))

    def _emit(self) -> Samples:
        """Samples that no later frame adds to; those before the stem's start are dropped."""
        stop = (self._decoded - 1) * VOICE_HOP
        if stop <= max(self._out.start, 0):
            return np.zeros(0, np.float32)
        ready = np.asarray(self._out.read(max(self._out.start, 0), max(stop, 0)), np.float32)
        self._out.forget(stop)
        return ready

    def _forget(self) -> None:
        self._audio.forget(self._contour.windows * self._reach.grid * ANALYSIS_HOP - ANALYSIS_RATE)
        keep = self._decoded - self._history
        self._listener.forget(keep)
        self._contour.forget(keep)
        self._sung.forget(keep)
        self._phase.cycles.forget(keep)


def _values(curves: Curves, name: str, first: int, stop: int) -> NDArray[np.float64]:
    """A curve at frame centres; frames before the stem take its value at 0."""
    frames = np.maximum(np.arange(first, stop), 0)
    return np.asarray(curves[name].at(frames * FRAME_SECONDS), np.float64)
