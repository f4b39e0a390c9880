"""Clips of a `.dawproject`, which lie inside each other, flattened into pieces of recordings.

A time x inside a clip sounds at the clip's own start plus x - playStart, counted in what the clip's content
counts in; a clip lets through what sounds between its start and its end. Warps are laid over that: where they
follow the song's own time, a recording plays as it is.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from svcfx.session.exchange.song import Lost, Piece
from svcfx.session.exchange.timebase import Timebase, Unit, number
from svcfx.session.exchange.xml import Element

EXTERNAL = "external:"
"""What the name of a recording begins with that is not in the archive."""
MOST_CLIPS = 100_000
"""Of a whole project, each repetition counted."""
_DRIFT_SECONDS = 0.005
"""Warps that stay so close to the recording's own time do not stretch it."""
_CONTENT = ("Lanes", "Clips", "Audio", "Warps", "Notes", "Video", "Points", "Timeline", "ClipSlot", "markers")


@dataclass(frozen=True, slots=True)
class _Timing:
    """Where content lies: its time x is x + `shift` of the song in `unit`, heard from `start` to `end`
    (song seconds). `fades` are seconds at that start and that end."""

    unit: Unit
    shift: float = 0.0
    start: float = -math.inf
    end: float = math.inf
    fades: tuple[float, float] = (0.0, 0.0)


class Clips:
    """Flattens the clips of one track; `lost` grows by what is not heard, `count` is that of all tracks."""

    def __init__(self, timebase: Timebase, name: str, lost: Lost, count: Iterator[int]) -> None:
        self._timebase, self._name, self._lost = timebase, name, lost
        self.pieces: list[Piece] = []
        self._count = count

    def take(self, timeline: Element, unit: Unit) -> None:
        """Everything below a timeline of the track that counts in `unit`."""
        self._content(timeline, _Timing(unit), self._name)

    def _say(self, said: str) -> None:
        self._lost.add(f"track '{self._name}': {said}")

    def _content(self, element: Element, place: _Timing, called: str) -> None:
        place = replace(place, unit=self._timebase.unit(element.get("timeUnit"), place.unit))
        if element.tag in ("Lanes", "Clips"):
            for child in element.children:
                if child.tag == "Clip":
                    self._clip(child, place)
                else:
                    self._content(child, place, called)
        elif element.tag == "Audio":
            self._audio(element, self._timebase.seconds(place.shift, place.unit), place, called)
        elif element.tag == "Warps":
            self._warps(element, place, called)
        elif element.tag in ("Notes", "Video"):
            self._say(f"{'MIDI notes' if element.tag == 'Notes' else 'the video'} of '{called}'")
        elif element.tag == "Points":
            self._say(f"automation inside of '{called}'")
        elif element.tag in ("Timeline", "ClipSlot"):
            self._say(f"{element.tag} of '{called}'")

    def _clip(self, clip: Element, place: _Timing) -> None:
        called = clip.get("name") or self._name
        if clip.get("enable") in ("false", "0"):
            self._say(f"clip '{called}', which is switched off")
            return
        if clip.get("reference"):
            self._say(f"clip '{called}', which repeats another by reference")
            return
        for content in clip.children:
            if content.tag not in _CONTENT:
                continue
            for inner in self._passes(clip, content, place):
                self._content(content, inner, called)

    def _passes(self, clip: Element, content: Element, place: _Timing) -> Iterator[_Timing]:
        """Where a clip's content lies: once, or again and again where it loops."""
        base = self._timebase
        time = number(clip.get("time"), "a clip's time")
        start = base.seconds(time + place.shift, place.unit)
        lasts = (
            number(clip.get("duration"), "a clip's duration", math.inf) if clip.get("duration") else math.inf
        )
        own_end = base.seconds(time + lasts + place.shift, place.unit) if lasts < math.inf else math.inf
        end = min(own_end, place.end)
        inner = base.unit(clip.get("contentTimeUnit") or content.get("timeUnit"), place.unit)
        if content.tag == "Audio":
            inner = base.unit(clip.get("contentTimeUnit"), "seconds")
        play = number(clip.get("playStart"), "a clip's playStart", 0.0)
        low, high = (number(clip.get(name), f"a clip's {name}", 0.0) for name in ("loopStart", "loopEnd"))
        fades = self._fades(clip, place, start, own_end)
        at = base.time(start, inner)
        while next(self._count) < MOST_CLIPS:
            to = base.seconds(at + high - play, inner) if high > low else math.inf
            if to <= start:
                to = math.inf
            yield _Timing(inner, at - play, max(start, place.start), min(to, end), fades)
            if to >= end:
                return
            at, start, play = at + high - play, to, low
        self._say(f"clips beyond {MOST_CLIPS:,}, with their repetitions")

    def _fades(self, clip: Element, place: _Timing, start: float, end: float) -> tuple[float, float]:
        """Seconds of a clip's fades, with those around it."""
        unit = self._timebase.unit(clip.get("fadeTimeUnit"), place.unit)
        into = number(clip.get("fadeInTime"), "a clip's fadeInTime", 0.0)
        out = number(clip.get("fadeOutTime"), "a clip's fadeOutTime", 0.0)
        begins = self._timebase.time(start, unit)
        first = self._timebase.seconds(begins + into, unit) - start if into > 0 else 0.0
        last = 0.0
        if out > 0 and end < math.inf:
            last = end - self._timebase.seconds(self._timebase.time(end, unit) - out, unit)
        return max(first, place.fades[0]), max(last, place.fades[1])

    def _warps(self, warps: Element, place: _Timing, called: str) -> None:
        """A recording whose seconds are pinned to the timeline at some points."""
        base = self._timebase
        pins = [
            (
                base.seconds(number(warp.get("time"), "a warp's time") + place.shift, place.unit),
                number(warp.get("contentTime"), "a warp's contentTime"),
            )
            for warp in warps.every("Warp")
        ]
        inside = [child for child in warps.children if child.tag != "Warp"]
        if warps.get("contentTimeUnit", "seconds") != "seconds" or not pins:
            self._say(f"warps of '{called}' that do not count in seconds")
            return
        origins = [song - content for song, content in pins]
        if max(origins) - min(origins) > _DRIFT_SECONDS:
            (first, last) = pins[0], pins[-1]
            speed = (last[1] - first[1]) / (last[0] - first[0]) if last[0] > first[0] else 0.0
            self._say(f"the stretching of '{called}' to {speed:.3f} of its speed: it plays at its own")
        for child in inside:
            if child.tag == "Audio":
                self._audio(child, origins[0], place, called)
            else:
                self._say(f"{child.tag} in the warps of '{called}'")

    def _audio(self, element: Element, origin: float, place: _Timing, called: str) -> None:
        """A recording whose second 0 lies at song second `origin`."""
        file = element.first("File")
        if file is None or not file.get("path"):
            self._say(f"audio of '{called}' that names no file")
            return
        start = max(origin, place.start)
        if place.end > start:
            fades = place.fades if place.start >= origin else (0.0, place.fades[1])
            lasts = place.end - start
            self.pieces.append(Piece(_file(file), start, start - origin, lasts, fades[0], fades[1]))


def _file(file: Element) -> str:
    """A recording's name in the song: that of one outside of the archive says so."""
    return f"{EXTERNAL}{file.get('path')}" if file.get("external") in ("true", "1") else file.get("path")
