"""What a session file may say of an instrument that plays a MIDI track."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from svcfx.dsp.synth import Waveform
from svcfx.session.tables import Name, Settings, Table, Where

SYNTH = "synth"
Milliseconds = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]
_OF_PLUGIN = ("file", "set", "state", "tail_seconds")


class Instrument(Table):
    """The built-in synth, or a VST3 by its name or identifier.

    The synth has a `waveform` and an envelope; `sustain` is the level that a held note comes to. A VST3 has
    values by parameter in `set`, a .vstpreset file as its `state`, a `file` where it is not installed, and
    rings for `tail_seconds`.
    """

    waveform: Waveform = "saw"
    attack_ms: Milliseconds = 5.0
    decay_ms: Milliseconds = 300.0
    sustain: float = Field(default=0.6, ge=0, le=1, allow_inf_nan=False)
    release_ms: Milliseconds = 150.0
    vst3: Name | None = None
    file: Where | None = None
    state: Where | None = None
    set: Settings = Field(default_factory=dict)
    tail_seconds: float = Field(default=2.0, ge=0, le=60, allow_inf_nan=False)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        is_plugin = self.is_plugin
        for name in sorted(self.model_fields_set - {"vst3"}):
            if is_plugin and name not in _OF_PLUGIN:
                raise ValueError(f"{name} is the synth's, a VST3 has {', '.join(_OF_PLUGIN)}")
            if not is_plugin and name in _OF_PLUGIN:
                raise ValueError(f'{name} is a VST3\'s: name it, vst3 = "..."')
        return self

    @property
    def is_plugin(self) -> bool:
        """Whether it is a VST3."""
        return self.vst3 is not None or self.file is not None


def _as_instrument(given: object) -> object:
    """The text "synth" is the synth as it comes."""
    if isinstance(given, str) and given != SYNTH:
        raise ValueError(
            f"instrument is '{given}', allowed are \"{SYNTH}\", a table of the synth's, "
            f'and {{ vst3 = "{given}" }}'
        )
    return {} if given == SYNTH else given


Played = Annotated[Instrument, BeforeValidator(_as_instrument)]
