"""A song as a `.dawproject`: project.xml and metadata.xml in a zip, after the schema of format 1.0.

The schema is Bitwig's, open, https://github.com/bitwig/dawproject. Times of clips, lanes and markers are
seconds, those of tempo and meter quarters. Children come in the order that the schema asks for.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from svcfx import __version__, atomic, audio
from svcfx.documents import one_line
from svcfx.dsp.levels import gain_from_db
from svcfx.lanes import Lane
from svcfx.session.exchange import archive, volume
from svcfx.session.exchange.song import ROLE, Piece, Send, Song, Track, unique_stem
from svcfx.session.outputs import sanitise
from svcfx.session.strip_model import MASTER

FORMAT = "1.0"
PROJECT, METADATA = "project.xml", "metadata.xml"
AUDIO = "audio"
_LOUDEST = 2.0
"""Where faders of mixers end, +6 dB; ours may go further, and say so."""


def write(song: Song, recordings: Mapping[str, Path], target: Path, *, pack: bool = True) -> None:
    """Write a song with its recordings packed into it, or named by where they lie.

    Raises:
        OutputError: The file cannot be written.
        AudioFileError: A recording cannot be read.
    """
    names = packed_names(song, recordings) if pack else beside(song, recordings, target)
    project = _text(_Elements(song, recordings, names, pack).root)
    files = [(names[file], recordings[file]) for file in song.files] if pack else []
    with atomic.atomic(target) as temporary:
        archive.write(temporary, [(PROJECT, project), (METADATA, _text(_metadata(song)))], files)


def packed_names(song: Song, recordings: Mapping[str, Path]) -> dict[str, str]:
    """Where in an archive, or beside a project, each recording is put."""
    names: dict[str, str] = {}
    taken: list[str] = []
    for file in song.files:
        clean = Path(sanitise(recordings[file].name))
        names[file] = f"{AUDIO}/{unique_stem(clean.stem, taken)}{clean.suffix}"
    return names


def beside(song: Song, recordings: Mapping[str, Path], target: Path) -> dict[str, str]:
    """Where each recording lies, from the folder of `target` on."""
    here = target.absolute().parent.resolve()
    return {file: Path(os.path.relpath(recordings[file].resolve(), here)).as_posix() for file in song.files}


def _text(root: Element) -> bytes:
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _metadata(song: Song) -> Element:
    root = Element("MetaData")
    if song.title:
        SubElement(root, "Title").text = one_line(song.title)
    return root


class _Elements:
    """The project's elements, each with an id that others name it by."""

    def __init__(
        self, song: Song, recordings: Mapping[str, Path], names: Mapping[str, str], pack: bool
    ) -> None:
        self._recordings, self._names, self._pack = recordings, names, pack
        self._ids: dict[object, str] = {}
        self.root = Element("Project", version=FORMAT)
        SubElement(self.root, "Application", name="svcfx", version=__version__)
        self._transport(song)
        structure = SubElement(self.root, "Structure")
        groups = {track.to for track in song.tracks}
        for track in song.tracks:
            self._track(structure, track, groups)
        self._master(structure)
        self._arrangement(song)

    def _id(self, *what: object) -> str:
        """The id of a thing, made when it is first asked for."""
        return self._ids.setdefault(what, f"id{len(self._ids)}")

    def _transport(self, song: Song) -> None:
        if song.tempo_map is None:
            return
        transport = SubElement(self.root, "Transport")
        (tempo, *_), (meter, *_) = song.tempo_map.tempos, song.tempo_map.time_signatures
        self._real(transport, "Tempo", tempo.bpm, "bpm", ("tempo",), (20.0, 666.0))
        signature = SubElement(transport, "TimeSignature", id=self._id("meter"))
        signature.set("denominator", str(meter.denominator))
        signature.set("numerator", str(meter.numerator))

    def _track(self, structure: Element, track: Track, groups: set[str]) -> None:
        element = SubElement(structure, "Track", id=self._id("track", track.name), name=one_line(track.name))
        element.set("contentType", "audio")
        element.set("loaded", "true")
        if track.role:
            element.set("comment", f"{ROLE}{track.role}")
        role = "regular" if not track.is_bus else "submix" if track.name in groups else "effect"
        channel = self._channel(element, self._id("channel", track.name), role, track.solo)
        channel.set("destination", self._target(track.to))
        self._bool(channel, "Mute", track.mute, ("mute", track.name))
        self._real(channel, "Pan", _share(track.pan), "normalized", (track.name, "pan"), (0.0, 1.0))
        if track.sends:
            sends = SubElement(channel, "Sends")
            for send in track.sends:
                self._send(sends, track.name, send)
        self._volume(channel, track.gain_db, (track.name, "gain_db"))

    def _send(self, sends: Element, name: str, send: Send) -> None:
        element = SubElement(sends, "Send", id=self._id("send", name, send.bus), type=send.tap)
        element.set("destination", self._target(send.bus))
        self._volume(element, send.gain_db, (name, f"sends.{send.bus}.gain_db"))

    def _master(self, structure: Element) -> None:
        element = SubElement(structure, "Track", id=self._id("track", MASTER, MASTER), name="Master")
        element.set("contentType", "audio")
        channel = self._channel(element, self._target(MASTER), "master", False)
        self._volume(channel, 0.0, (MASTER, MASTER, "gain_db"))

    def _target(self, name: str) -> str:
        """The id of the channel that a strip goes to; a stem may be called as the master is."""
        return self._id(MASTER) if name == MASTER else self._id("channel", name)

    def _channel(self, track: Element, own_id: str, role: str, solo: bool) -> Element:
        channel = SubElement(track, "Channel", id=own_id, role=role)
        channel.set("audioChannels", "2")
        channel.set("solo", _truth(solo))
        return channel

    def _volume(self, parent: Element, gain_db: float, what: tuple[str, ...]) -> None:
        gain = gain_from_db(gain_db)
        self._real(parent, "Volume", gain, "linear", what, (0.0, max(_LOUDEST, gain)))

    def _real(
        self,
        parent: Element,
        tag: str,
        value: float,
        unit: str,
        what: tuple[str, ...],
        limits: tuple[float, float],
    ) -> None:
        element = SubElement(parent, tag, id=self._id(*what), unit=unit, value=repr(value))
        element.set("min", repr(limits[0]))
        element.set("max", repr(limits[1]))

    def _bool(self, parent: Element, tag: str, value: bool, what: tuple[str, ...]) -> None:
        SubElement(parent, tag, id=self._id(*what), value=_truth(value))

    def _arrangement(self, song: Song) -> None:
        arrangement = SubElement(self.root, "Arrangement", id=self._id("arrangement"))
        lanes = SubElement(arrangement, "Lanes", id=self._id("lanes"), timeUnit="seconds")
        for track in song.tracks:
            own = SubElement(lanes, "Lanes", id=self._id("lanes", track.name))
            own.set("track", self._id("track", track.name))
            clips = SubElement(own, "Clips", id=self._id("clips", track.name))
            for piece in track.pieces:
                self._clip(clips, piece)
            for address, lane in track.lanes.items():
                self._lane(own, lane, address, self._id(track.name, address))
        if song.markers:
            markers = SubElement(arrangement, "Markers", id=self._id("markers"), timeUnit="seconds")
            for seconds, name in song.markers:
                SubElement(markers, "Marker", time=repr(seconds), name=one_line(name))
        self._tempos(arrangement, song)

    def _clip(self, clips: Element, piece: Piece) -> None:
        info = audio.probe(self._recordings[piece.file])
        seconds = info.seconds
        lasts = min(piece.seconds, seconds - piece.offset_seconds)
        clip = SubElement(clips, "Clip", time=repr(piece.start_seconds), duration=repr(lasts))
        clip.set("contentTimeUnit", "seconds")
        clip.set("playStart", repr(piece.offset_seconds))
        element = SubElement(clip, "Audio", id=self._id("audio", piece), duration=repr(seconds))
        element.set("channels", str(info.channels))
        element.set("sampleRate", str(info.sample_rate))
        file = SubElement(element, "File", path=self._names[piece.file])
        if not self._pack:
            file.set("external", "true")

    def _lane(self, lanes: Element, lane: Lane, address: str, parameter: str) -> None:
        held = lane.interpolation == "step"
        if address == "pan":
            unit, points = "normalized", [(time, _share(value)) for time, value in lane.points]
        elif held:
            unit, points = "linear", [(time, gain_from_db(value)) for time, value in lane.points]
        else:
            unit, points = "linear", volume.gains(lane.points)
        element = SubElement(lanes, "Points", id=self._id("points", parameter), unit=unit)
        SubElement(element, "Target", parameter=parameter)
        for time, value in points:
            point = SubElement(element, "RealPoint", time=repr(time), value=repr(value))
            point.set("interpolation", "hold" if held else "linear")

    def _tempos(self, arrangement: Element, song: Song) -> None:
        tempo_map = song.tempo_map
        if tempo_map is None:
            return
        beat = tempo_map.ticks_per_quarter
        if len(tempo_map.tempos) > 1:
            points = self._points(arrangement, "TempoAutomation", "tempo")
            points.set("unit", "bpm")
            for tempo in tempo_map.tempos:
                point = SubElement(points, "RealPoint", time=repr(tempo.tick / beat), value=repr(tempo.bpm))
                point.set("interpolation", "hold")
        if len(tempo_map.time_signatures) > 1:
            points = self._points(arrangement, "TimeSignatureAutomation", "meter")
            for meter in tempo_map.time_signatures:
                point = SubElement(points, "TimeSignaturePoint", time=repr(meter.tick / beat))
                point.set("denominator", str(meter.denominator))
                point.set("numerator", str(meter.numerator))

    def _points(self, arrangement: Element, tag: str, parameter: str) -> Element:
        points = SubElement(arrangement, tag, id=self._id("points", parameter), timeUnit="beats")
        SubElement(points, "Target", parameter=self._id(parameter))
        return points


def _share(pan: float) -> float:
    """A pan from -1 to 1 as mixers write it, from 0 to 1."""
    return (pan + 1.0) / 2.0


def _truth(value: bool) -> str:
    return "true" if value else "false"
