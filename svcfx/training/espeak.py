"""The espeak-ng library through ctypes, for its phoneme events, which the program does not print.

The library is one global state, so one process speaks one text at a time. Structures and numbers are
those of espeak-ng's public header speak_lib.h (1.51).
"""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from svcfx.errors import InputError, MissingPartError
from svcfx.training.phones import from_espeak

if TYPE_CHECKING:
    from svcfx.training.speech import EngineVoice

_SYNCHRONOUS, _PHONEME_EVENTS = 2, 1
_EVENT_END, _EVENT_PHONEME = 0, 7
_RATE, _PITCH = 1, 3
_UTF8 = 1


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    """The library and its sample rate, opened once a process."""
    try:
        library = ctypes.CDLL("libespeak-ng.so.1")
    except OSError as error:
        raise MissingPartError(
            "espeak-ng is not installed", hint="On Debian: apt-get install espeak-ng."
        ) from error
    return library, int(library.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEME_EVENTS))


def render(text: str, voice: "EngineVoice") -> tuple[NDArray[np.float32], int, list[tuple[str, float]]]:
    """Samples (frames,), rate in Hz, and (CMU phone, start in seconds) in order."""
    library, rate = _library()
    pieces: list[NDArray[np.int16]] = []
    marks: list[tuple[str, int]] = []
    callback = _Callback(_collector(pieces, marks))
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.name.encode()) != 0:
        raise InputError(f"espeak-ng has no voice '{voice.name}'", hint="Names look like en-us+f2.")
    library.espeak_SetParameter(_RATE, voice.words_per_minute, 0)
    library.espeak_SetParameter(_PITCH, voice.pitch, 0)
    words = text.encode()
    library.espeak_Synth(words, len(words) + 1, 0, 1, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    audio = np.concatenate(pieces).astype(np.float32) / 32768.0 if pieces else np.zeros(0, np.float32)
    return audio, rate, _starts(marks, rate)


def _collector(pieces: list[NDArray[np.int16]], marks: list[tuple[str, int]]) -> Callable[..., int]:
    def collect(samples: Any, frames: int, events: Any) -> int:
        if samples and frames > 0:
            pieces.append(np.ctypeslib.as_array(samples, (frames,)).copy())
        index = 0
        while events[index].type != _EVENT_END:
            if events[index].type == _EVENT_PHONEME:
                marks.append((events[index].id.string.decode(), events[index].sample))
            index += 1
        return 0

    return collect


def _starts(marks: list[tuple[str, int]], rate: int) -> list[tuple[str, float]]:
    """CMU phones; stress and link marks, which carry no sound, are left out."""
    starts: list[tuple[str, float]] = []
    for mnemonic, sample in marks:
        if mnemonic.strip("'`,%=;:|-") == "" and not mnemonic.startswith("_"):
            continue
        starts.append((from_espeak(mnemonic), sample / rate))
    return starts
