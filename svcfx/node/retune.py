"""`Retune`: draws a vocal to its notes and leaves its voice as it is."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from svcfx.audio import Samples
from svcfx.chain.knobs import BY_NAME, Knob, Switch
from svcfx.chain.scales import scale
from svcfx.chain.voice import AT_REST
from svcfx.errors import ParamError
from svcfx.events import Events
from svcfx.node import arrays
from svcfx.node.effect import Curves, Effect, NodeFlow
from svcfx.node.knobs import Spec

_NAMES = ("retune", "retune_ms", "humanize", "keep_vibrato", "bias_cents", "target_note")
_ALL = 1.0


def _specs() -> tuple[Spec, ...]:
    """The rows of a voice; here `retune` is up from the beginning."""
    rows = [BY_NAME[name] for name in _NAMES]
    return tuple(
        replace(row, default=_ALL) if row.name == "retune" else row for row in rows if isinstance(row, Knob)
    )


class Retune(Effect):
    """Moves the pitch of one sung voice to a key's notes, period by period; formants and breaths stay.

    Knobs are those of a voice's `retune`; `scale` is a text such as "A minor", "" for all twelve notes.
    """

    KNOBS: ClassVar[tuple[Spec, ...]] = _specs()
    SWITCHES: ClassVar[tuple[str, ...]] = ("scale",)
    PASSES_AT: ClassVar[dict[str, float]] = {"retune": 0.0}
    _scale = ""

    def __init__(self, scale: str = "", **knobs: Any) -> None:
        super().__init__(**knobs)
        self.scale = scale

    @property
    def scale(self) -> str:
        """Key and scale that it draws to."""
        return self._scale

    @scale.setter
    def scale(self, text: str) -> None:
        row = BY_NAME["scale"]
        assert isinstance(row, Switch)
        self._scale = str(row.check(text))

    def begin(self, channels: int, sample_rate: float) -> NodeFlow:
        """Refused: the note that is meant is only known with what follows.

        Raises:
            ParamError: Always.
        """
        raise ParamError(
            "Retune looks a second ahead, and a stream may lag no more than that",
            hint="play the whole audio (leave out reset=False)",
        )

    def whole(self, heard: arrays.Inlet, sample_rate: float, curves: Curves, events: Events) -> Samples:
        """Tune a whole array; what all channels hold together is heard, and all are moved alike."""
        from svcfx.chain.analysis import analyse  # here: a board is made and checked without torch
        from svcfx.chain.config import FRAME_SECONDS
        from svcfx.chain.pitch.melody import Melody, drawn
        from svcfx.dsp.psola import shifted

        array, out = heard.outlet(heard.frames)
        audio = heard.block(0, heard.frames)
        mono = audio.mean(0, dtype=np.float32)
        f0 = analyse(mono, sample_rate).f0_hz
        voiced = f0 > 0
        melody = Melody(scale(self.scale), FRAME_SECONDS)
        line = drawn(f0, voiced.astype(np.float64), melody, {**AT_REST, **curves})
        ratios = np.where(voiced, line / np.where(voiced, f0, 1.0), 1.0)
        out[:] = shifted(audio, sample_rate, f0, ratios)
        return array
