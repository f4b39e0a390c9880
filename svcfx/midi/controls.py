"""Which controller moves what unless the session says otherwise, and what of a file nobody used."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from svcfx.midi.names import fold
from svcfx.midi.rpn import PLUMBING
from svcfx.midi.song import MidiSong, MidiTrack


@dataclass(frozen=True, slots=True)
class Default:
    """A controller's usual target: an automation address, or "pan" of the stem itself."""

    controller: int
    target: str
    low: float
    high: float
    centre: float | None = None


DEFAULTS: Mapping[int, Default] = {
    74: Default(74, "voice.formant_semitones", -12.0, 12.0, 0.0),
    71: Default(71, "voice.diffusion_depth", 0.0, 1.0),
    11: Default(11, "voice.output_gain_db", -40.0, 0.0),
    10: Default(10, "pan", -1.0, 1.0, 0.0),
    1: Default(1, "voice.growl", 0.0, 1.0),
    2: Default(2, "voice.breath", 0.0, 1.0),
    76: Default(76, "voice.vibrato_rate", 3.5, 7.5, 5.5),
    77: Default(77, "voice.vibrato_depth", 0.0, 100.0, 0.0),
}

Used = tuple[str, str | int]
"""A track's name and what was used of it: "notes", "bend", or a controller's number."""


def ignored(song: MidiSong, used: Iterable[Used]) -> tuple[str, ...]:
    """One sentence for each track that has something nobody used; a track used whole is not named."""
    taken: dict[str, set[str | int]] = {}
    for track, what in used:
        taken.setdefault(fold(track), set()).add(what)
    sentences = (_unused(track, taken.get(fold(track.name), set())) for track in song.tracks)
    return tuple(sentence for sentence in sentences if sentence)


def _unused(track: MidiTrack, taken: set[str | int]) -> str:
    parts = []
    if track.notes and "notes" not in taken:
        parts.append(f"{len(track.notes)} note{'s' if len(track.notes) > 1 else ''}")
    if track.bends and "bend" not in taken:
        parts.append("pitch bend")
    pairs = {number + 32 for number in taken if isinstance(number, int) and number < 32}
    left = [
        n for n in track.controllers if n not in taken and n not in PLUMBING and n not in pairs and n < 120
    ]
    if left:
        parts.append(f"CC {', '.join(str(number) for number in left)}")
    return f"track '{track.name}' not used: {', '.join(parts)}" if parts else ""
