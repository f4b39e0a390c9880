"""VST3 instruments: opened as a session names one, and played from MIDI messages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from svcfx.audio import Samples
from svcfx.errors import PresetError
from svcfx.node import catalog, plugins, resting

CHANNELS = 2
Message = tuple[float, bytes]
"""Seconds, and the bytes of a MIDI message."""


def opened(wanted: str, file: Path | None, values: Mapping[str, Any]) -> Any:
    """The VST3 instrument of a name or identifier, installed or in a file, its parameters set.

    Raises:
        PresetError: There is none, or it is an effect.
        ParamError: It has no such parameter, or not of such a value.
    """
    asked = repr(("instrument", wanted, file, sorted(values.items())))
    plugin: Any = resting.opened(asked, lambda: _made(wanted, file, values))
    if not plugin.is_instrument:
        resting.give_back([plugin])
        raise PresetError(
            f"the VST3 '{plugin.name}' is an effect, and a MIDI track is played by an instrument",
            hint="`svcfx plugins list` says which is which; an effect is a node of the stem's preset",
        )
    return plugin


def _made(wanted: str, file: Path | None, values: Mapping[str, Any]) -> Any:
    plugin = plugins.find(wanted) if file is None else plugins.load(file, wanted)
    catalog.set_external(plugin, values)
    return plugin


def play(plugin: Any, messages: Sequence[Message], frames: int, sample_rate: int) -> Samples:
    """What a fresh plugin plays of messages in time order, shape (2, `frames`).

    A message comes in the frame nearest to its seconds.
    """
    exact = [(bytes(data), round(seconds * sample_rate) / sample_rate) for seconds, data in messages]
    asked = (frames + 0.5) / sample_rate  # pedalboard cuts what is left of a frame
    given = plugin.process(exact, asked, float(sample_rate), CHANNELS, reset=True)
    return np.ascontiguousarray(given[:, :frames], np.float32)
