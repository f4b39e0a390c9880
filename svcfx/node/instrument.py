"""VST3 instruments: opened as a session names one, and played from MIDI messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from svcfx.audio import Samples
from svcfx.errors import PresetError
from svcfx.node import catalog, plugins, resting
from svcfx.node.native import External
from svcfx.node.plugin_state import PluginState

CHANNELS = 2
Message = tuple[float, bytes]
"""Seconds, and the bytes of a MIDI message."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An instrument by name or identifier, installed or in a `file`, its state restored, parameters set."""

    wanted: str
    file: Path | None = None
    state: PluginState | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def opened(asked: Asked) -> Any:
    """The VST3 that is asked for.

    Raises:
        PresetError: There is none, it is an effect, or the state is not its.
        ParamError: It has no such parameter, or not of such a value.
    """
    state = asked.state and asked.state.known_by
    named = repr(("instrument", asked.wanted, asked.file, state, sorted(asked.values.items())))
    plugin: Any = resting.opened(named, lambda: _made(asked))
    if not plugin.is_instrument:
        resting.give_back([plugin])
        raise PresetError(
            f"the VST3 '{plugin.name}' is an effect, and a MIDI track is played by an instrument",
            hint="`svcfx plugins list` says which is which; an effect is a node of the stem's preset",
        )
    return plugin


def _made(asked: Asked) -> External:
    plugin = plugins.find(asked.wanted) if asked.file is None else plugins.load(asked.file, asked.wanted)
    return catalog.restored(plugin, asked.values, asked.state)


def play(plugin: Any, messages: Sequence[Message], frames: int, sample_rate: int) -> Samples:
    """What a fresh plugin plays of messages in time order, shape (2, `frames`).

    A message comes in the frame nearest to its seconds.
    """
    exact = [(bytes(data), round(seconds * sample_rate) / sample_rate) for seconds, data in messages]
    asked = (frames + 0.5) / sample_rate  # pedalboard cuts what is left of a frame
    given = plugin.process(exact, asked, float(sample_rate), CHANNELS, reset=True)
    return np.ascontiguousarray(given[:, :frames], np.float32)
