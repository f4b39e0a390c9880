"""Which items a dataset will hold: each kept piece, and its altered copies behind it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from svcfx.training.index import Part
from svcfx.training.prepare import folder
from svcfx.training.prepare.alteration import Alteration, Choices, drawn
from svcfx.training.prepare.features import Features, FeatureTask
from svcfx.training.prepare.folder import Earlier
from svcfx.training.prepare.hearing import KeptPiece
from svcfx.training.prepare.records import DatasetPiece

_ODD = re.compile(r"[^\w.-]+")


def planned(
    kept: Sequence[KeptPiece], features: Features, choices: Choices | None, earlier: Earlier, out: Path
) -> list[tuple[FeatureTask, DatasetPiece]]:
    """Each item to be made, altered copies after what they are copies of."""
    parts = _parts(kept, earlier.parts)
    found = []
    for piece in kept:
        part = parts[piece.heard.sha256]
        copies = choices.copies if choices is not None and part == "train" else 0
        versions = [drawn(choices, piece.heard.sha256, copy) for copy in range(copies)] if choices else []
        for version in (None, *versions):
            task = _task(piece, features, version, out)
            found.append((task, _piece(piece, task, out, version, part)))
    return found


def _task(piece: KeptPiece, features: Features, altered: Alteration | None, out: Path) -> FeatureTask:
    singer, cut = piece.recording.singer, piece.cut
    key = features.key(piece.heard.sha256, cut.gain_db, singer, altered)
    stem = _ODD.sub("_", piece.recording.path.stem)[:60]
    name = f"{stem}-{cut.start_seconds:07.2f}-{key}.npz"
    return FeatureTask(cut, singer, features, altered, out / folder.ITEMS / singer / name)


def _piece(
    piece: KeptPiece, task: FeatureTask, out: Path, altered: Alteration | None, part: Part
) -> DatasetPiece:
    heard = piece.heard
    return DatasetPiece(
        file=task.path.relative_to(out).as_posix(),
        singer=piece.recording.singer,
        part=part,
        source=piece.recording.label,
        start_seconds=piece.cut.start_seconds,
        seconds=round(heard.seconds, 4),
        peak_dbfs=round(heard.peak_dbfs, 2),
        snr_db=round(heard.snr_db, 2),
        clipped_share=round(piece.clipped_share, 6),
        voiced_share=round(heard.voiced_share, 4),
        several_share=round(heard.several_share, 4),
        f0_hz=(round(heard.f0_hz[0], 2), round(heard.f0_hz[1], 2), round(heard.f0_hz[2], 2)),
        notes={number: round(seconds, 4) for number, seconds in heard.notes},
        sha256=heard.sha256,
        altered=altered.facts() if altered is not None else None,
    )


SHARE = 0.05
MOST = 8


def _parts(kept: Sequence[KeptPiece], settled: Mapping[str, Part]) -> dict[str, Part]:
    """The part of each piece by the hash of its sound, so that new recordings move few; `settled` ones stay.

    Each singer gives a twentieth, one piece at least and eight at most; one with a single piece gives none.
    """
    found: dict[str, Part] = {}
    for singer in sorted({piece.recording.singer for piece in kept}):
        sounds = sorted(piece.heard.sha256 for piece in kept if piece.recording.singer == singer)
        wanted = min(max(round(SHARE * len(sounds)), 1), MOST, len(sounds) - 1)
        held = [sound for sound in sounds if settled.get(sound) == "validation"]
        free = [sound for sound in sounds if sound not in settled]
        held += free[: max(wanted - len(held), 0)]
        found |= {sound: "validation" if sound in held else "train" for sound in sounds}
    return found
