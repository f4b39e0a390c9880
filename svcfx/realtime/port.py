"""MIDI ports, through python-rtmidi: what a hand plays comes where the next block begins."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from svcfx.errors import MissingPartError, UnknownNameError, nearest
from svcfx.realtime.controls import BEND, Turn

_CONTROL, _WHEEL = 0xB0, 0xE0


def midi_in() -> Any:
    """python-rtmidi's input, with no port open.

    Raises:
        MissingPartError: It is not installed, or this machine has no MIDI.
    """
    try:
        rtmidi = import_module("rtmidi")
    except ImportError as error:
        raise MissingPartError("MIDI ports need python-rtmidi", hint="pip install 'svcfx[live]'") from error
    try:
        return rtmidi.MidiIn()
    except Exception as error:  # its own errors, a class for each system
        raise MissingPartError(f"this machine has no MIDI: {error}") from error


def names() -> Sequence[str]:
    """Names of the ports that can be listened to."""
    return tuple(midi_in().get_ports())


class Port:
    """A port that is listened to.

    Raises:
        MissingPartError: As `midi_in`.
        UnknownNameError: No port has that name.
    """

    def __init__(self, name: str) -> None:
        self._in = midi_in()
        known = list(self._in.get_ports())
        if name not in known:
            there = ", ".join(known) or "none"
            raise UnknownNameError(f"no MIDI port is called '{name}'{nearest(name, known)}", hint=there)
        self._in.open_port(known.index(name))

    def due(self, from_seconds: float, _to_seconds: float) -> Iterable[Turn]:
        """As `Source`."""
        while (given := self._in.get_message()) is not None:
            status, *data = given[0]
            if status & 0xF0 == _CONTROL:
                yield Turn(from_seconds, data[0], float(data[1]))
            elif status & 0xF0 == _WHEEL:
                yield Turn(from_seconds, BEND, ((data[1] << 7 | data[0]) - 8192) / 8192.0)
