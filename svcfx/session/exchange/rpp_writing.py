"""A song as a REAPER project, `.rpp`, whose recordings stay where they lie.

Facts of the format: VOLPAN is a factor and a pan from -1 to 1. A receive (AUXRECV) stands on the track that
hears and names the sender by its place; its mode is 0 behind the fader, 3 before it. An envelope of volume
goes on top of a fader that trims (AUTOMODE 0), one of pan counts from 1 (left) to -1 (right). A strip that
goes to a bus does not send to the master (MAINSEND 0), and its first receive there is its way.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from svcfx import atomic, audio, midi
from svcfx.dsp.levels import gain_from_db
from svcfx.lanes import Lane
from svcfx.session.exchange import volume
from svcfx.session.exchange.dawproject_writing import beside
from svcfx.session.exchange.rpp_text import quoted
from svcfx.session.exchange.song import ROLE, Piece, Song, Track
from svcfx.session.strip_model import MASTER

PRE, POST = 3, 0
_MODES = {"pre": PRE, "post": POST}
_KINDS = {".flac": "FLAC", ".mp3": "MP3", ".ogg": "VORBIS"}


def write(song: Song, recordings: Mapping[str, Path], target: Path) -> None:
    """Write a song; its recordings are named by where they lie.

    Raises:
        OutputError: The file cannot be written.
        AudioFileError: A recording cannot be read.
    """
    names = beside(song, recordings, target)
    lines = [*_head(song), *_time(song)]
    for track in song.tracks:
        lines += [f"  {line}" for line in _track(song, track, recordings, names)]
    with atomic.atomic(target) as temporary:
        temporary.write_text("\n".join([*lines, ">", ""]), encoding="utf-8", newline="\n")


def _head(song: Song) -> Iterator[str]:
    yield "<REAPER_PROJECT 0.1 svcfx 0"
    yield "  <NOTES 0 2"
    yield from (f"    |{ROLE}{track.role} {quoted(track.name)}" for track in song.tracks if track.role)
    yield "  >"
    if song.title:
        yield f"  TITLE {quoted(song.title)}"
    yield "  PANLAW 1"


def _time(song: Song) -> Iterator[str]:
    tempo_map = song.tempo_map
    if tempo_map is not None:
        (tempo, *more), (meter, *others) = tempo_map.tempos, tempo_map.time_signatures
        yield f"  TEMPO {tempo.bpm!r} {meter.numerator} {meter.denominator}"
        if more or others:
            yield "  <TEMPOENVEX"
            yield "    ACT 1 -1"
            yield from (f"    {line}" for line in _tempos(tempo_map))
            yield "  >"
    for number, (seconds, name) in enumerate(song.markers, 1):
        yield f"  MARKER {number} {seconds!r} {quoted(name)} 0"


def _tempos(tempo_map: midi.TempoMap) -> Iterator[str]:
    """A point for each change of tempo or meter: second, quarters a minute, held, and a new meter."""
    meters = {meter.tick: meter for meter in tempo_map.time_signatures}
    bpm = {tempo.tick: tempo.bpm for tempo in tempo_map.tempos}
    now = tempo_map.tempos[0].bpm
    for tick in sorted({*meters, *bpm}):
        now = bpm.get(tick, now)
        meter = meters.get(tick)
        changed = f" {meter.denominator << 16 | meter.numerator}" if meter is not None else ""
        yield f"PT {tempo_map.seconds(tick)!r} {now!r} 1{changed}"


def _track(
    song: Song, track: Track, recordings: Mapping[str, Path], names: Mapping[str, str]
) -> Iterator[str]:
    moved = track.lanes
    yield "<TRACK"
    yield f"  NAME {quoted(track.name)}"
    yield f"  VOLPAN {gain_from_db(track.gain_db)!r} {0.0 if 'pan' in moved else track.pan!r} -1 -1 1"
    yield "  AUTOMODE 0"
    yield f"  MUTESOLO {int(track.mute)} {2 * track.solo} 0"
    yield "  NCHAN 2"
    yield f"  MAINSEND {int(track.to == MASTER)} 0"
    for place, sender in enumerate(song.tracks):
        yield from (f"  {line}" for line in _receives(sender, place, track.name))
    if "gain_db" in moved:
        yield from (f"  {line}" for line in _volume("VOLENV2", moved["gain_db"], track.gain_db))
    if "pan" in moved:
        held = moved["pan"].interpolation == "step"
        points = [(time, -value) for time, value in moved["pan"].points]
        yield from (f"  {line}" for line in _envelope("PANENV2", points, held))
    for piece in track.pieces:
        yield from (f"  {line}" for line in _item(piece, recordings, names))
    yield ">"


def _receives(sender: Track, place: int, name: str) -> Iterator[str]:
    """What a track hears of another: its way first, then its sends."""
    if sender.to == name:
        yield _receive(place, POST, 1.0)
    for send in sender.sends:
        if send.bus == name:
            yield _receive(place, _MODES[send.tap], gain_from_db(send.gain_db))
            if lane := sender.lanes.get(f"sends.{name}.gain_db"):
                yield from _volume("AUXVOLENV", lane, send.gain_db)


def _receive(place: int, mode: int, gain: float) -> str:
    return f"AUXRECV {place} {mode} {gain!r} 0 0 0 0 0 0 -1:U 0 -1 ''"


def _volume(key: str, lane: Lane, at_rest_db: float) -> Iterator[str]:
    """An envelope of gain beside a fader that stands where it stands."""
    held = lane.interpolation == "step"
    points = [(time, value - at_rest_db) for time, value in lane.points]
    drawn = [(time, gain_from_db(db)) for time, db in points] if held else volume.gains(points)
    yield from _envelope(key, drawn, held)


def _envelope(key: str, points: list[tuple[float, float]], held: bool) -> Iterator[str]:
    yield f"<{key}"
    yield "  ACT 1 -1"
    yield "  VIS 1 1 1"
    yield from (f"  PT {time!r} {value!r} {int(held)}" for time, value in points)
    yield ">"


def _item(piece: Piece, recordings: Mapping[str, Path], names: Mapping[str, str]) -> Iterator[str]:
    info = audio.probe(recordings[piece.file])
    lasts = min(piece.seconds, info.seconds - piece.offset_seconds)
    kind = _KINDS.get(recordings[piece.file].suffix.lower(), "WAVE")
    yield "<ITEM"
    yield f"  POSITION {piece.start_seconds!r}"
    yield f"  LENGTH {lasts!r}"
    yield "  LOOP 0"
    yield "  FADEIN 0 0 0"
    yield "  FADEOUT 0 0 0"
    yield f"  NAME {quoted(Path(names[piece.file]).name)}"
    yield f"  SOFFS {piece.offset_seconds!r}"
    yield f"  <SOURCE {kind}"
    yield f"    FILE {quoted(names[piece.file])}"
    yield "  >"
    yield ">"
