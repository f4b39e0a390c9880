"""From recordings to a dataset that voices are trained on.

    me/dataset.toml     which items are trained on (`training.index`)
    me/prepared.json    where they came from, and what was set aside (`records`)
    me/content.safetensors  the encoder that heard its content, where that is svcfx's own
    me/items/mei/...    features; a name ends in twelve digits that stand for the sound and how it was heard

An item whose sound and settings are the same is not made again, so a run that was stopped goes on where it
was, and new recordings cost their own time only. The same recordings and settings give the same bytes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from svcfx.atomic import atomic
from svcfx.chain import places
from svcfx.chain.checkpoint import converted
from svcfx.chain.content import builtin
from svcfx.errors import AudioFileError, InputError, MissingPartError
from svcfx.training import index
from svcfx.training.index import DatasetEntry, DatasetIndex
from svcfx.training.prepare import folder, recordings, records
from svcfx.training.prepare.cautions import cautions
from svcfx.training.prepare.features import Features, make
from svcfx.training.prepare.folder import Earlier
from svcfx.training.prepare.hearing import Judged, OnStep, judge
from svcfx.training.prepare.judging import SetAside
from svcfx.training.prepare.listening import FFT, HOP, RATE
from svcfx.training.prepare.planning import planned
from svcfx.training.prepare.records import Records
from svcfx.training.prepare.settings import Settings
from svcfx.training.prepare.workers import workers
from svcfx.voices import encoder


def prepare(
    given: Path,
    out: Path,
    settings: Settings,
    *,
    singer: str | None = None,
    jobs: int = 1,
    update: bool = False,
    dry_run: bool = False,
    on_step: OnStep = lambda _stage, _share: None,
) -> Records:
    """Make or bring up to date the dataset in `out`; with `dry_run` only listen and judge.

    Args:
        given: A folder of recordings, with a folder for each singer or without; or one file.
        singer: Whose all of them are.
        jobs: Processes.
        update: Whether `out` may hold a finished dataset already.

    Raises:
        InputError: There is nothing to train on; the reasons are counted.
        OutputExistsError: `out` is something else already.
        MissingPartError: The content encoder or the weights of the pitch tracker are not here.
        OutputError: The disk is full; what was made stays and is found again.
    """
    if settings.pitch == "rmvpe":
        places.require_rmvpe()
    found = recordings.find(given, singer, leave_out=out)
    features = Features(settings.content_encoder, "" if dry_run else _encoder_hash(settings), settings.pitch)
    earlier = Earlier() if dry_run else folder.begin(out, update=update)
    with workers(jobs) as pool:
        judged = _without(judge(found.recordings, settings.least_snr_db, pool, on_step), earlier)
        if not judged.kept:
            raise _nothing(given, judged.set_aside)
        tasks = planned(judged.kept, features, settings.altered, earlier, out)
        if not dry_run:
            results = pool.each(make, [task for task, _ in tasks], lambda share: on_step("features", share))
            frames = [_frames(result) for result in results]
    told = Records(
        settings=asdict(settings),
        sources=judged.sources,
        pieces=tuple(piece for _, piece in tasks),
        set_aside=judged.set_aside,
        passed_over=found.passed_over,
    )
    told = replace(told, cautions=cautions(told.sources, told.pieces))
    if not dry_run:
        _write(told, frames, settings, out)
    return told


def _encoder_hash(settings: Settings) -> str:
    if settings.content_encoder == builtin.KIND:
        return encoder.builtin().sha256
    known = encoder.facts()
    if known is None or not encoder.is_there(settings.content_encoder):
        raise MissingPartError(
            f"content is heard by ContentVec ({settings.content_encoder}), which is not here yet",
            hint=encoder.WAYS,
        )
    encoder.load(settings.content_encoder, "in training")  # damage is told before an hour of listening
    return known.sha256


def _without(judged: Judged, earlier: Earlier) -> Judged:
    """What was judged, but for pieces that a person took out of the index."""
    out = [piece for piece in judged.kept if piece.heard.sha256 in earlier.taken_out]
    rows = [
        SetAside(piece.recording.label, piece.recording.singer, piece.cut.start_seconds, piece.heard.seconds,
                 "taken out", "it was deleted from dataset.toml")
        for piece in out
    ]  # fmt: skip
    kept = tuple(piece for piece in judged.kept if piece not in out)
    return replace(judged, kept=kept, set_aside=(*judged.set_aside, *rows))


def _nothing(given: Path, aside: Sequence[SetAside]) -> InputError:
    if len(aside) == 1:
        return InputError(f"nothing in '{given}' can be trained on: '{aside[0].label}': {aside[0].sentence}")
    counts = ", ".join(f"{count} {reason}" for reason, count in Counter(row.reason for row in aside).items())
    return InputError(
        f"nothing in '{given}' can be trained on: of {len(aside)} recordings and pieces {counts};"
        f" the first is '{aside[0].label}': {aside[0].sentence}"
    )


def _frames(result: int | AudioFileError) -> int:
    """An item's frames; a recording that changed between being heard and being read stops the run."""
    if isinstance(result, AudioFileError):
        raise result
    return result


def _write(told: Records, frames: Sequence[int], settings: Settings, out: Path) -> None:
    """The encoder where it is svcfx's own, the records, then the index, which makes it a whole dataset."""
    if settings.content_encoder == builtin.KIND:
        with atomic(out / builtin.FILE) as temporary:
            converted.save_content(encoder.builtin(), temporary)
    records.write(told, out)
    entries = tuple(
        DatasetEntry(piece.file, piece.singer, count, piece.part)
        for piece, count in zip(told.pieces, frames, strict=True)
    )
    made = DatasetIndex(
        sample_rate=RATE,
        hop=HOP,
        fft=FFT,
        content_encoder=settings.content_encoder,
        pitch=settings.pitch,
        singers=told.singers,
        entries=entries,
        consent=settings.consent,
        set_aside=tuple(row.line for row in told.set_aside),
    )
    index.write(made, out)
    folder.finish(out, {piece.file for piece in told.pieces})
