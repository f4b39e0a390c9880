"""`VoiceConversion`: another singer in place of the one that comes in, called as pedalboard's plugins are."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Unpack, cast

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples
from svcfx.chain.config import FRAME_SECONDS, ChainSettings, LookaheadName, PitchName, settings
from svcfx.chain.knobs import (
    BY_NAME,
    KNOBS,
    MOVABLE,
    RESTS,
    SLOW,
    SWITCHES,
    Switch,
    Value,
    check_together,
    lacks,
)
from svcfx.chain.voice import Curves, Voice, first_up
from svcfx.errors import VoiceError
from svcfx.events import Events, Note
from svcfx.keeping import Keeper, afresh
from svcfx.node import arrays, stereo
from svcfx.node.effect import Effect
from svcfx.node.knobs import Spec, check
from svcfx.node.transposition import MIDDLE_SHARE, Suggestion, suggest, unknown_range
from svcfx.node.voice_options import VoiceOptions
from svcfx.voices import identity, shelf
from svcfx.voices.outline import Outline

if TYPE_CHECKING:  # a board is made and checked without torch, where nothing is sung
    from svcfx.chain.pitch import Pitch
    from svcfx.lanes import Values
    from svcfx.node.flow import ConversionFlow


class VoiceConversion(Effect):
    """Sings what comes in with another voice.

    One-shot calls (`reset=True`) look at the whole array first; a stream (`reset=False`) starts from the
    values in the voice's card and is ended by `flush()`. `output_gain_db` is the gain of the converted
    voice, before `mix` joins it to the input. Its card and the headers of its files say what the voice can;
    the weights are opened when it first sings, or by `open()`.

    A knob that nobody moved stands where the voice has it and goes along when `voice` is set; `to_dict` and
    presets write every value out. What a voice lacks (an index, a diffusion) is refused when it is asked for.
    """

    KNOBS: ClassVar[tuple[Spec, ...]] = KNOBS
    SWITCHES: ClassVar[tuple[str, ...]] = ("voice", *(row.name for row in SWITCHES))
    PASSES_AT: ClassVar[Mapping[str, float]] = {"mix": 0.0}

    def __init__(self, voice: str = "vela", *, device: str = "", **options: Unpack[VoiceOptions]) -> None:
        self._switches: dict[str, Value] = {row.name: row.default for row in SWITCHES}
        self._moved = set[str]()
        self._voice = Outline(shelf.find(voice), device)
        self._name, self._singer = voice, shelf.singer(voice)
        super().__init__(**cast(Mapping[str, Any], options))

    @property
    def voice(self) -> str:
        """Name of the singer: "vela", or "mei/alto" for one of several in a voice."""
        return self._name

    @voice.setter
    def voice(self, name: str) -> None:
        """Refused, and nothing changes, when the other voice lacks what is set here."""
        other = Outline(shelf.find(name), self._voice.where)
        moved = {knob: self.knob(knob) for knob in self._moved}
        for knob, value in {**moved, **self._switches}.items():
            _refuse_lack(other, name, knob, value)
        self._voice, self._name, self._singer = other, name, shelf.singer(name)
        self._values = self._defaults() | moved

    @property
    def device(self) -> str:
        """Where the voice's networks run, such as "cpu". Set, it says where so-vits-svc and RVC voices will,
        in place of `SVCFX_DEVICE`; presets do not keep it."""
        return self._voice.device

    @device.setter
    def device(self, name: str) -> None:
        self._voice = Outline(self._voice.card, name)

    @property
    def placed_on(self) -> str:
        """The device that it is known to run on without torch; "" where that is asked of the machine."""
        return "cpu" if self._voice.card.is_one_file else self._voice.where

    def open(self) -> None:
        """Have the voice's weights at hand now, not when it first sings.

        Raises:
            VoiceError: They are missing or damaged.
        """
        _ = self._voice.opened

    @property
    def cost(self) -> float:
        """Rough seconds of work for a second of sound on two cores."""
        return self._voice.cost(refined=bool(self.diffusion_depth > 0 or self.diffusion_only))

    def resting(self, name: str) -> Value | None:
        """Where a row of the table of knobs stands until somebody moves it, for this voice."""
        return {**RESTS, **self._voice.defaults}.get(name)

    def cannot_move(self, name: str) -> str:
        """Why this voice cannot move a row of the table of knobs: "has no ..."; "" when it can."""
        return lacks(self._voice.have, name, BY_NAME[name].moved)

    def _defaults(self) -> dict[str, float | str]:
        return super()._defaults() | dict(self._voice.defaults)

    def _as_set(self) -> dict[str, object]:
        """As `to_dict`, but knobs that nobody moved are left to the voice, as in this node."""
        resting = {spec.name for spec in self.KNOBS} - self._moved
        moved = {name: value for name, value in self.to_dict().items() if name not in resting}
        return moved | ({"device": self._voice.where} if self._voice.where else {})

    def facts(self) -> dict[str, object]:
        """As `to_dict`, but the voice is what it is, not what it is called."""
        knobs = {name: value for name, value in self.to_dict().items() if name != "voice"}
        return {
            **knobs,
            "singer": self._singer,
            **identity.facts(self._name, str(self.pitch), self._voice.where),
        }

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

    def latency_at(self, sample_rate: float) -> int:
        """`latency_samples` at that rate, less than a second of audio."""
        lookahead = cast(LookaheadName, self.lookahead)
        return math.ceil(self._voice.latency_seconds(sample_rate, lookahead) * sample_rate)

    def begin(self, channels: int, sample_rate: float) -> "ConversionFlow":
        """Start a stream of that many channels."""
        from svcfx.node.flow import ConversionFlow

        return ConversionFlow(self._voice, channels, sample_rate, self._settings(), self.stereo)

    def whole(self, heard: arrays.Inlet, sample_rate: float, curves: Curves, events: Events) -> Samples:
        """Convert a whole array; it is looked at before it is sung."""
        from svcfx.node import whole

        if self.stereo == "mid":
            blocks = (heard.block(*span) for span in whole.spans(heard.frames, sample_rate))
            stereo.tell_of_mid(blocks, events)
        if self.pitch == "crepe":
            events.note(Note("slow-tracker", SLOW))
        done = whole.WholeConversion(self._voice, self._settings(), sample_rate, self.stereo)
        return done.convert(heard, curves, events)

    def check_curves(self, curves: Curves, seconds: float) -> None:
        """Refuse curves that it cannot follow for `seconds`, and knobs that exclude each other."""
        highest = {name: float(self.knob(name)) for name in MOVABLE}
        for name, curve in curves.items():
            low, highest[name] = self.reach(name, curve, seconds)
            _refuse_lack(self._voice, self._name, name, low)
            _refuse_lack(self._voice, self._name, name, highest[name])
        check_together({**dict(self.knobs()), **self._switches, **highest})

    def analyse(self, audio: Samples, sample_rate: float, keep: Keeper = afresh) -> "Pitch":
        """Pitch of a mono stem (frames,) as this node follows it at 0 semitones, at 10 ms frames."""
        from svcfx.chain.analysis import analyse

        pitch, repair = cast(PitchName, self.pitch), self.octave_repair
        return analyse(audio, sample_rate, pitch, octave_repair=repair, keep=keep)

    def tracked_by(self) -> dict[str, object]:
        """What `analyse` depends on beside its audio, as `facts`."""
        from svcfx.chain.pitch import identity as tracker_identity

        return {"pitch": tracker_identity(str(self.pitch)), "octave_repair": self.octave_repair}

    def suggest_transpose(self, audio: NDArray[Any], sample_rate: float) -> Suggestion:
        """The octave that brings the melody of a whole array into the singer's range, and why.

        Raises:
            VoiceError: The voice's card gives no range.
        """
        self.require_range()
        return self.suggest_octave([self.sung(audio, sample_rate)])

    def sung(self, audio: NDArray[Any], sample_rate: float, keep: Keeper = afresh) -> "Pitch":
        """The voiced frames of a whole array, for `suggest_octave`; as `heard`."""
        return self.heard(audio, sample_rate, keep).of_voiced()

    def heard(self, audio: NDArray[Any], sample_rate: float, keep: Keeper = afresh) -> "Pitch":
        """Pitch of a whole array at 10 ms frames. The default tracker is asked, whatever the node's: a range
        needs no better one. `keep` may know some of it already."""
        from svcfx.chain.analysis import analyse
        from svcfx.node import whole

        rate = arrays.check_rate(sample_rate)
        inlet = arrays.inward(audio, self._layout)
        blocks = [inlet.block(*span).mean(0, dtype=np.float32) for span in whole.spans(inlet.frames, rate)]
        mono = np.concatenate([*blocks, np.zeros(0, np.float32)])
        return analyse(mono, rate, keep=keep)

    def noted(self, f0_hz: "Values", curves: Curves) -> "Values":
        """A line (T,) at 10 ms frames as `retune`, `scale_steps` and `part_note` have it, which `curves` may
        move; what has no pitch stays."""
        from svcfx.chain.pitch.melody import Melody, at_work, drawn
        from svcfx.chain.scales import scale

        moved = self._all(curves)
        if not at_work(moved):
            return f0_hz
        return drawn(f0_hz, (f0_hz > 0).astype(np.float64), Melody(scale(self.scale), FRAME_SECONDS), moved)

    def suggest_octave(self, heard: "Sequence[Pitch]", who: str = "it is") -> Suggestion:
        """The octave that brings all that was `sung` into the singer's range, and why.

        The middle 80 % of the frames whose pitch is sure decide, so a phrase's creaky end does not.

        Raises:
            VoiceError: The voice's card gives no range.
        """
        from svcfx.chain.pitch import joined

        return suggest(joined(heard).sure().report(MIDDLE_SHARE), self.voice, *self.require_range(), who)

    def require_range(self) -> tuple[float, float]:
        """Where the singer sings well, in Hz; raises `VoiceError` when the voice's card gives no range."""
        card = shelf.find(self.voice).singer(self.voice)
        if card.low_hz is None or card.high_hz is None:
            raise unknown_range(self.voice)
        return card.low_hz, card.high_hz

    def sings_apart(self, curves: Curves) -> bool:
        """Whether a phrase, as `curves` move knobs, sounds as it does whatever is sung elsewhere: nothing is
        matched to the whole stem, coloured or moved behind it."""
        from svcfx.node import colour, growl

        matched = self._voice.matched_to_source and self.level != "card"
        return not (matched or self.timing_ms or first_up(self._all(curves), growl.NAMES + colour.NAMES))

    def _settings(self) -> ChainSettings:
        return settings(self._singer, {**dict(self.knobs()), **self._switches})


def _refuse_lack(voice: Voice, name: str, knob: str, value: Value) -> None:
    """Raise `VoiceError` when the voice called `name` has no part for `knob` to stand at `value`."""
    if missing := voice.lacks(knob, value):
        raise VoiceError(f"voice '{name}' {missing}", hint=f"leave {knob} out")
