"""A REAPER project as a song; what svcfx has no word for is named. The format: see `rpp_writing`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

from svcfx import audio, midi
from svcfx.errors import AudioFileError, InputError
from svcfx.lanes import Lane
from svcfx.midi.write import TICKS_PER_QUARTER
from svcfx.session.exchange import project_time, volume
from svcfx.session.exchange.dawproject_reading import Read, with_buses
from svcfx.session.exchange.places import FORM, place, reach_of
from svcfx.session.exchange.rpp_text import Chunk, Line, parse
from svcfx.session.exchange.rpp_writing import POST, PRE, ROLE
from svcfx.session.exchange.song import Lost, Piece, Send, Song, Track, unique
from svcfx.session.strip_model import MASTER, Role

_MOST_TRACKS = 1000
_MOST_PIECES = 20_000
_SOURCES = ("WAVE", "FLAC", "MP3", "VORBIS", "OPUS", "WAVPACK", "VIDEO")
_KNOWN = {"VOLENV2", "PANENV2", "AUXVOLENV", "AUXPANENV", "AUXMUTEENV"}
_EFFECTS = {"VST", "JS", "AU", "AUi", "CLAP", "DX", "LV2", "VIDEO_EFFECT"}
_NEAR = 1e-9
_CLICK_SECONDS = 0.05
"""Fades up to here only keep an edge from clicking, and their shape is not heard."""
_DIGITS = 9


def read(path: Path, allow_paths: Sequence[Path] = ()) -> Read:
    """Read a song; its recordings may lie where a session's may (see `svcfx.documents.paths`).

    Raises:
        InputError: It is no project that REAPER could have written.
    """
    project = _Project(parse(_text(path), str(path)))
    reach = reach_of(path, allow_paths)
    found = {file: place(file, reach, project.lost) for file in project.files()}
    places = {file: where for file, where in found.items() if where is not None}
    return Read(project.song(places), places)


def _text(path: Path) -> str:
    """The project's text; a byte that is no UTF-8 is no word that svcfx needs."""
    try:
        with path.open("rb") as file:
            data = file.read(FORM.max_bytes + 1)
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {(error.strerror or str(error)).lower()}") from error
    if len(data) > FORM.max_bytes:
        raise InputError(f"'{path}' is larger than any song: allowed are {FORM.max_bytes:,} bytes")
    return data.decode("utf-8", "replace")


class _Project:
    """A project's tracks; `lost` grows by what a song has no word for."""

    def __init__(self, root: Chunk) -> None:
        self.lost = Lost()
        self._root = root
        self._chunks = list(root.chunks("TRACK"))
        if len(self._chunks) > _MOST_TRACKS:
            raise InputError(f"it has more tracks than {_MOST_TRACKS}")
        self._names: list[str] = []
        for count, chunk in enumerate(self._chunks, 1):
            called = "".join(chunk.first("NAME").words[:1]) or f"track {count}"
            self._names.append(unique(called, self._names))

    def files(self) -> Iterator[str]:
        """Every recording that is named, once."""
        sources = (_source(item) for chunk in self._chunks for item in chunk.chunks("ITEM"))
        return iter(
            dict.fromkeys(_file(source) for source in sources if source is not None and _file(source))
        )

    def song(self, places: Mapping[str, Path]) -> Song:
        """The whole of it."""
        roles = dict(self._roles())
        tempo_map = self._tempo_map()
        tracks = [
            self._track(chunk, name, roles.get(name), places)
            for chunk, name in zip(self._chunks, self._names, strict=True)
        ]
        tracks = self._routed(tracks)
        title = "".join(self._root.first("TITLE").words[:1])
        self._master()
        return Song(with_buses(tracks), title, tempo_map, self._markers(), self.lost.lines)

    def _roles(self) -> Iterator[tuple[str, Role]]:
        """Roles that the project's notes say."""
        for notes in self._root.chunks("NOTES"):
            for line in notes.inside:
                said = f"{line.key} {line.rest}".removeprefix(f"|{ROLE}")
                word, _, name = said.partition(" ")
                role: Role | None = next((each for each in get_args(Role) if each == word), None)
                if role is not None:
                    yield "".join(Line("", name).words[:1]), role

    def _master(self) -> None:
        level = self._root.first("MASTER_VOLUME")
        if level.key and (abs(level.number(0, 1.0) - 1.0) > 1e-6 or abs(level.number(1)) > 1e-6):
            self.lost.add(f"the master's volume and pan: {' '.join(level.words[:2])}")
        for chain in self._root.chunks("MASTERFXLIST"):
            for effect in _effects(chain):
                self.lost.add(f"the master's effect '{effect}'")

    def _markers(self) -> tuple[tuple[float, str], ...]:
        """Markers, and where regions begin."""
        found, open_regions = [], set()
        for line in self._root.every("MARKER"):
            words = line.words
            if len(words) > 3 and words[3].isdigit() and int(words[3]) & 1:
                if words[0] in open_regions:  # the end of a region has its number again
                    open_regions.discard(words[0])
                    continue
                open_regions.add(words[0])
            found.append((line.number(1), words[2] if len(words) > 2 and words[2] else "marker"))
        return tuple(sorted(found)[: project_time.MOST_MARKERS])

    def _tempo_map(self) -> midi.TempoMap | None:
        head, envelope = self._root.first("TEMPO"), next(self._root.chunks("TEMPOENVEX"), None)
        if not head.key:
            return None
        tempos = [midi.Tempo(0, project_time.microseconds(head.number(0, 120.0)))]
        meters = [project_time.meter(0, head.number(1, 4.0), head.number(2, 4.0))]
        points = list(envelope.every("PT")) if envelope is not None and _is_active(envelope) else []
        if len(points) > project_time.MOST_CHANGES:
            raise InputError(f"its tempo changes more often than {project_time.MOST_CHANGES:,} times")
        marks = sorted(((line.number(0), line.number(1), line) for line in points), key=lambda mark: mark[0])
        seconds, tick = 0.0, 0.0
        for count, (time, bpm, line) in enumerate(marks):
            tick += max(time - seconds, 0.0) * 1e6 * TICKS_PER_QUARTER / tempos[-1].microseconds
            seconds = max(time, seconds)
            if (microseconds := project_time.microseconds(bpm)) != tempos[-1].microseconds:
                tempos.append(midi.Tempo(round(tick), microseconds))
            signature = int(line.number(3))
            if signature:
                meters.append(project_time.meter(round(tick), signature & 0xFFFF, signature >> 16))
            if line.number(2) == 0 and count + 1 < len(marks) and marks[count + 1][1] != bpm:
                self.lost.add("a tempo that glides: it goes in steps")
        kept = [meter for meter in meters if meter is not None]
        if len(kept) < len(meters):
            self.lost.add("time signatures that are none")
        return midi.TempoMap(TICKS_PER_QUARTER, tuple(tempos), tuple(kept))

    def _track(self, chunk: Chunk, name: str, role: Role | None, places: Mapping[str, Path]) -> Track:
        level, state = chunk.first("VOLPAN"), chunk.first("MUTESOLO")
        gain_db, pan = volume.decibels(level.number(0, 1.0)), _pan(level.number(1))
        trims = not chunk.first("AUTOMODE").number(0)
        lanes: dict[str, Lane] = {}
        for envelope in chunk.chunks():
            if envelope.key == "VOLENV2" and (lane := self._gain(envelope, gain_db if trims else 0.0)):
                lanes["gain_db"] = lane
            elif envelope.key == "PANENV2" and (lane := self._pans(envelope, pan if trims else 0.0)):
                lanes["pan"] = lane
            elif _is_other(envelope):
                self.lost.add(f"track '{name}': envelope {envelope.key}")
        for chain in chunk.chunks("FXCHAIN"):
            for effect in _effects(chain):
                self.lost.add(f"track '{name}': effect '{effect}'")
        if chunk.first("IPHASE").number(0):
            self.lost.add(f"track '{name}': its turned polarity")
        if chunk.first("HWOUT").key:
            self.lost.add(f"track '{name}': its way to an output of the hardware")
        pieces = [piece for item in chunk.chunks("ITEM") for piece in self._pieces(item, name, places)]
        if len(pieces) > _MOST_PIECES:
            self.lost.add(f"track '{name}': clips beyond the first {_MOST_PIECES:,}")
        return Track(
            name,
            tuple(pieces[:_MOST_PIECES]),
            gain_db=gain_db,
            pan=pan,
            mute=state.number(0) != 0,
            solo=state.number(1) != 0,
            lanes=lanes,
            role=role,
        )

    def _gain(self, envelope: Chunk, at_rest_db: float) -> Lane | None:
        """An envelope of volume, which goes on top of its fader, as a lane of the two together."""
        points, held = self._points(envelope)
        if not points:
            return None
        drawn = [(time, volume.decibels(gain)) for time, gain in points] if held else volume.lines(points)
        made = [
            (time, volume.SILENT_DB if db <= volume.SILENT_DB else _clamped(round(db + at_rest_db, _DIGITS)))
            for time, db in drawn
        ]
        return Lane(tuple(made), "step" if held else "linear")

    def _pans(self, envelope: Chunk, at_rest: float) -> Lane | None:
        points, held = self._points(envelope)
        moved = [(time, _pan(at_rest - value)) for time, value in points]
        made = tuple(moved if held else volume.simplified(moved))
        return Lane(made, "step" if held else "linear") if made else None

    def _points(self, envelope: Chunk) -> tuple[list[tuple[float, float]], bool]:
        """Points of an envelope that is switched on, in order, and whether all of them are held."""
        if not _is_active(envelope):
            return [], True
        found = sorted(
            ((line.number(0), line.number(1), int(line.number(2))) for line in envelope.every("PT")),
            key=lambda point: point[0],
        )
        if any(shape not in (0, 1) for _, _, shape in found[:-1]):
            self.lost.add(f"the bends of an envelope {envelope.key}: it goes in straight lines")
        held = all(shape == 1 for _, _, shape in found[:-1] or found)
        drawn: list[tuple[float, float]] = []
        for count, (time, value, _) in enumerate(found):
            if count and found[count - 1][2] == 1 and not held:
                drawn.append((time, found[count - 1][1]))
            drawn.append((time, value))
        return drawn, held

    def _pieces(self, item: Chunk, name: str, places: Mapping[str, Path]) -> Iterator[Piece]:
        """An item's recording, again and again where it loops."""
        called = "".join(item.first("NAME").words[:1]) or name
        where = f"track '{name}': item '{called}'"
        source = _source(item)
        if item.first("MUTE").number(0):
            self.lost.add(f"{where}, which is muted")
            return
        if source is None or not _file(source):
            kind = source.words[0] if source is not None and source.words else "nothing"
            self.lost.add(f"{where}, which plays {'MIDI' if kind.startswith('MIDI') else kind}")
            return
        for said in _unheard(item):
            self.lost.add(f"{where}: {said}")
        level = item.first("VOLPAN")
        gain_db = volume.decibels(abs(level.number(0, 1.0) * level.number(2, 1.0)))
        start, lasts, offset = (item.first(key).number(0) for key in ("POSITION", "LENGTH", "SOFFS"))
        offset += _section(item).first("STARTPOS").number(0)
        fades = item.first("FADEIN").number(1), item.first("FADEOUT").number(1)
        whole = Piece(_file(source), start, offset, lasts, *fades, gain_db)
        yield from _looped(whole, places) if item.first("LOOP").number(0, 1.0) else iter([whole])

    def _routed(self, tracks: list[Track]) -> list[Track]:
        """Tracks with where they go: receives, folders, and the master."""
        sends: dict[str, list[tuple[Send, Lane | None]]] = {name: [] for name in self._names}
        for chunk, name in zip(self._chunks, self._names, strict=True):
            for sender, send, lane in self._receives(chunk, name):
                sends[sender].append((send, lane))
        found = []
        folders: list[str] = []
        for chunk, track in zip(self._chunks, tracks, strict=True):
            found.append(self._sent(track, chunk, sends[track.name], folders[-1] if folders else MASTER))
            levels = int(chunk.first("ISBUS").number(1))
            if levels > 0:
                folders.append(track.name)
            elif levels < 0:
                del folders[max(len(folders) + levels, 0) :]
        return found

    def _sent(self, track: Track, chunk: Chunk, sends: list[tuple[Send, Lane | None]], parent: str) -> Track:
        """A track that goes to its folder or the master, or, where it does not, to its first plain send."""
        way = parent
        if not chunk.first("MAINSEND").number(0, 1.0):
            plain = [s for s in sends if s[0].tap == "post" and abs(s[0].gain_db) < _NEAR and s[1] is None]
            if plain:
                way = plain[0][0].bus
                sends = [each for each in sends if each is not plain[0]]
            else:
                self.lost.add(f"track '{track.name}': it goes nowhere but to its sends, here to '{way}' too")
        lanes = {f"sends.{send.bus}.gain_db": lane for send, lane in sends if lane is not None}
        return replace(track, to=way, sends=tuple(send for send, _ in sends), lanes={**track.lanes, **lanes})

    def _receives(self, chunk: Chunk, name: str) -> Iterator[tuple[str, Send, Lane | None]]:
        """Who sends to a track, how, and how that moves."""
        sender, send, lane = "", None, None
        for line in chunk.inside:
            if line.key == "AUXRECV":
                if send is not None:
                    yield sender, send, lane
                sender, send, lane = *self._receive(line, name), None
            elif line.key == "AUXVOLENV" and isinstance(line, Chunk) and send is not None:
                lane = self._gain(line, send.gain_db)
            elif line.key in ("AUXPANENV", "AUXMUTEENV") and isinstance(line, Chunk) and _is_active(line):
                self.lost.add(f"track '{name}': envelope {line.key}")
        if send is not None:
            yield sender, send, lane

    def _receive(self, line: Line, name: str) -> tuple[str, Send | None]:
        sent_by, mode = int(line.number(0, -1.0)), int(line.number(1))
        if not 0 <= sent_by < len(self._names):
            self.lost.add(f"track '{name}': a receive of no track")
            return "", None
        sender = self._names[sent_by]
        if line.number(4):
            self.lost.add(f"track '{sender}': its send to '{name}', which is muted")
            return "", None
        for field, what in ((3, "pan"), (5, "sum to mono"), (6, "turned polarity")):
            if line.number(field):
                self.lost.add(f"track '{sender}': the {what} of its send to '{name}'")
        if mode not in (POST, PRE):
            self.lost.add(f"track '{sender}': its send to '{name}' before effects, here before the fader")
        level = volume.decibels(line.number(2, 1.0))
        return sender, Send(bus=name, gain_db=_clamped(level), tap="post" if mode == POST else "pre")


def _is_active(envelope: Chunk) -> bool:
    return bool(envelope.first("ACT").number(0, 1.0))


def _is_other(envelope: Chunk) -> bool:
    """Whether it is an envelope of something that a song has no word for, and switched on."""
    is_envelope = envelope.key.endswith(("ENV", "ENV2", "ENV3")) and envelope.key not in _KNOWN
    return is_envelope and _is_active(envelope)


def _pan(value: float) -> float:
    return round(min(max(value, -1.0), 1.0), _DIGITS) + 0.0


def _clamped(db: float) -> float:
    return min(max(db, volume.SILENT_DB), volume.LOUDEST_DB)


def _section(item: Chunk) -> Chunk:
    """The stretch of a recording that an item plays, where it says one."""
    source = next(item.chunks("SOURCE"), None)
    return source if source is not None and source.words[:1] == ["SECTION"] else Chunk("")


def _source(item: Chunk) -> Chunk | None:
    """What an item's first take plays."""
    source = next(item.chunks("SOURCE"), None)
    while source is not None and source.words[:1] == ["SECTION"]:
        source = next(source.chunks("SOURCE"), None)
    return source


def _file(source: Chunk) -> str:
    """The recording of a source, "" where it is none."""
    if source.words[:1] and source.words[0] in _SOURCES:
        return "".join(source.first("FILE").words[:1])
    return ""


def _effects(chain: Chunk) -> Iterator[str]:
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
        if envelope.key.endswith("ENV") and _is_active(envelope):
            yield f"envelope {envelope.key}"
        if envelope.key == "TAKEFX":
            yield from (f"effect '{effect}'" for effect in _effects(envelope))


def _looped(piece: Piece, places: Mapping[str, Path]) -> Iterator[Piece]:
    """A piece that goes on from its recording's beginning where that ends before it."""
    try:
        info = audio.probe(places[piece.file]) if piece.file in places else None
    except AudioFileError:
        info = None
    length = info.frames / info.sample_rate if info is not None else 0.0
    if length <= 0 or piece.offset_seconds < 0 or piece.offset_seconds + piece.seconds <= length + 1e-6:
        yield piece
        return
    at, left, offset = piece.start_seconds, piece.seconds, piece.offset_seconds % length
    count = 0
    while left > 0 and count <= _MOST_PIECES:
        lasts = min(left, length - offset)
        first = piece.fade_in_seconds if not count else 0.0
        last = piece.fade_out_seconds if lasts == left else 0.0
        yield Piece(piece.file, at, offset, lasts, first, last, piece.gain_db)
        at, left, offset, count = at + lasts, left - lasts, 0.0, count + 1
