"""A REAPER project as a song; what svcfx has no word for is named. The format: see `rpp_writing`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from svcfx import midi
from svcfx.errors import InputError
from svcfx.lanes import Lane
from svcfx.midi.write import TICKS_PER_QUARTER
from svcfx.session.exchange import project_time, rpp_envelopes, volume
from svcfx.session.exchange.clips import MOST_CLIPS
from svcfx.session.exchange.places import FORM, place, reach_of
from svcfx.session.exchange.rpp_envelopes import is_active, level_of, pan_of
from svcfx.session.exchange.rpp_items import effects, file_of, pieces_of, source_of
from svcfx.session.exchange.rpp_text import Chunk, Line, parse
from svcfx.session.exchange.rpp_writing import POST, PRE
from svcfx.session.exchange.song import (
    MOST_TRACKS,
    ROLE,
    Lost,
    Placed,
    Send,
    Song,
    Track,
    role_of,
    unique,
    with_buses,
)
from svcfx.session.strip_model import MASTER, Role

_KNOWN = {"VOLENV2", "PANENV2", "AUXVOLENV", "AUXPANENV", "AUXMUTEENV"}
_NEAR = 1e-9


def read(path: Path, allow_paths: Sequence[Path] = ()) -> Placed:
    """Read a song; its recordings may lie where a session's may (see `svcfx.documents.paths`).

    Raises:
        InputError: It is no project that REAPER could have written.
    """
    project = _Project(parse(_text(path), str(path)))
    reach = reach_of(path, allow_paths)
    found = {file: place(file, reach, project.lost) for file in project.files()}
    places = {file: where for file, where in found.items() if where is not None}
    return Placed(project.song(places), places)


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
        self._root, self._clips_left = root, MOST_CLIPS
        self._chunks = list(root.chunks("TRACK"))
        if len(self._chunks) > MOST_TRACKS:
            raise InputError(f"it has more tracks than {MOST_TRACKS}")
        self._names: list[str] = []
        for count, chunk in enumerate(self._chunks, 1):
            called = "".join(chunk.first("NAME").words[:1]) or f"track {count}"
            self._names.append(unique(called, self._names))

    def files(self) -> Iterator[str]:
        """Every recording that is named, once."""
        sources = (source_of(item) for chunk in self._chunks for item in chunk.chunks("ITEM"))
        return iter(
            dict.fromkeys(file_of(source) for source in sources if source is not None and file_of(source))
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
                if (role := role_of(word)) is not None:
                    yield "".join(Line("", name).words[:1]), role

    def _master(self) -> None:
        level = self._root.first("MASTER_VOLUME")
        if level.key and (abs(level.number(0, 1.0) - 1.0) > 1e-6 or abs(level.number(1)) > 1e-6):
            self.lost.add(f"the master's volume and pan: {' '.join(level.words[:2])}")
        for board in self._root.chunks("MASTERFXLIST"):
            for effect in effects(board):
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
        tempos = [midi.TempoChange(0, project_time.microseconds(head.number(0, 120.0)))]
        meters = [project_time.meter(0, head.number(1, 4.0), head.number(2, 4.0))]
        points = list(envelope.every("PT")) if envelope is not None and is_active(envelope) else []
        if len(points) > project_time.MOST_CHANGES:
            raise InputError(f"its tempo changes more often than {project_time.MOST_CHANGES:,} times")
        marks = sorted(((line.number(0), line.number(1), line) for line in points), key=lambda mark: mark[0])
        seconds, tick = 0.0, 0.0
        for count, (time, bpm, line) in enumerate(marks):
            tick += max(time - seconds, 0.0) * 1e6 * TICKS_PER_QUARTER / tempos[-1].microseconds
            seconds = max(time, seconds)
            if (microseconds := project_time.microseconds(bpm)) != tempos[-1].microseconds:
                tempos.append(midi.TempoChange(round(tick), microseconds))
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
        gain_db, pan = volume.decibels(level.number(0, 1.0)), pan_of(level.number(1))
        trims = not chunk.first("AUTOMODE").number(0)
        lanes: dict[str, Lane] = {}
        for envelope in chunk.chunks():
            if envelope.key == "VOLENV2" and (
                lane := rpp_envelopes.gain(envelope, name, gain_db if trims else 0.0, self.lost)
            ):
                lanes["gain_db"] = lane
            elif envelope.key == "PANENV2" and (
                lane := rpp_envelopes.pan(envelope, name, pan if trims else 0.0, self.lost)
            ):
                lanes["pan"] = lane
            elif _is_other(envelope):
                self.lost.add(f"track '{name}': envelope {envelope.key}")
        for board in chunk.chunks("FXCHAIN"):
            for effect in effects(board):
                self.lost.add(f"track '{name}': effect '{effect}'")
        if chunk.first("IPHASE").number(0):
            self.lost.add(f"track '{name}': its turned polarity")
        if chunk.first("HWOUT").key:
            self.lost.add(f"track '{name}': its way to an output of the hardware")
        items = (pieces_of(item, name, places, self.lost) for item in chunk.chunks("ITEM"))
        pieces = tuple(islice(chain.from_iterable(items), self._clips_left))
        self._clips_left -= len(pieces)
        if not self._clips_left:
            self.lost.add(f"track '{name}': clips beyond {MOST_CLIPS:,}, with their repetitions")
        return Track(
            name,
            pieces,
            gain_db=gain_db,
            pan=pan,
            mute=state.number(0) != 0,
            solo=state.number(1) != 0,
            lanes=lanes,
            role=role,
        )

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
                lane = rpp_envelopes.gain(line, name, send.gain_db, self.lost)
            elif line.key in ("AUXPANENV", "AUXMUTEENV") and isinstance(line, Chunk) and is_active(line):
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
        return sender, Send(bus=name, gain_db=level_of(level), tap="post" if mode == POST else "pre")


def _is_other(envelope: Chunk) -> bool:
    """Whether it is an envelope of something that a song has no word for, and switched on."""
    is_envelope = envelope.key.endswith(("ENV", "ENV2", "ENV3")) and envelope.key not in _KNOWN
    return is_envelope and is_active(envelope)
