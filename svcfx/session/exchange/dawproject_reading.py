"""A `.dawproject` as a song; what svcfx has no word for is named. The schema: see `dawproject_writing`."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from svcfx import midi
from svcfx.documents import Reach
from svcfx.errors import InputError
from svcfx.session.exchange import archive, mixer, project_time, xml
from svcfx.session.exchange.archive import Archive
from svcfx.session.exchange.clips import EXTERNAL, Clips
from svcfx.session.exchange.dawproject_writing import METADATA, PROJECT
from svcfx.session.exchange.mixer import MixerControl
from svcfx.session.exchange.places import FORM, place, reach_of
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
from svcfx.session.exchange.timebase import Timebase, Unit
from svcfx.session.exchange.xml import Element
from svcfx.session.strip_model import MASTER


def read(path: Path, folder: Path, allow_paths: Sequence[Path] = ()) -> Placed:
    """Read a song, its recordings unpacked into `folder`.

    Recordings outside of the archive may lie where a session's may (see `svcfx.documents.paths`).

    Raises:
        InputError: It is no such file, or one that no honest program writes.
    """
    with archive.opened(path) as opened:
        root = xml.parse(opened.read(PROJECT, FORM.max_bytes), PROJECT)
        song = _Project(root).song(_title(opened))
        reach = reach_of(path, allow_paths)
        lost = Lost()
        places = dict(_places(song, opened, folder, reach, lost))
    return Placed(replace(song, lost=(*song.lost, *lost.lines)), places)


def _title(opened: Archive) -> str:
    """The song's title, "" where it has none."""
    if METADATA not in opened:
        return ""
    found = xml.parse(opened.read(METADATA, FORM.max_bytes), METADATA).first("Title")
    return found.text.strip() if found is not None else ""


def _places(
    song: Song, opened: Archive, folder: Path, reach: Reach, lost: Lost
) -> Iterator[tuple[str, Path]]:
    """Where each recording of a song lies; those that are packed are unpacked."""
    for count, file in enumerate(song.files):
        if file.startswith(EXTERNAL):
            if (found := place(file[len(EXTERNAL) :], reach, lost)) is not None:
                yield file, found
        elif file in opened:
            target = folder / f"{count}-{Path(file.replace(chr(92), '/')).name[-80:]}"
            opened.unpack(file, target)
            yield file, target


class _Project:
    """A project's mixer and timelines; `lost` grows by what a song has no word for."""

    def __init__(self, root: Element) -> None:
        if root.tag != "Project":
            raise InputError(f"'{PROJECT}' holds a {root.tag}, must be a Project")
        self._root, self.lost = root, Lost()
        self._tracks: dict[str, Track] = {}
        self._channels: dict[str, str] = {}
        self._elements: dict[str, str] = {}
        self._knobs: dict[str, MixerControl] = {}
        self._parents: dict[str, str] = {}
        self._ways: list[tuple[str, Element]] = []
        self._said = {
            element.get("id"): element.get("name") or element.tag
            for element in root.below()
            if element.get("id")
        }
        self._targets = {
            element.get("destination") for element in root.below() if element.tag in ("Channel", "Send")
        }

    def song(self, title: str) -> Song:
        """The whole of it."""
        tempo_map = project_time.tempo_map(self._root, self.lost)
        timebase = Timebase(tempo_map or midi.TempoMap(480))
        for element in (self._root.first("Structure") or Element("")).children:
            self._strip(element, "")
        for track, channel in self._ways:
            self._route(track, channel)
        arrangement = self._root.first("Arrangement") or Element("")
        count = itertools.count()
        heard = {track: Clips(timebase, track, self.lost, count) for track in self._tracks}
        for timeline in arrangement.every("Lanes"):
            self._lanes(timeline, "beats", "", heard, timebase)
        scenes = self._root.first("Scenes")
        if scenes is not None and any(element.tag == "Clip" for element in scenes.below()):
            self.lost.add("clips of scenes")
        tracks = [replace(track, pieces=tuple(heard[each].pieces)) for each, track in self._tracks.items()]
        markers = project_time.markers(arrangement, timebase)
        return Song(with_buses(tracks), title, tempo_map, markers, self.lost.lines)

    def _strip(self, element: Element, parent: str) -> None:
        """A track with the tracks inside it, or a channel of its own."""
        if element.tag not in ("Track", "Channel"):
            return
        if len(self._tracks) >= MOST_TRACKS:
            raise InputError(f"it has more tracks than {MOST_TRACKS}")
        channel = element if element.tag == "Channel" else element.first("Channel")
        inside = list(element.every("Track"))
        called = element.get("name") or (channel.get("name") if channel else "") or "track"
        alone = not parent and not inside
        if (
            alone
            and channel is not None
            and channel.get("role") == "master"
            and not channel.get("destination")
        ):
            self._master(element, channel)
            return
        if channel is not None and channel.get("role") == "vca":
            self.lost.add(f"track '{called}', a VCA")
            return
        is_target = bool(inside) or (channel is not None and channel.get("id") in self._targets)
        name = unique(called, (*self._tracks, *([MASTER] if is_target else [])))
        self._elements[element.get("id")] = name
        self._tracks[name] = self._track(name, element, channel, bool(inside))
        self._parents[name] = parent
        if channel is not None:
            self._channels[channel.get("id")] = name
            self._ways.append((name, channel))
        for child in inside:
            self._strip(child, name)

    def _track(self, name: str, element: Element, channel: Element | None, is_group: bool) -> Track:
        role = role_of(element.get("comment").removeprefix(ROLE))
        if channel is None:
            return Track(name, is_bus=is_group, role=role)
        for device in (channel.first("Devices") or Element("")).children:
            self.lost.add(f"track '{name}': device '{device.get('deviceName') or device.tag}'")
        is_bus = is_group or channel.get("role") in ("submix", "effect")
        mute = channel.first("Mute")
        return Track(
            name,
            is_bus=is_bus,
            gain_db=self._knob(channel, "Volume", name, "gain_db"),
            pan=self._knob(channel, "Pan", name, "pan"),
            mute=mute is not None and mute.get("value") in ("true", "1"),
            solo=channel.get("solo") in ("true", "1"),
            role=role,
        )

    def _knob(self, parent: Element, tag: str, name: str, address: str) -> float:
        """Where a fader or a pan stands; its automation finds it by its id."""
        element = parent.first(tag)
        if element is None:
            return 0.0
        knob = mixer.knob(element, name, address)
        self._knobs[element.get("id")] = knob
        return knob.value

    def _master(self, element: Element, channel: Element) -> None:
        """A session's master has neither fader nor pan: what is set on it is named."""
        self._channels[channel.get("id")] = MASTER
        self._elements[element.get("id")] = MASTER
        for tag, address in (("Volume", "gain_db"), ("Pan", "pan")):
            if abs(value := self._knob(channel, tag, MASTER, address)) > 1e-6:
                self.lost.add(f"the master's {address} = {value:g}")
        for device in (channel.first("Devices") or Element("")).children:
            self.lost.add(f"the master's device '{device.get('deviceName') or device.tag}'")

    def _route(self, name: str, channel: Element) -> None:
        """Where a track goes and sends, now that all are known."""
        sends = []
        for send in (channel.first("Sends") or Element("")).every("Send"):
            enable, pan = send.first("Enable"), send.first("Pan")
            bus = self._channels.get(send.get("destination"), send.get("destination"))
            if enable is not None and enable.get("value") in ("false", "0"):
                self.lost.add(f"track '{name}': its send to '{bus}', which is switched off")
                continue
            if pan is not None and abs(mixer.knob(pan, name, "pan").value) > 1e-6:
                self.lost.add(f"track '{name}': the pan of its send to '{bus}'")
            level = self._knob(send, "Volume", name, f"sends.{bus}.gain_db")
            sends.append(Send(bus=bus, gain_db=level, tap="pre" if send.get("type") == "pre" else "post"))
        way = self._channels.get(channel.get("destination"), "") or self._parents[name] or MASTER
        self._tracks[name] = replace(self._tracks[name], to=way, sends=tuple(sends))

    def _lanes(
        self, lanes: Element, unit: Unit, track: str, heard: Mapping[str, Clips], timebase: Timebase
    ) -> None:
        """Timelines of tracks, and the automation beside them."""
        unit = timebase.unit(lanes.get("timeUnit"), unit)
        track = self._elements.get(lanes.get("track"), track)
        for child in lanes.children:
            own = self._elements.get(child.get("track"), track)
            if child.tag == "Lanes":
                self._lanes(child, unit, own, heard, timebase)
            elif child.tag == "Points":
                self._automation(child, unit, own, timebase)
            elif own in heard:
                heard[own].take(child, unit)
            elif child.children and child.tag not in ("markers", "Markers"):
                self.lost.add(f"{child.tag} of {'the master' if own == MASTER else 'no track'}")

    def _automation(self, points: Element, unit: Unit, track: str, timebase: Timebase) -> None:
        target = points.first("Target") or Element("")
        knob = self._knobs.get(target.get("parameter"))
        if knob is None or knob.track == MASTER:
            said = target.get("expression") or target.get("parameter")
            what = knob.address if knob else self._said.get(said, said)
            self.lost.add(f"track '{track}': automation of '{what}'")
            return
        lane = mixer.lane(points, knob, timebase.unit(points.get("timeUnit"), unit), timebase)
        if lane is None:
            return
        found = self._tracks[knob.track]
        self._tracks[knob.track] = replace(found, lanes={**found.lanes, knob.address: lane})
