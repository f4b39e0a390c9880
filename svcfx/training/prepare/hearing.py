"""All recordings heard and judged: the pieces that are kept, and what is set aside."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from svcfx.errors import AudioFileError
from svcfx.training.prepare import judging, slicing
from svcfx.training.prepare.judging import SetAside
from svcfx.training.prepare.listening import CutPiece, HeardPiece, hear
from svcfx.training.prepare.recordings import Recording
from svcfx.training.prepare.records import SourceRecord
from svcfx.training.prepare.survey import Survey, survey
from svcfx.training.prepare.workers import ProcessPool

LOSSY = (".mp3", ".ogg")
OnStep = Callable[[str, float], None]
"""Called with what is done ("listen", "judge", "features") and the share of it that is done."""
_SPANS = {"listen": (0.0, 0.05), "judge": (0.05, 0.3), "features": (0.3, 1.0)}
"""Where in all of it each begins and ends, as far as can be known beforehand."""


def share_of_all(stage: str, share: float) -> float:
    """How much of a preparation is done where a share of one of its stages is."""
    begin, end = _SPANS[stage]
    return begin + share * (end - begin)


@dataclass(frozen=True, eq=False)
class KeptPiece:
    """A piece that is trained on."""

    recording: Recording
    cut: CutPiece
    heard: HeardPiece
    clipped_share: float


@dataclass(frozen=True, eq=False)
class Judged:
    """What all recordings gave."""

    sources: tuple[SourceRecord, ...]
    kept: tuple[KeptPiece, ...]
    set_aside: tuple[SetAside, ...]


def judge(recordings: Sequence[Recording], least_snr_db: float, pool: ProcessPool, on_step: OnStep) -> Judged:
    """Survey each recording, cut it, hear each piece, and judge them.

    A recording that cannot be read is set aside as "unreadable"; the others go on.
    """
    paths = [recording.path for recording in recordings]
    surveys = pool.each(survey, paths, lambda share: on_step("listen", share))
    sources: list[SourceRecord] = []
    aside: list[SetAside] = []
    cuts: list[tuple[Recording, CutPiece, float]] = []
    for recording, found in zip(recordings, surveys, strict=True):
        if isinstance(found, AudioFileError):
            aside.append(_whole(recording, 0.0, "unreadable", _without_path(found, recording.path)))
            continue
        sources.append(_source(recording, found))
        spans = slicing.pieces(found.power)
        fault = judging.recording_fault(found) or (None if spans else ("silent", "nothing is sung in it"))
        if fault is not None:
            aside.append(_whole(recording, found.seconds, *fault))
            continue
        for span in spans:
            clipped = float(found.clipped[span.start : span.stop].sum()) / (
                span.frames * found.sample_rate / 100
            )
            cut = CutPiece(recording.path, found.sample_rate, span, judging.gain_db(found))
            cuts.append((recording, cut, clipped))
    heard = pool.each(hear, [cut for _, cut, _ in cuts], lambda share: on_step("judge", share))
    kept, faulty = _sorted_out(cuts, heard, least_snr_db)
    order = {recording.label: index for index, recording in enumerate(recordings)}
    aside = sorted([*aside, *faulty], key=lambda row: (order[row.label], row.start_seconds))
    return Judged(tuple(sources), kept, tuple(aside))


def _sorted_out(
    cuts: Sequence[tuple[Recording, CutPiece, float]],
    heard: Sequence[HeardPiece | AudioFileError],
    least_snr_db: float,
) -> tuple[tuple[KeptPiece, ...], list[SetAside]]:
    aside: list[SetAside] = []
    good: list[KeptPiece] = []
    for (recording, cut, clipped), found in zip(cuts, heard, strict=True):
        if isinstance(found, AudioFileError):
            aside.append(_part(recording, cut, "unreadable", _without_path(found, recording.path)))
        elif fault := judging.piece_fault(found, clipped, least_snr_db):
            aside.append(_part(recording, cut, *fault))
        else:
            good.append(KeptPiece(recording, cut, found, clipped))
    # Of a sound that is there twice the one that no codec has been at is kept.
    good.sort(key=lambda piece: piece.recording.path.suffix.lower() in LOSSY)
    copies = judging.copies_of([piece.heard for piece in good])
    for index, first in copies.items():
        original = good[first]
        at = f"'{original.recording.label}' at {original.cut.start_seconds:.1f} s"
        aside.append(_part(good[index].recording, good[index].cut, "copy", f"it is the same sound as {at}"))
    kept = [piece for index, piece in enumerate(good) if index not in copies]
    return tuple(sorted(kept, key=lambda piece: (piece.recording.label, piece.cut.span))), aside


def _whole(recording: Recording, seconds: float, reason: judging.Reason, sentence: str) -> SetAside:
    return SetAside(recording.label, recording.singer, 0.0, round(seconds, 3), reason, sentence)


def _part(recording: Recording, cut: CutPiece, reason: judging.Reason, sentence: str) -> SetAside:
    seconds = cut.span.frames / 100
    return SetAside(recording.label, recording.singer, cut.start_seconds, seconds, reason, sentence)


def _without_path(error: AudioFileError, path: Path) -> str:
    """The sentence as it reads beside the recording's own name."""
    return error.message.replace(f"'{path}'", "it")


def _source(recording: Recording, found: Survey) -> SourceRecord:
    return SourceRecord(
        label=recording.label,
        singer=recording.singer,
        seconds=round(found.seconds, 3),
        sample_rate=found.sample_rate,
        channels=found.channels,
        lufs=round(found.lufs, 2) if math.isfinite(found.lufs) else None,
        gain_db=judging.gain_db(found),
    )
