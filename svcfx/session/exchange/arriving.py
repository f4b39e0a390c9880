"""A song of another program as a folder that holds a session and its stems."""

import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import tomlkit

from svcfx import midi
from svcfx.documents import one_line
from svcfx.errors import InputError, OutputError, OutputExistsError
from svcfx.lanes import Lane
from svcfx.midi.write import time_file
from svcfx.session import document, proposing
from svcfx.session.exchange.recordings import Recordings
from svcfx.session.exchange.song import Lost, Song, Track, unique
from svcfx.session.exchange.volume import LOUDEST_DB, SILENT_DB
from svcfx.session.strip_model import MASTER

MIDI = "song.mid"
_LONGEST_NAME = 110
_BPM = (20.0, 400.0)


@dataclass(frozen=True, slots=True)
class Arrived:
    """The session's file, and by name what could not be taken."""

    session: Path
    lost: tuple[str, ...]


def write(song: Song, places: Mapping[str, Path], folder: Path) -> Arrived:
    """Write a song into `folder`, whole or not at all.

    A track that is one whole recording keeps its file, byte for byte; one of several clips, or of a part of a
    recording, becomes a file of 32-bit floats.

    Args:
        song: It.
        places: Where each of `song.files` lies; what is not there is told.
        folder: A folder that is not there yet, or is empty.

    Raises:
        OutputExistsError: There is something in the folder.
        InputError: Nothing of it can be played.
    """
    lost = Lost(song.lost)
    with _filled(folder) as temporary:
        tables = _tables(song, Recordings(temporary, places, lost), lost)
        tables |= _time(song, temporary)
        titled = {"title": song.title[:200]} if song.title else {}
        text = tomlkit.dumps({"svcfx_session": 1, **titled, **tables})
        document.save(document.parse(text, temporary / "session.toml"))
    return Arrived(folder / "session.toml", lost.lines)


@contextmanager
def _filled(folder: Path) -> Iterator[Path]:
    """A folder to fill that becomes `folder` when the block succeeds."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise OutputExistsError(f"'{folder}' is there already", hint="choose another folder with `out`")
    temporary: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name[:40]}-", dir=folder.parent))
        yield temporary
        if folder.exists():
            folder.rmdir()
        temporary.chmod(0o755)
        temporary.replace(folder)
    except OSError as error:
        raise OutputError(f"'{folder}' could not be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _tables(song: Song, recordings: Recordings, lost: Lost) -> dict[str, Any]:
    """Stems and buses, whose files are written on the way."""
    named = _named(song.tracks)
    targets = {named[track.name] for track in song.tracks if track.is_bus}
    stems, buses = [], []
    for track, name in zip(song.tracks, named.values(), strict=True):
        file, start = recordings.stem(name, track.pieces)
        strip = _strip(track, named, targets, lost)
        begins = {"start_seconds": start} if start else {}
        if track.is_bus:
            buses.append({"name": name, **strip})
            if file:  # a group that holds clips of its own
                own = unique(f"{name} audio", named.values())
                stems.append({"file": file, "name": own, "role": "pass", **begins, "to": name})
        elif file:
            called = {} if PurePosixPath(file).stem == name else {"name": name}
            role = track.role or proposing.role_of(track.name)
            stems.append({"file": file, **called, "role": role, **begins, **strip})
        else:
            lost.add(f"track '{track.name}': there is no audio on it")
    if not stems:
        raise InputError("there is no audio in it that a session could play", hint="; ".join(lost.lines[:5]))
    return {"stems": stems, "buses": buses} if buses else {"stems": stems}


def _named(tracks: Sequence[Track]) -> dict[str, str]:
    """The strip's name for each track's: printable, not the master's, each once."""
    named: dict[str, str] = {}
    for track in tracks:
        clean = one_line(track.name).strip()[:_LONGEST_NAME] or "track"
        named[track.name] = unique(
            "master bus" if track.is_bus and clean == MASTER else clean, named.values()
        )
    return named


def _strip(track: Track, named: Mapping[str, str], buses: Collection[str], lost: Lost) -> dict[str, Any]:
    """What a stem or a bus says beside its name and file."""
    values = {
        "gain_db": _level(track.gain_db, f"track '{track.name}'", lost),
        "pan": track.pan,
        "mute": track.mute,
        "solo": track.solo,
    }
    strip: dict[str, Any] = {key: value for key, value in values.items() if value}
    if track.to != MASTER:
        if named.get(track.to) in buses:
            strip["to"] = named[track.to]
        else:
            lost.add(f"track '{track.name}': its way to '{track.to}', it goes to the master")
    sends: dict[str, dict[str, Any]] = {}
    for send in track.sends:
        bus = named.get(send.bus, "")
        if bus not in buses or bus in sends:
            lost.add(f"track '{track.name}': a send to '{send.bus}'")
            continue
        level = _level(send.gain_db, f"track '{track.name}', send to '{send.bus}'", lost)
        sends[bus] = {"bus": bus, "gain_db": level, "tap": send.tap}
    if sends:
        strip["sends"] = list(sends.values())
    known = {"gain_db": "gain_db", "pan": "pan"}
    known |= {f"sends.{name}.gain_db": f"sends.{bus}.gain_db" for name, bus in named.items() if bus in sends}
    moved = {known[address]: _lane(lane) for address, lane in track.lanes.items() if address in known}
    return {**strip, "automation": moved} if moved else strip


def _level(gain_db: float, where: str, lost: Lost) -> float:
    kept = min(max(gain_db, SILENT_DB), LOUDEST_DB)
    if kept < gain_db:
        lost.add(f"{where}: {gain_db:g} dB, it has {kept:g} dB")
    return kept


def _lane(lane: Lane) -> dict[str, Any]:
    return {"points": [list(point) for point in lane.points], "interpolation": lane.interpolation}


def _time(song: Song, folder: Path) -> dict[str, Any]:
    """The song's tempo; a MIDI file where that is not one number."""
    tempo_map = song.tempo_map
    if tempo_map is None and not song.markers:
        return {}
    tempo_map = tempo_map or midi.TempoMap(480)
    (tempo, *more), (meter, *others) = tempo_map.tempos, tempo_map.time_signatures
    plain = not (more or others or song.markers) and meter.denominator == 4 and meter.numerator <= 32
    if plain and _BPM[0] <= tempo.bpm <= _BPM[1]:
        return {"tempo": {"bpm": _shortest(tempo), "beats_per_bar": meter.numerator}}
    (folder / MIDI).write_bytes(time_file(tempo_map, song.markers))
    return {"midi": {"file": MIDI, "key_from": "none"}}


def _shortest(tempo: midi.TempoChange) -> float:
    """The tempo in as few digits as mean the same microseconds."""
    near = (round(tempo.bpm, digits) for digits in range(7))
    return next((bpm for bpm in near if round(60e6 / bpm) == tempo.microseconds), tempo.bpm)
