"""Sound for a page: small copies of a song's parts, within what the page may weigh."""

import base64
import math
from dataclasses import dataclass

import numpy as np

from svcfx.audio import Samples
from svcfx.dsp import loudness
from svcfx.dsp.resample import resample
from svcfx.formats import opus

MOST_BYTES = 4_400_000
"""What sound and drawings of a page may weigh as text; 5 MB is the page's own bound, and an encoder goes over
what it is asked for by a few per cent."""
MIX_SHARES, PART_SHARES = 3, 1
"""A mix in stereo gets three times the bits of a part in mono."""
_LEAST_BPS, _MOST_BPS = 8_000, 32_000


@dataclass(frozen=True, slots=True)
class PlayedSound:
    """What a player plays: an address that holds the file itself, and its loudness, None if silent."""

    address: str
    lufs: float | None


@dataclass(frozen=True, slots=True)
class BitBudget:
    """Bits a second of a share, and for how many parts beside the mix there is room."""

    bits_per_second: int
    parts: int

    @classmethod
    def of(cls, seconds: float, parts: int, drawn_bytes: int = 0) -> "BitBudget":
        """For a mix of that length and parts as long, beside drawings that weigh so much."""
        left = max(MOST_BYTES - drawn_bytes, MOST_BYTES // 8)
        whole = left * 8 * 3 / 4 / max(seconds, 1.0)  # base64 writes three bytes as four
        parts = min(parts, max(int(whole / _LEAST_BPS) - MIX_SHARES, 0) // PART_SHARES)
        share = whole / (MIX_SHARES + PART_SHARES * parts)
        return cls(int(min(share, _MOST_BPS)), parts)

    def mix(self, samples: Samples, sample_rate: int) -> PlayedSound:
        """A mix, shape (2, frames)."""
        return _sound(samples, sample_rate, MIX_SHARES * self.bits_per_second)

    def part(self, samples: Samples, sample_rate: int) -> PlayedSound:
        """A part, shape (2, frames), in mono."""
        return _sound(samples.mean(axis=0, keepdims=True), sample_rate, PART_SHARES * self.bits_per_second)


def _sound(samples: Samples, sample_rate: int, bits_per_second: int) -> PlayedSound:
    """A copy of (channels, frames), turned down where it would clip."""
    gain = 1.0 / max(float(np.abs(samples).max(initial=0.0)), 1.0)
    heard = np.asarray(samples * np.float32(gain), np.float32)
    # One channel sounds from both loudspeakers.
    both = heard if len(heard) == 2 else np.repeat(heard, 2, axis=0)
    lufs = loudness.integrated_lufs(both, sample_rate)
    file = opus.encoded(resample(heard, sample_rate, opus.RATE), bits_per_second)
    address = f"data:{opus.MIME};base64,{base64.b64encode(file).decode()}"
    return PlayedSound(address, None if lufs == -math.inf else round(lufs, 2))
