"""Compare the mel an acoustic model makes with the mel a vocoder reads, before either is used.

Two models that disagree in one of these fields still run: the song comes out as noise, in another key, or
with dull consonants. So every field is compared, and both values stand in the sentence.
"""

from dataclasses import dataclass, fields
from typing import Literal

from svcfx.errors import VoiceError

LogBase = Literal["natural", "log10"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MelFormat:
    """How a log mel was made: rates and limits in Hz, lengths in samples, bins counted."""

    sample_rate_hz: int
    hop_samples: int
    fft_samples: int
    window_samples: int
    bins: int
    low_hz: float
    high_hz: float
    log_base: LogBase = "natural"


_WORDS = {
    "sample_rate_hz": ("sample rate", " Hz"),
    "hop_samples": ("hop", " samples"),
    "fft_samples": ("FFT", " samples"),
    "window_samples": ("window", " samples"),
    "bins": ("mel bins", ""),
    "low_hz": ("lowest frequency", " Hz"),
    "high_hz": ("highest frequency", " Hz"),
    "log_base": ("logarithm", ""),
}


def differences(acoustic: MelFormat, vocoder: MelFormat) -> list[str]:
    """One clause for every field that differs, such as "hop is 512 samples here and 256 samples there"."""
    found = []
    for field in fields(MelFormat):
        ours, theirs = getattr(acoustic, field.name), getattr(vocoder, field.name)
        if ours != theirs:
            word, unit = _WORDS[field.name]
            found.append(f"{word} is {_said(ours)}{unit} and {_said(theirs)}{unit}")
    return found


def require_same(acoustic: MelFormat, vocoder: MelFormat, *, acoustic_name: str, vocoder_name: str) -> None:
    """Refuse a pair that does not speak of the same mel.

    Raises:
        VoiceError: Any field differs; the sentence names each with both values, the model's first.
    """
    found = differences(acoustic, vocoder)
    if found:
        raise VoiceError(
            f"{acoustic_name} and {vocoder_name} do not fit: {'; '.join(found)}",
            hint="Use the vocoder that this model was trained for; its config.json lists these values.",
        )


def _said(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
