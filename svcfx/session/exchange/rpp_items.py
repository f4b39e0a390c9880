"""Items of a REAPER project as pieces of recordings, and what of them is not heard."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from svcfx import audio
from svcfx.errors import AudioFileError
from svcfx.session.exchange import volume
from svcfx.session.exchange.rpp_envelopes import is_active
from svcfx.session.exchange.rpp_text import Chunk
from svcfx.session.exchange.song import Lost, Piece

_MOST_PASSES = 20_000
_SOURCES = ("WAVE", "FLAC", "MP3", "VORBIS", "OPUS", "WAVPACK", "VIDEO")
_EFFECTS = {"VST", "JS", "AU", "AUi", "CLAP", "DX", "LV2", "VIDEO_EFFECT"}
_NEAR = 1e-9
_CLICK_SECONDS = 0.05
"""Fades up to here only keep an edge from clicking, and their shape is not heard."""


def pieces_of(item: Chunk, name: str, places: Mapping[str, Path], lost: Lost) -> Iterator[Piece]:
    """An item's recording, again and again where it loops."""
    called = "".join(item.first("NAME").words[:1]) or name
    where = f"track '{name}': item '{called}'"
    source = source_of(item)
    if item.first("MUTE").number(0):
        lost.add(f"{where}, which is muted")
        return
    if source is None or not file_of(source):
        kind = source.words[0] if source is not None and source.words else "nothing"
        lost.add(f"{where}, which plays {'MIDI' if kind.startswith('MIDI') else kind}")
        return
    for said in _unheard(item):
        lost.add(f"{where}: {said}")
    level = item.first("VOLPAN")
    gain_db = volume.decibels(abs(level.number(0, 1.0) * level.number(2, 1.0)))
    start, lasts, offset = (item.first(key).number(0) for key in ("POSITION", "LENGTH", "SOFFS"))
    offset += _section(item).first("STARTPOS").number(0)
    fades = item.first("FADEIN").number(1), item.first("FADEOUT").number(1)
    whole = Piece(file_of(source), start, offset, lasts, *fades, gain_db)
    yield from _looped(whole, places) if item.first("LOOP").number(0, 1.0) else iter([whole])


def _section(item: Chunk) -> Chunk:
    """The stretch of a recording that an item plays, where it says one."""
    source = next(item.chunks("SOURCE"), None)
    return source if source is not None and source.words[:1] == ["SECTION"] else Chunk("")


def source_of(item: Chunk) -> Chunk | None:
    """What an item's first take plays."""
    source = next(item.chunks("SOURCE"), None)
    while source is not None and source.words[:1] == ["SECTION"]:
        source = next(source.chunks("SOURCE"), None)
    return source


def file_of(source: Chunk) -> str:
    """The recording of a source, "" where it is none."""
    if source.words[:1] and source.words[0] in _SOURCES:
        return "".join(source.first("FILE").words[:1])
    return ""


def effects(chain: Chunk) -> Iterator[str]:
    for effect in chain.chunks(*_EFFECTS):
        yield "".join(effect.words[:1]) or effect.key


def _unheard(item: Chunk) -> Iterator[str]:
    """What of an item is not taken."""
    speed, pitch = item.first("PLAYRATE").number(0, 1.0), item.first("PLAYRATE").number(2)
    if abs(speed - 1.0) > _NEAR:
        yield f"its speed of {speed:g}: it plays at its own"
    if pitch:
        yield f"its pitch of {pitch:+g} semitones"
    level = item.first("VOLPAN")
    if level.number(1):
        yield "its pan"
    if level.number(0, 1.0) * level.number(2, 1.0) < 0:
        yield "its turned polarity"
    for fade in (item.first("FADEIN"), item.first("FADEOUT")):
        if fade.number(0) and fade.number(1) > _CLICK_SECONDS:
            yield f"the shape of its {fade.key}: it is a straight line"
    if any(True for _ in item.every("TAKE")):
        yield "its takes but the first"
    if item.first("SM").key:
        yield "its stretch markers"
    if item.first("CHANMODE").number(0):
        yield "its channel mode"
    for envelope in item.chunks():
        if envelope.key.endswith("ENV") and is_active(envelope):
            yield f"envelope {envelope.key}"
        if envelope.key == "TAKEFX":
            yield from (f"effect '{effect}'" for effect in effects(envelope))


def _looped(piece: Piece, places: Mapping[str, Path]) -> Iterator[Piece]:
    """A piece that goes on from its recording's beginning where that ends before it."""
    try:
        info = audio.probe(places[piece.file]) if piece.file in places else None
    except AudioFileError:
        info = None
    length = info.seconds if info is not None else 0.0
    if length <= 0 or piece.offset_seconds < 0 or piece.offset_seconds + piece.seconds <= length + 1e-6:
        yield piece
        return
    at, left, offset = piece.start_seconds, piece.seconds, piece.offset_seconds % length
    count = 0
    while left > 0 and count <= _MOST_PASSES:
        lasts = min(left, length - offset)
        first = piece.fade_in_seconds if not count else 0.0
        last = piece.fade_out_seconds if lasts == left else 0.0
        yield Piece(piece.file, at, offset, lasts, first, last, piece.gain_db)
        at, left, offset, count = at + lasts, left - lasts, 0.0, count + 1
