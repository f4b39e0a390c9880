"""Where a melody lies in a singer's range: at each transposition, and what to do about it.

Of the melody those frames count whose pitch is sure, in the key that the song gives them: the same that
decide what `transpose = "auto"` takes, and the same singer's range.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from svcfx import audio
from svcfx.chain.scales import note_of
from svcfx.errors import SessionError
from svcfx.events import Kept
from svcfx.lanes import Curve, Values
from svcfx.render.steps import Steps
from svcfx.render.store import Memory
from svcfx.session import contents, plan
from svcfx.session import document as documents
from svcfx.session.advice import OUTSIDE_SHARE
from svcfx.session.clip import Clip
from svcfx.session.document import Document
from svcfx.session.plan import Plan
from svcfx.session.singers import FRAME_SECONDS
from svcfx.session.strip import Strip

if TYPE_CHECKING:
    from svcfx.chain.pitch import Pitch
    from svcfx.node import VoiceConversion

SEMITONES = tuple(range(-12, 13))
OCTAVES = (-24, -12, 0, 12, 24)
FARTHEST_KEY = 6
"""Semitones that a song's key is moved by at most to suit a singer."""
_APART_SECONDS, _SHORTEST_SECONDS = 0.3, 0.05
"""Frames outside a range that lie nearer than that are one place; a place that is shorter is none."""


@dataclass(frozen=True, slots=True)
class Share:
    """Parts of a melody, 0 to 1, that lie inside, below and above a range after a transposition."""

    semitones: int
    inside: float
    below: float
    above: float


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """Where a melody leaves a range, in song seconds; `note` is the farthest one there, as it is moved."""

    start_seconds: float
    end_seconds: float
    note: str
    above: bool
    bar: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to transpose the voice by, in octaves, and the song's key, in semitones, and why."""

    transpose_semitones: int
    key_semitones: int
    inside: float
    reason: str

    @property
    def semitones(self) -> int:
        """What both move the melody by."""
        return self.transpose_semitones + self.key_semitones


@dataclass(frozen=True, slots=True, eq=False)
class KeyPlan:
    """One singer's melody, before the voice transposes it.

    Attributes:
        label: Whose it is, such as "stem 'lead'"; `strip`: the name alone, "" of a file.
        stands: What the voice is transposed by as things stand; None where it takes what suits.
        seconds, f0_hz: Of its frames (n,), in song seconds and in the key of the song.
    """

    label: str
    singer: str
    low_hz: float
    high_hz: float
    stands: float | None
    seconds: Values
    f0_hz: Values
    advice: Advice
    places: tuple[OutOfRange, ...]
    strip: str = ""

    def share(self, semitones: int) -> Share:
        """What lies where when all is moved by that much."""
        return _share(self.f0_hz, semitones, self.low_hz, self.high_hz)

    @property
    def melody_seconds(self) -> float:
        """How much of it has a pitch that is sure, to a hundredth."""
        return round(len(self.f0_hz) * FRAME_SECONDS, 2)

    @property
    def shares(self) -> tuple[Share, ...]:
        """For each transposition from -12 to +12."""
        return tuple(map(self.share, SEMITONES))

    @property
    def octaves(self) -> tuple[Share, ...]:
        """For two octaves down to two up."""
        return tuple(map(self.share, OCTAVES))

    def as_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "label": self.label,
            "strip": self.strip,
            "singer": self.singer,
            "low_hz": self.low_hz,
            "high_hz": self.high_hz,
            "melody_seconds": self.melody_seconds,
            "stands_semitones": self.stands,
            "transpositions": [asdict(share) for share in self.shares],
            "octaves": [asdict(share) for share in self.octaves],
            "suggestion": asdict(self.advice),
            "breaks": [asdict(place) for place in self.places],
        }


def of_session(
    session: Path | Document, *, allow_paths: Sequence[Path] = (), allow_plugins: Sequence[Path] = ()
) -> tuple[KeyPlan, ...]:
    """The plans of a session's voices, stem by stem; nothing is rendered, and no voice loaded.

    Args:
        session: A session file, or a session as `document.load` or `document.parse` gave it.
        allow_paths: Folders outside its own that the file may read.
        allow_plugins: Plug-in files that its presets may load by path.

    Raises:
        SvcfxError: What is wrong with the session, nobody sings in it, or a singer's range is not known.
    """
    read = session if isinstance(session, Document) else documents.load(session, allow_paths=allow_paths)
    planned = plan.make(read, allow_plugins=allow_plugins)
    steps = Steps(heard=Memory())  # parts are of one recording
    found = tuple(made for strip in planned.heard for made in _of_strip(planned, strip, steps))
    if not found:
        raise SessionError(
            f"'{read.path}': no stem goes through a voice", hint="give a vocal stem a preset with a voice"
        )
    return found


def of_file(path: Path, voice: str) -> KeyPlan:
    """The plan of one vocal by a singer.

    Raises:
        SvcfxError: The file cannot be read, or the voice or its range is not known.
    """
    from svcfx.node import VoiceConversion  # here: a command's help loads none

    node = VoiceConversion(voice)
    node.require_range()
    sound = audio.read(path)
    return _planned(f"'{path.name}'", node, node.heard(sound.samples, sound.sample_rate), 0.0, {})


def _of_strip(planned: Plan, strip: Strip, steps: Steps) -> Iterator[KeyPlan]:
    board = contents.build(strip.preset)
    if board is None or not strip.voices:
        return
    samples = Clip(planned, strip, steps, Kept()).samples
    for voice in strip.voices:
        node = contents.voice(board, voice)
        node.require_range()
        stands = None if strip.auto_octave else float(node.transpose_semitones)
        own = {where.removeprefix(f"{voice}."): lane for where, lane in strip.lanes_on(board, {}).items()}
        pitch = node.heard(samples, planned.sample_rate, steps.part)
        yield _planned(strip.label, node, pitch, stands, own, planned, strip)


def _planned(
    label: str,
    node: "VoiceConversion",
    pitch: "Pitch",
    stands: float | None,
    curves: Mapping[str, Curve],
    planned: Plan | None = None,
    strip: Strip | None = None,
) -> KeyPlan:
    low, high = node.require_range()
    octave = node.suggest_octave([pitch.of_voiced()])
    frames = np.flatnonzero(pitch.sure().voiced)
    line = node.noted(pitch.f0_hz, curves)
    seconds, f0 = np.asarray(frames * FRAME_SECONDS, np.float64), line[frames]
    if strip is not None:
        seconds = seconds + strip.start_seconds
        moves = [curve.at(seconds) for curve in strip.lanes.pitch]
        f0 = f0 * 2.0 ** (np.sum(moves, axis=0) / 12.0) if moves else f0
    advice = _advised(f0, node, round(octave.semitones), octave.reason)
    moved = f0 * 2.0 ** (advice.semitones / 12.0)
    places = sorted(_places(seconds, moved, low, high, planned), key=attrgetter("start_seconds"))
    return KeyPlan(
        label, node.voice, low, high, stands, seconds, f0, advice, tuple(places), strip.name if strip else ""
    )


def _share(f0_hz: Values, semitones: float, low_hz: float, high_hz: float) -> Share:
    if not len(f0_hz):
        return Share(round(semitones), 1.0, 0.0, 0.0)
    moved = f0_hz * 2.0 ** (semitones / 12.0)
    below, above = float(np.mean(moved < low_hz)), float(np.mean(moved > high_hz))
    return Share(round(semitones), 1.0 - below - above, below, above)


def _advised(f0_hz: Values, node: "VoiceConversion", octave: int, reason: str) -> Advice:
    """The octave that `auto` takes; where it does not hold the melody, the least move of the song's key with
    which an octave does, or which holds most of it."""
    low, high = node.require_range()
    plain = Advice(octave, 0, _share(f0_hz, octave, low, high).inside, reason)
    keys = sorted(range(-FARTHEST_KEY, FARTHEST_KEY + 1), key=abs)
    tried = [
        (octaves, key, _share(f0_hz, octaves + key, low, high).inside)
        for key in keys
        for octaves in sorted(OCTAVES, key=lambda each: abs(each - octave))
    ]
    enough = (each for each in tried if each[2] >= 1.0 - OUTSIDE_SHARE)
    octaves, key, inside = next(enough, max(tried, key=lambda each: each[2]))
    if (octaves, key) == (octave, 0):
        return plain
    song = f" with the song {key:+d}" if key else ""
    said = (
        f"at {octave:+d} semitones, the octave that comes nearest, {plain.inside:.0%} of it lies in "
        f"{node.voice}'s {low:.0f} to {high:.0f} Hz; at {octaves:+d}{song} {inside:.0%} does"
    )
    return Advice(octaves, key, inside, said)


def _places(
    seconds: Values, f0_hz: Values, low_hz: float, high_hz: float, planned: Plan | None
) -> Iterator[OutOfRange]:
    """Where the melody, moved already, lies outside."""
    for above, outside in ((False, f0_hz < low_hz), (True, f0_hz > high_hz)):
        at = np.flatnonzero(outside)
        for run in np.split(at, np.flatnonzero(np.diff(seconds[at]) > _APART_SECONDS) + 1):
            if len(run) * FRAME_SECONDS < _SHORTEST_SECONDS:
                continue
            farthest = f0_hz[run].max() if above else f0_hz[run].min()
            start, end = float(seconds[run[0]]), float(seconds[run[-1]]) + FRAME_SECONDS
            note = note_of(float(farthest))
            yield OutOfRange(round(start, 2), round(end, 2), note, above, _bar(planned, start))


def _bar(planned: Plan | None, seconds: float) -> str:
    timeline = planned.timeline if planned is not None else None
    if timeline is None or timeline.tempo_map is None:
        return ""
    return str(timeline.tempo_map.bar_beat(seconds - timeline.offset_seconds))
