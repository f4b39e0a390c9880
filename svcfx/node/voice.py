"""`VoiceConversion`: another singer in place of the one that comes in, called as pedalboard's plugins are."""

import math
import threading
from collections.abc import Mapping
from typing import Any, ClassVar, Unpack, cast

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain.analysis import analyse
from svcfx.chain.config import PITCH, ChainSettings, PitchName, settings
from svcfx.chain.knobs import BY_NAME, KNOBS, MOVABLE, SLOW, SWITCHES, Switch, Value, check_together
from svcfx.chain.pitch import Pitch
from svcfx.chain.voice import Curves, Voice
from svcfx.errors import ParamError, VoiceError
from svcfx.events import AsWarnings, Events, Note
from svcfx.lanes import Curve, Lane
from svcfx.node import arrays, stereo, whole
from svcfx.node.flow import Flow
from svcfx.node.knobs import Knobbed, Spec, check
from svcfx.node.ramps import check_curve
from svcfx.node.transposition import MIDDLE_SHARE, Suggestion, suggest, unknown_range
from svcfx.node.voice_options import VoiceOptions
from svcfx.params import ParamSpec
from svcfx.voices import shelf


class VoiceConversion(Knobbed):
    """Sings what comes in with another voice.

    One-shot calls (`reset=True`) look at the whole array first; a stream (`reset=False`) starts from the
    values in the voice's card and is ended by `flush()`. `output_gain_db` is the gain of the converted
    voice, before `mix` joins it to the input.

    A knob that nobody moved stands where the voice has it and goes along when `voice` is set; `to_dict` and
    presets write every value out. What a voice lacks (an index, a diffusion) is refused when it is asked for.
    """

    KNOBS: ClassVar[tuple[Spec, ...]] = KNOBS
    SWITCHES: ClassVar[tuple[str, ...]] = ("voice", *(row.name for row in SWITCHES))
    is_effect = True
    is_instrument = False

    def __init__(self, voice: str = "vela", **options: Unpack[VoiceOptions]) -> None:
        self._switches: dict[str, Value] = {row.name: row.default for row in SWITCHES}
        self._lock = threading.RLock()
        self._flow: Flow | None = None
        self._layout: arrays.Layout | None = None
        self._rate, self._moved = 44100.0, set[str]()
        self._voice: Voice = shelf.load(voice)
        self._name, self._singer = voice, shelf.singer(voice)
        super().__init__(cast(Mapping[str, Any], options))

    @property
    def voice(self) -> str:
        """Name of the singer: "vela", or "mei/alto" for one of several in a voice."""
        return self._name

    @voice.setter
    def voice(self, name: str) -> None:
        """Refused, and nothing changes, when the other voice lacks what is set here."""
        other = shelf.load(name)
        moved = {knob: self.knob(knob) for knob in self._moved}
        for knob, value in {**moved, **self._switches}.items():
            _refuse_lack(other, name, knob, value)
        self._voice, self._name, self._singer = other, name, shelf.singer(name)
        self._values = self._defaults() | moved

    @property
    def device(self) -> str:
        """Where the voice's networks run, such as "cpu"; `SVCFX_DEVICE` chooses it when a voice is loaded."""
        return self._voice.device

    @property
    def cost(self) -> float:
        """Rough seconds of work for a second of sound on two cores."""
        return self._voice.cost(refined=bool(self.diffusion_depth > 0 or self.diffusion_only))

    def _defaults(self) -> dict[str, float | str]:
        return super()._defaults() | dict(self._voice.defaults)

    def _as_set(self) -> dict[str, object]:
        """As `to_dict`, but knobs that nobody moved are left to the voice, as in this node."""
        resting = {spec.name for spec in self.KNOBS} - self._moved
        return {name: value for name, value in self.to_dict().items() if name not in resting}

    def __getattr__(self, name: str) -> Any:
        known = not name.startswith("_") and name in self._switches
        return self._switches[name] if known else super().__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_") or isinstance(getattr(type(self), name, None), property):
            super().__setattr__(name, value)
            return
        row = BY_NAME.get(name)
        value = row.check(value) if isinstance(row, Switch) else check(self.spec(name), value)
        _refuse_lack(self._voice, self._name, name, value)
        if isinstance(row, Switch):
            self._switches[name] = value
        else:
            self._moved.add(name)
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._switches]

    @property
    def inert(self) -> bool:
        """Whether audio passes through to the bit (`mix` is 0)."""
        return bool(self.mix == 0.0)

    @property
    def latency_samples(self) -> int:
        """How far a stream's output lags at most, at the rate last used; 44,100 Hz before that."""
        return self.latency_at(self._rate)

    def latency_at(self, sample_rate: float) -> int:
        """`latency_samples` at that rate, less than a second of audio."""
        return math.ceil(self._voice.latency_seconds(sample_rate) * sample_rate)

    def process(
        self, input_array: NDArray[Any], sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Samples:
        """Convert an array, shaped by pedalboard's rules; any rate from 8 to 192 kHz.

        With `reset=True` the output is as long as the input. With `reset=False` the array continues a
        stream: up to `latency_samples` frames are withheld until later calls or `flush()`.

        Raises:
            AudioTypeError, AudioShapeError, InputError: The array, rate or buffer size is refused.
        """
        rate = arrays.check_rate(sample_rate)
        arrays.check_buffer_size(buffer_size)
        with self._lock:
            inlet = self._let_in(input_array, rate)
            self.check_curves({}, 0.0)
            if not reset:
                return self._stream(inlet, rate)
            self._flow = None
            return self._whole(inlet, rate, self._constants(), AsWarnings())

    __call__ = process

    def process_automated(
        self, input_array: NDArray[Any], sample_rate: float, curves: Curves, buffer_size: int = 8192
    ) -> Samples:
        """Convert a whole array while curves, at seconds from its start, move knobs.

        Raises:
            ParamError: A curve names no knob, leaves its range, or moves one that cannot be moved.
        """
        arrays.check_buffer_size(buffer_size)
        return self.perform(input_array, sample_rate, curves, AsWarnings())

    def perform(self, array: NDArray[Any], sample_rate: float, curves: Curves, events: Events) -> Samples:
        """As `process_automated`; what there is to say, and how far it is, goes to `events`."""
        rate = arrays.check_rate(sample_rate)
        with self._lock:
            inlet = self._let_in(array, rate)
            self.check_curves(curves, inlet.frames / rate)
            self._flow = None
            return self._whole(inlet, rate, {**self._constants(), **curves}, events)

    def check_curves(self, curves: Curves, seconds: float) -> None:
        """Refuse curves that it cannot follow for `seconds`, and knobs that exclude each other."""
        highest = {name: float(self.knob(name)) for name in MOVABLE}
        for name, curve in curves.items():
            spec = self.spec(name)
            if not isinstance(spec, ParamSpec) or not spec.automatable:
                raise ParamError(f"{name} cannot be automated", hint="set it once on the node")
            low, highest[name] = check_curve(spec, curve, seconds)
            _refuse_lack(self._voice, self._name, name, low)
            _refuse_lack(self._voice, self._name, name, highest[name])
        check_together({**dict(self.knobs()), **self._switches, **highest})

    def reset(self) -> None:
        """Forget the stream and the cached channel layout; knobs stay."""
        with self._lock:
            self._flow = self._layout = None

    def flush(self) -> Samples:
        """What the stream still owes, in the layout of its last array; ends it. Empty without a stream."""
        with self._lock:
            if self._flow is None:
                return np.zeros(0, np.float32)
            flow, self._flow = self._flow, None
            flow.meter.tell(AsWarnings())
            return flow.inlet.outward(flow.flush(self._constants()))

    def analyse(self, audio: Samples, sample_rate: float) -> Pitch:
        """Pitch of a mono stem (frames,) as this node follows it at 0 semitones, at 10 ms frames."""
        return analyse(audio, sample_rate, cast(PitchName, self.pitch), octave_repair=self.octave_repair)

    def suggest_transpose(self, audio: NDArray[Any], sample_rate: float) -> Suggestion:
        """The octave that brings the melody of a whole array into the singer's range, and why.

        The middle 80 % of the frames whose pitch is sure decide, so a phrase's creaky end does not. The
        default tracker is asked, whatever the node's: an octave needs no better one.

        Raises:
            VoiceError: The voice's card gives no range.
        """
        rate = arrays.check_rate(sample_rate)
        inlet = arrays.inward(audio, self._layout)
        blocks = [inlet.block(*span).mean(0, dtype=np.float32) for span in whole.spans(inlet.frames, rate)]
        mono = np.concatenate([*blocks, np.zeros(0, np.float32)])
        card = shelf.find(self.voice).singer(self.voice)
        if card.low_hz is None or card.high_hz is None:
            raise unknown_range(self.voice)
        heard = analyse(mono, rate, cast(PitchName, PITCH.default), octave_repair=True)
        return suggest(heard.sure().report(MIDDLE_SHARE), self.voice, card.low_hz, card.high_hz)

    def _let_in(self, array: NDArray[Any], rate: float) -> arrays.Inlet:
        inlet = arrays.inward(array, self._layout)
        if inlet.layout != "mono" and inlet.channels != inlet.frames:
            self._layout = inlet.layout
        self._rate = rate
        return inlet

    def _constants(self) -> dict[str, Curve]:
        return {name: Lane.constant(float(self.knob(name))) for name in MOVABLE}

    def _settings(self) -> ChainSettings:
        return settings(self._singer, {**dict(self.knobs()), **self._switches})

    def _whole(self, inlet: arrays.Inlet, rate: float, curves: Curves, events: Events) -> Samples:
        mix = curves["mix"]
        if inlet.frames == 0 or inlet.channels == 0 or (mix.is_constant and mix.at(np.zeros(1))[0] == 0.0):
            return inlet.outward(inlet.block(0, inlet.frames))
        if self.stereo == "mid":
            stereo.tell_of_mid((inlet.block(*span) for span in whole.spans(inlet.frames, rate)), events)
        if self.pitch == "crepe":
            events.note(Note("slow-tracker", SLOW))
        return whole.Whole(self._voice, self._settings(), rate, self.stereo).convert(inlet, curves, events)

    def _stream(self, inlet: arrays.Inlet, rate: float) -> Samples:
        flow = self._flow
        if flow is None or (flow.sample_rate, flow.channels) != (rate, inlet.channels):
            if inlet.channels == 0:
                return inlet.outward(inlet.block(0, 0))
            flow = self._flow = Flow(self._voice, inlet, rate, self._settings(), self.stereo)
        return inlet.outward(flow.push(inlet, self._constants()))


def _refuse_lack(voice: Voice, name: str, knob: str, value: Value) -> None:
    """Raise `VoiceError` when the voice called `name` has no part for `knob` to stand at `value`."""
    if missing := voice.lacks(knob, value):
        raise VoiceError(f"voice '{name}' {missing}", hint=f"leave {knob} out")
