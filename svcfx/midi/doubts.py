"""Whether a song's key says what its writer meant: sentences where it probably does not."""

from collections.abc import Sequence

from svcfx.midi.keys import AS_PLAYED, KEY_TRACK, track_changes
from svcfx.midi.song import MidiSong, Note

_OCTAVE = 12
_NEAR = 5  # farther than this, a note is as near to note 60 as to its octave
_CALLED = (
    "C3 in Ableton Live, Logic, Cubase and GarageBand, C4 in Reaper and MuseScore, "
    "C5 in FL Studio and Cakewalk"
)


def doubts(song: MidiSong, key_from: str = "track", *, track: str | None = None) -> tuple[str, ...]:
    """What to doubt about `key_lane` with the same arguments, () when nothing is.

    Args:
        song: The MIDI file.
        key_from: "track", "signatures" or "none".
        track: Name of the key track, None for a track `key` if there is one.
    """
    if key_from == "signatures" and not song.key_signatures:
        return (f"'{song.name}' has no key signatures: the key stays as it is",)
    if key_from != "track":
        return ()
    name = track or KEY_TRACK
    if not song.has_track(name):
        like = song.like(name)
        return (f"'{song.name}' has no track named '{name}'{like}: the key stays as it is",) if like else ()
    found = song.track(name)
    if not track_changes(found):
        return (f"track '{found.name}' of '{song.name}' has no notes and no tuning: the key stays as it is",)
    return _octave(song, found.name, found.notes)


def _octave(song: MidiSong, name: str, notes: Sequence[Note]) -> tuple[str, ...]:
    """Programs name notes after octaves that they count in three ways, so a C4 may be 12 semitones off."""
    numbers = [note.number for note in notes]
    for meant in (AS_PLAYED - _OCTAVE, AS_PLAYED + _OCTAVE):
        if numbers and all(abs(number - meant) <= _NEAR for number in numbers):
            return (
                f"every note of track '{name}' of '{song.name}' lies near note {meant}, which moves the song "
                f"{meant - AS_PLAYED:+} semitones: the key as played is note {AS_PLAYED} ({_CALLED})",
            )
    return ()
