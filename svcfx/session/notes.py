"""What a person should hear about a render, with a stable code for programs."""

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "resampled",
    "mended-file",
    "padded",
    "silent",
    "exempt",
    "stretcher",
    "loudness-matched",
    "mid-dropped",
    "midi-ignored",
    "midi-doubtful",
    "polyphonic",
    "out-of-range",
    "clips",
    "turned-down",
    "ceiling",
    "does-not-repeat",
    "voice-changed",
    "licence",
    "octave",
]
_WARNINGS = (
    "mended-file",
    "mid-dropped",
    "midi-doubtful",
    "polyphonic",
    "out-of-range",
    "clips",
    "does-not-repeat",
    "voice-changed",
)


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence. A warning is what `--strict` fails on; the rest is said for information."""

    code: Code
    text: str

    @property
    def is_warning(self) -> bool:
        """Whether the result may not be what was meant."""
        return self.code in _WARNINGS
