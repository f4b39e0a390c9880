"""What is set aside, and why. Nothing that was found is left out without a sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from svcfx.training.prepare.fingerprint import copies
from svcfx.training.prepare.listening import HeardPiece
from svcfx.training.prepare.slicing import SHORTEST_SECONDS
from svcfx.training.prepare.survey import Survey

Reason = Literal[
    "unreadable", "silent", "dull", "cancelled", "short", "clipped", "noisy", "no pitch", "copy", "taken out"
]
LEAST_SNR_DB = 10.0
MOST_CLIPPED_SHARE = 1e-3
LEAST_VOICED_SHARE = 0.05
LEAST_RATE_HZ = 16_000
LEAST_CORRELATION = -0.5
SILENT_LUFS = -60.0
QUIET_LUFS, RAISED_LUFS, HIGHEST_PEAK_DBFS = -30.0, -23.0, -1.0


@dataclass(frozen=True, slots=True)
class SetAside:
    """What is not trained on: a recording, or seconds of it, with the reason and a sentence."""

    label: str
    singer: str
    start_seconds: float
    seconds: float
    reason: Reason
    sentence: str

    @property
    def line(self) -> str:
        """All of it in a sentence."""
        at = f" from {self.start_seconds:.1f} s, {self.seconds:.1f} s" if self.start_seconds else ""
        return f"{self.label}{at}: {self.sentence}"


def recording_fault(survey: Survey) -> tuple[Reason, str] | None:
    """Why nothing of a recording can be used; None when it can be."""
    if survey.channels > 1 and survey.correlation < LEAST_CORRELATION:
        return "cancelled", (
            f"its channels cancel each other when they are mixed (correlation {survey.correlation:.2f});"
            " export one of them"
        )
    if survey.lufs < SILENT_LUFS and not _short_and_loud(survey):
        return "silent", "there is nothing to hear in it"
    if survey.sample_rate < LEAST_RATE_HZ:
        rate = survey.sample_rate
        return "dull", f"{rate} Hz holds nothing above {rate // 2} Hz; {LEAST_RATE_HZ} Hz are the least"
    return None


def _short_and_loud(survey: Survey) -> bool:
    """Less than a loudness block of 0.4 s has no loudness, and may still be heard."""
    return survey.seconds < 0.5 and survey.peak > 1e-3


def gain_db(survey: Survey) -> float:
    """What brings a quiet recording to the level that others have; 0 when it is loud enough."""
    if not math.isfinite(survey.lufs) or survey.lufs >= QUIET_LUFS:
        return 0.0
    room = HIGHEST_PEAK_DBFS - 20.0 * math.log10(survey.peak)
    return round(max(min(RAISED_LUFS - survey.lufs, room), 0.0), 2)


def piece_fault(
    heard: HeardPiece, clipped_share: float, least_snr_db: float = LEAST_SNR_DB
) -> tuple[Reason, str] | None:
    """Why a piece cannot be used; None when it can be."""
    if heard.seconds < SHORTEST_SECONDS:
        return "short", f"it lasts {heard.seconds:.2f} s, {SHORTEST_SECONDS:g} s are the least"
    if clipped_share > MOST_CLIPPED_SHARE:
        return "clipped", (
            f"{100 * clipped_share:.2g} % of its samples are clipped, {100 * MOST_CLIPPED_SHARE:g} % at most"
        )
    if heard.snr_db < least_snr_db:
        return (
            "noisy",
            f"the voice is {heard.snr_db:.0f} dB above the noise, {least_snr_db:g} dB are the least",
        )
    if heard.voiced_share < LEAST_VOICED_SHARE:
        return "no pitch", (
            f"a pitch is heard in {100 * heard.voiced_share:.0f} % of it,"
            f" {100 * LEAST_VOICED_SHARE:g} % are the least"
        )
    return None


def copies_of(pieces: Sequence[HeardPiece]) -> dict[int, int]:
    """Pieces that were heard before: their index, and the index of the first one, the best in front."""
    seen: dict[str, int] = {}
    found: dict[int, int] = {}
    for index, heard in enumerate(pieces):
        first = seen.setdefault(heard.sha256, index)
        if first != index:
            found[index] = first
    return copies([heard.fingerprint for heard in pieces]) | found
