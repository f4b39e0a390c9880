"""What a person should hear about a session's MIDI file: what is odd, what is doubtful, what nobody used."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from svcfx import midi
from svcfx.events import Note
from svcfx.lanes import Lane
from svcfx.session.model import MidiModel
from svcfx.session.timeline import Timeline, key_spans

if TYPE_CHECKING:
    from svcfx.session.strip import Strip

_NEAR_SECONDS = 0.05  # a change so close before the song's first moment was meant to be there


def of(timeline: Timeline, key: Lane, stems: Sequence["Strip"], buses: Sequence["Strip"] = ()) -> list[Note]:
    """Notes about the song's MIDI, those that matter first."""
    song, model = timeline.song, timeline.midi_model
    if song is None or model is None:
        return []
    used: list[midi.Used] = [used for strip in (*stems, *buses) for used in strip.lanes.used]
    key_from = model.key_from if timeline.own_key is None else "none"
    used += [(model.key_track, "notes")] if key_from == "track" else []
    heeded = {midi.fold(track) for track, _ in used}
    heeded |= {midi.fold(model.key_track)} if key_from == "cc" else set()
    notes = [_remark(remark, model, heeded) for remark in song.remarks]
    notes += [Note("midi-doubtful", text) for text in (*timeline.doubts(), *_outside(key, stems))]
    said = [remark for stem in stems for remark in stem.lanes.remarks]
    return notes + [Note("midi-ignored", text) for text in (*said, *midi.ignored(song, used))]


def _remark(remark: midi.Remark, model: MidiModel, heeded: set[str]) -> Note:
    """A warning when it touches what this session takes from the file."""
    matters = {
        "file": False,
        "time": True,
        "signatures": model.key_from == "signatures",
        "track": midi.fold(remark.track) in heeded,
    }
    return Note("midi-doubtful" if matters[remark.about] else "midi-ignored", remark.text)


def _outside(key: Lane, stems: Sequence["Strip"]) -> Iterator[str]:
    """A sentence when the key changes, but never while the song sounds."""
    following = [stem for stem in stems if stem.heard and stem.recording.follows_key]
    changes = [span.start_seconds for span in key_spans(key)[1:]]
    if not following or not changes:
        return
    end = max(stem.recording.end_seconds for stem in stems if stem.heard)
    if not any(-_NEAR_SECONDS <= change < end for change in changes):
        yield (
            f"no key change lies inside the song, which ends at {end:.3f} s: the first is at "
            f"{changes[0]:.3f} s, the last at {changes[-1]:.3f} s; look at midi.offset_seconds and at what "
            "the MIDI file says of its tempo and start"
        )
