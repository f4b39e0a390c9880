"""Cut a piece out of its recording, and hear what it is worth."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from svcfx import audio
from svcfx.audio import Samples
from svcfx.chain.scales import note_numbers
from svcfx.dsp.levels import gain_from_db, peak_dbfs
from svcfx.dsp.polyphony import polyphonic_share
from svcfx.dsp.resample import resample
from svcfx.training.prepare import noise
from svcfx.training.prepare.fingerprint import fingerprint
from svcfx.training.prepare.slicing import Span
from svcfx.training.prepare.survey import FRAMES_PER_SECOND, mixed

RATE, HOP, FFT = 44_100, 512, 2048
_CONTEXT_SECONDS = 0.05
_STEPS = 2**11

Notes = tuple[tuple[int, float], ...]
"""Seconds sung on each MIDI note."""


@dataclass(frozen=True, slots=True)
class CutPiece:
    """Where a piece lies in its recording, and the gain that it is given."""

    path: Path
    sample_rate: int
    span: Span
    gain_db: float = 0.0

    @property
    def start_seconds(self) -> float:
        """Where in the recording it begins."""
        return self.span.start / FRAMES_PER_SECOND


@dataclass(frozen=True, slots=True)
class HeardPiece:
    """What a piece is worth.

    Attributes:
        sha256: Of its sound at one level, so that copies of it are known whatever their file.
        fingerprint: For copies that are not equal to the bit (see `fingerprint`).
        seconds, peak_dbfs, snr_db: As they say.
        voiced_share: Of its frames, those in which a pitch is sung.
        several_share: Of its loud frames, those with several notes at once.
        notes: Seconds on each MIDI note.
        f0_hz: 5th percentile, median and 95th percentile; zeros when nothing is voiced.
    """

    sha256: str
    fingerprint: bytes
    seconds: float
    peak_dbfs: float
    snr_db: float
    voiced_share: float
    several_share: float
    notes: Notes
    f0_hz: tuple[float, float, float]


def hear(cut: CutPiece) -> HeardPiece:
    """Hear one piece; raises `AudioFileError` when its file changed since it was surveyed."""
    from svcfx.chain.pitch.phrase import phrase_f0  # here: it loads torch

    mono = samples_of(cut)
    found = phrase_f0(mono, RATE, HOP, "swift", gaps="bridged", octave_repair=True)
    sung = np.asarray(found.f0_hz)[np.asarray(found.voiced) > 0]
    numbers, counts = np.unique(np.rint(note_numbers(sung)).astype(int), return_counts=True)
    low, middle, high = np.percentile(sung, [5.0, 50.0, 95.0]) if sung.size else (0.0, 0.0, 0.0)
    return HeardPiece(
        sha256=_hash(mono),
        fingerprint=fingerprint(mono, RATE),
        seconds=len(mono) / RATE,
        peak_dbfs=peak_dbfs(mono[None]),
        snr_db=noise.snr_db(mono, RATE),
        voiced_share=sung.size / max(len(found.voiced), 1),
        several_share=polyphonic_share(mono[None], RATE),
        notes=tuple((int(n), int(c) * HOP / RATE) for n, c in zip(numbers, counts, strict=True)),
        f0_hz=(float(low), float(middle), float(high)),
    )


def samples_of(cut: CutPiece) -> Samples:
    """The piece's sound: mono (n,), 44.1 kHz, whole hops."""
    rate, span = cut.sample_rate, cut.span
    first, last = (frame * rate // FRAMES_PER_SECOND for frame in span)
    context = round(_CONTEXT_SECONDS * rate)
    begin = max(first - context, 0)
    mono = mixed(audio.read_part(cut.path, begin, last + context - begin).samples)
    at_rate = resample(mono[None], rate, RATE)[0]
    start = round((first - begin) * RATE / rate)
    piece = at_rate[start : start + span.frames * RATE // FRAMES_PER_SECOND]
    whole = piece[: len(piece) // HOP * HOP]
    return np.asarray(whole * np.float32(gain_from_db(cut.gain_db)), np.float32)


def _hash(mono: Samples) -> str:
    """Of the samples with their peak at full scale, in steps of 66 dB below it."""
    peak = float(np.abs(mono).max(initial=0.0)) or 1.0
    return hashlib.sha256(np.rint(mono / peak * _STEPS).astype("<i2").tobytes()).hexdigest()
