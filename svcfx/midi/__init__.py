"""MIDI files: read them into songs, and turn songs into lanes."""

from svcfx.midi.controls import DEFAULTS, Default, Used, ignored
from svcfx.midi.doubts import doubts
from svcfx.midi.keys import KEY_FROM, KeyFrom, bend_lane, cc_lane, key_lane, note_lane
from svcfx.midi.names import fold
from svcfx.midi.performance import DRUMS, SUSTAIN, Message, Sounded, messages, sounded
from svcfx.midi.read import parse, read
from svcfx.midi.remarks import Remark
from svcfx.midi.song import Bend, ControlChange, KeySignature, Mark, MidiSong, MidiTrack, Note
from svcfx.midi.tempo import BarBeat, TempoChange, TempoMap, TimeSignature

__all__ = [
    "DEFAULTS",
    "DRUMS",
    "KEY_FROM",
    "SUSTAIN",
    "BarBeat",
    "Bend",
    "ControlChange",
    "Default",
    "KeyFrom",
    "KeySignature",
    "Mark",
    "Message",
    "MidiSong",
    "MidiTrack",
    "Note",
    "Remark",
    "Sounded",
    "TempoChange",
    "TempoMap",
    "TimeSignature",
    "Used",
    "bend_lane",
    "cc_lane",
    "doubts",
    "fold",
    "ignored",
    "key_lane",
    "messages",
    "note_lane",
    "parse",
    "read",
    "sounded",
]
