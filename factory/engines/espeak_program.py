"""Speak one text with libespeak-ng and print it: a program of its own, run by `espeak`.

The library carries its oscillators' and noise's state from one text to the next, so only a fresh process
gives the same samples for the same text. Nothing but the standard library is imported: it starts in 20 ms.
Structures and numbers are those of espeak-ng's public header speak_lib.h (1.51).

    python espeak_program.py VOICE RATE PITCH TEXT  ->  a JSON line {"rate", "marks"}, then 16-bit samples

Exit code 3: the library is missing; 4: it does not know the voice.
"""

import ctypes
import json
import sys
from collections.abc import Callable
from typing import Any

SYNCHRONOUS, PHONEME_EVENTS = 2, 1
EVENT_END, EVENT_PHONEME = 0, 7
RATE, PITCH, UTF8 = 1, 3, 1
NO_LIBRARY, NO_VOICE = 3, 4


class Id(ctypes.Union):
    """What an event names; phoneme events use `string`."""

    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class Event(ctypes.Structure):
    """espeak_EVENT."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", Id),
    )


CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


def main(voice: str, words_per_minute: int, pitch: int, text: str) -> int:
    """Speak and print; returns the exit code."""
    try:
        library = ctypes.CDLL("libespeak-ng.so.1")
    except OSError:
        return NO_LIBRARY
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, None, PHONEME_EVENTS)
    audio = bytearray()
    marks: list[tuple[str, int]] = []
    callback = CALLBACK(collector(audio, marks))
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        return NO_VOICE
    library.espeak_SetParameter(RATE, words_per_minute, 0)
    library.espeak_SetParameter(PITCH, pitch, 0)
    words = text.encode()
    library.espeak_Synth(words, len(words) + 1, 0, 1, 0, UTF8, None, None)
    library.espeak_Synchronize()
    sys.stdout.buffer.write(json.dumps({"rate": rate, "marks": marks}).encode() + b"\n" + bytes(audio))
    return 0


def collector(audio: bytearray, marks: list[tuple[str, int]]) -> Callable[..., int]:
    """The library's callback: samples to `audio`, (mnemonic, sample) of phonemes to `marks`."""

    def collect(samples: Any, frames: int, events: Any) -> int:
        if samples and frames > 0:
            audio.extend(ctypes.string_at(samples, 2 * frames))
        index = 0
        while events[index].type != EVENT_END:
            if events[index].type == EVENT_PHONEME:
                marks.append((events[index].id.string.decode(), events[index].sample))
            index += 1
        return 0

    return collect


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
